-- Subnet groups, through the whole loop. The emulator loses a group's subnets when they change, so only tags do here.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b');

-- create: CreateDBSubnetGroup
insert into rds.db_subnet_group (name) values ('shop');
insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('shop', 'a'), ('shop', 'b');

-- update: AddTagsToResource
update rds.db_subnet_group set tags = '{"team": "a"}';

-- drift: AddTagsToResource
{"tags": {"team": "b"}}

-- lost: CreateDBSubnetGroup

-- replace: CreateDBSubnetGroup DeleteDBSubnetGroup
update rds.db_subnet_group set name = 'store';

-- delete: DeleteDBSubnetGroup
delete from rds.db_subnet_group;

-- adopt: AddTagsToResource
insert into rds.db_subnet_group (name) values ('shop');
insert into rds.db_subnet_group_subnet (db_subnet_group, subnet) values ('shop', 'a'), ('shop', 'b');
