-- Which route table a subnet uses, through the whole loop. It has no name and no tags.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('a', 'shop', '10.20.0.0/24'), ('b', 'shop', '10.20.1.0/24');
insert into ec2.route_table (name, vpc) values ('one', 'shop'), ('two', 'shop');

-- create: AssociateRouteTable
insert into ec2.route_table_association (subnet, route_table) values ('a', 'one');

-- update: ReplaceRouteTableAssociation
update ec2.route_table_association set route_table = 'two';

-- lost: AssociateRouteTable

-- replace: DisassociateRouteTable AssociateRouteTable
update ec2.route_table_association set subnet = 'b';

-- delete: DisassociateRouteTable
delete from ec2.route_table_association;

-- adopt:
insert into ec2.route_table_association (subnet, route_table) values ('a', 'one');
