-- A subnet, through the whole loop.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');

-- create: CreateSubnet ModifySubnetAttribute
insert into ec2.subnet (name, vpc, cidr_block, map_public_ip_on_launch) values ('public', 'shop', '10.20.0.0/24', true);

-- update: CreateTags
update ec2.subnet set tags = '{"team": "a"}';

-- drift: ModifySubnetAttribute
{"map_public_ip_on_launch": false}

-- lost: CreateSubnet ModifySubnetAttribute

-- rename: CreateTags
update ec2.subnet set name = 'outer';

-- update: ModifySubnetAttribute
update ec2.subnet set map_public_ip_on_launch = false;

-- replace: CreateSubnet DeleteSubnet
update ec2.subnet set cidr_block = '10.20.7.0/24';

-- delete: DeleteSubnet
delete from ec2.subnet;

-- adopt: CreateTags
insert into ec2.subnet (name, vpc, cidr_block) values ('public', 'shop', '10.20.0.0/24');
