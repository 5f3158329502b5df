-- A network, through the whole loop.

-- create: CreateVpc
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');

-- update: CreateTags
update ec2.vpc set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- lost: CreateVpc

-- rename: CreateTags
update ec2.vpc set name = 'store';

-- replace: CreateVpc DeleteVpc
update ec2.vpc set cidr_block = '10.30.0.0/16';

-- delete: DeleteVpc
delete from ec2.vpc;

-- adopt: CreateTags
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
