-- As version 1 has it: a route that refers to one of these is one by its id.

select iasql.begin_change('ec2.route');

alter table ec2.route drop constraint a_route_has_exactly_one_target;
update ec2.route r set nat_gateway_id = g.nat_gateway_id from ec2.nat_gateway g where (g.region, g.name) = (r.region, r.nat_gateway);
update ec2.route r set vpc_peering_connection_id = p.vpc_peering_connection_id
from   ec2.vpc_peering_connection p where (p.region, p.name) = (r.region, r.vpc_peering_connection);
alter table ec2.route drop column nat_gateway, drop column vpc_endpoint, drop column vpc_peering_connection;
-- what has no id yet, or can't be said in version 1, goes
delete from ec2.route where num_nonnulls(internet_gateway, instance, gateway_id, nat_gateway_id, network_interface_id, transit_gateway_id,
  vpc_peering_connection_id, egress_only_internet_gateway_id) = 0;
alter table ec2.route add constraint a_route_has_exactly_one_target
  check (num_nonnulls(internet_gateway, instance, gateway_id, nat_gateway_id, network_interface_id, transit_gateway_id,
    vpc_peering_connection_id, egress_only_internet_gateway_id) = 1);

comment on column ec2.route.nat_gateway_id is 'The target: a NAT gateway, by its id: nat-0a1b2c….';
comment on column ec2.route.vpc_peering_connection_id is 'The target: a VPC peering connection, by its id: pcx-0a1b2c….';

select iasql.end_change('ec2.route');
