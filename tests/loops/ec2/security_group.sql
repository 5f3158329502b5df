-- A security group, through the whole loop.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');

-- create: CreateSecurityGroup
insert into ec2.security_group (name, vpc, description) values ('web', 'shop', 'What the world reaches');

-- update: CreateTags
update ec2.security_group set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- lost: CreateSecurityGroup

-- rename: CreateTags
update ec2.security_group set name = 'front';

-- replace: CreateSecurityGroup DeleteSecurityGroup
update ec2.security_group set description = 'What everybody reaches';

-- delete: DeleteSecurityGroup
delete from ec2.security_group;

-- adopt: CreateTags
insert into ec2.security_group (name, vpc) values ('web', 'shop');
