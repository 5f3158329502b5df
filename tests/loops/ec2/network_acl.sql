-- A network ACL, through the whole loop.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'), ('other', '10.30.0.0/16');

-- create: CreateNetworkAcl
insert into ec2.network_acl (name, vpc) values ('shop', 'shop');

-- update: CreateTags
update ec2.network_acl set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- lost: CreateNetworkAcl

-- rename: CreateTags
update ec2.network_acl set name = 'store';

-- replace: CreateNetworkAcl DeleteNetworkAcl
update ec2.network_acl set vpc = 'other';

-- delete: DeleteNetworkAcl
delete from ec2.network_acl;

-- adopt: CreateTags
insert into ec2.network_acl (name, vpc) values ('shop', 'shop');
