-- A route table, through the whole loop.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'), ('other', '10.30.0.0/16');

-- create: CreateRouteTable
insert into ec2.route_table (name, vpc) values ('public', 'shop');

-- update: CreateTags
update ec2.route_table set tags = '{"team": "a"}';

-- drift: CreateTags
{"tags": {"team": "b"}}

-- lost: CreateRouteTable

-- rename: CreateTags
update ec2.route_table set name = 'outer';

-- replace: CreateRouteTable DeleteRouteTable
update ec2.route_table set vpc = 'other';

-- delete: DeleteRouteTable
delete from ec2.route_table;

-- adopt: CreateTags
insert into ec2.route_table (name, vpc) values ('public', 'shop');
