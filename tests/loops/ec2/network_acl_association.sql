-- Which network ACL a subnet uses. Every subnet has one from its first moment on, so it is created only along with its subnet, adopted
-- otherwise, and never lost.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.network_acl (name, vpc) values ('a', 'shop'), ('b', 'shop');
insert into ec2.subnet (name, vpc, cidr_block) values ('other', 'shop', '10.20.1.0/24');

-- create: CreateSubnet ReplaceNetworkAclAssociation
insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24');
insert into ec2.network_acl_association (subnet, network_acl) values ('shop', 'a');

-- update: ReplaceNetworkAclAssociation
update ec2.network_acl_association set network_acl = 'b';

-- replace: ReplaceNetworkAclAssociation ReplaceNetworkAclAssociation
update ec2.network_acl_association set subnet = 'other';

-- delete: ReplaceNetworkAclAssociation
delete from ec2.network_acl_association;

-- adopt:
insert into ec2.network_acl_association (subnet, network_acl) values ('shop', 'a');
