-- A row of each sort: one that others refer to, one that refers, one that is somebody else's, one with a secret.
insert into ec2.vpc (name, cidr_block) values ('core', '10.0.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'core', '10.0.1.0/24');
insert into ec2.vpc (name, cidr_block, vpc_id, reference_only) values ('theirs', '10.1.0.0/16', 'vpc-1', true);
insert into secretsmanager.secret (name, value) values ('s', 'one');
