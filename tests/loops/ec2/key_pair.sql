-- A key pair, through the whole loop.

-- create: ImportKeyPair
insert into ec2.key_pair (name, public_key) values ('me', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIvVoRa8S6KsN9RAq5zz7Q2pEQeUfVFpLHh2TX/+d/c me@home');

-- update: CreateTags
update ec2.key_pair set tags = '{"team": "a"}';

-- update: DeleteKeyPair ImportKeyPair
update ec2.key_pair set public_key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdCmPC1d2RrbB5S262QYhMYSd0wa+FrOE+auN62pa6P';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- drift: DeleteKeyPair ImportKeyPair
{"public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIvVoRa8S6KsN9RAq5zz7Q2pEQeUfVFpLHh2TX/+d/c"}

-- lost: ImportKeyPair

-- never: rename
-- replace: DeleteKeyPair ImportKeyPair
update ec2.key_pair set name = 'you';

-- delete: DeleteKeyPair
delete from ec2.key_pair;

-- adopt: CreateTags
insert into ec2.key_pair (name, public_key) values ('me', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIvVoRa8S6KsN9RAq5zz7Q2pEQeUfVFpLHh2TX/+d/c');
