-- A route's target may be a NAT gateway, a Gateway Load Balancer's endpoint or a peering connection of one's own tables, by reference.

select iasql.begin_change('ec2.route');

alter table ec2.route
  add column nat_gateway            text,
  add column vpc_endpoint           text,
  add column vpc_peering_connection text,
  add foreign key (region, nat_gateway) references ec2.nat_gateway (region, name) on update cascade,
  add foreign key (region, vpc_endpoint) references ec2.vpc_endpoint (region, name) on update cascade,
  add foreign key (region, vpc_peering_connection) references ec2.vpc_peering_connection (region, name) on update cascade,
  drop constraint a_route_has_exactly_one_target,
  add constraint a_route_has_exactly_one_target
    check (num_nonnulls(internet_gateway, instance, gateway_id, nat_gateway, nat_gateway_id, network_interface_id, transit_gateway_id,
      vpc_endpoint, vpc_peering_connection, vpc_peering_connection_id, egress_only_internet_gateway_id) = 1);

create index on ec2.route (region, nat_gateway);
create index on ec2.route (region, vpc_endpoint);
create index on ec2.route (region, vpc_peering_connection);

comment on column ec2.route.nat_gateway is 'The target: a NAT gateway.';
comment on column ec2.route.vpc_endpoint is 'The target: an endpoint of the type GatewayLoadBalancer.';
comment on column ec2.route.vpc_peering_connection is 'The target: a VPC peering connection.';
comment on column ec2.route.nat_gateway_id is 'The target: a NAT gateway that has no row, by its id: nat-0a1b2c….';
comment on column ec2.route.vpc_peering_connection_id is 'The target: a VPC peering connection that has no row, by its id: pcx-0a1b2c….';

select iasql.end_change('ec2.route');

create index on observed.ec2_route (nat_gateway);
create index on observed.ec2_route (vpc_endpoint);
create index on observed.ec2_route (vpc_peering_connection);
