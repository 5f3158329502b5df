-- A route, through the whole loop. It has no name and no tags. What somebody else turns it to stands in tests/engine/network.rs: such a
-- target is named by its id.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16'), ('office', '10.30.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block) values ('shop', 'shop', '10.20.0.0/24');
insert into ec2.internet_gateway (name, vpc) values ('shop', 'shop');
insert into ec2.nat_gateway (name, subnet, connectivity_type) values ('shop', 'shop', 'private');
insert into ec2.vpc_peering_connection (name, vpc, peer_vpc) values ('shop', 'shop', 'office');
insert into ec2.route_table (name, vpc) values ('shop', 'shop');

-- create: CreateRoute
insert into ec2.route (route_table, destination, internet_gateway) values ('shop', '0.0.0.0/0', 'shop');

-- update: ReplaceRoute
update ec2.route set internet_gateway = null, nat_gateway = 'shop';

-- update: ReplaceRoute
update ec2.route set nat_gateway = null, vpc_peering_connection = 'shop';

-- lost: CreateRoute

-- replace: DeleteRoute CreateRoute
update ec2.route set destination = '10.30.0.0/16';

-- delete: DeleteRoute
delete from ec2.route;

-- create: CreateRoute
insert into ec2.route (route_table, destination, nat_gateway) values ('shop', '0.0.0.0/0', 'shop');

-- delete: DeleteRoute
delete from ec2.route;

-- adopt:
insert into ec2.route (route_table, destination, internet_gateway) values ('shop', '0.0.0.0/0', 'shop');
