-- A route: where a route table sends what is bound for one range of addresses.

create table ec2.route (
  region                          text not null default iasql.default_region(),
  route_table                     text not null,
  destination                     cidr not null,
  internet_gateway                text,
  instance                        text,
  gateway_id                      text,
  nat_gateway_id                  text,
  network_interface_id            text,
  transit_gateway_id              text,
  vpc_peering_connection_id       text,
  egress_only_internet_gateway_id text,
  state                           text,
  route_id                        text,
  primary key (region, route_table, destination),
  foreign key (region, route_table) references ec2.route_table (region, name) on update cascade,
  foreign key (region, internet_gateway) references ec2.internet_gateway (region, name) on update cascade,
  foreign key (region, instance) references ec2.instance (region, name) on update cascade,
  constraint a_route_has_exactly_one_target
    check (num_nonnulls(internet_gateway, instance, gateway_id, nat_gateway_id, network_interface_id, transit_gateway_id,
      vpc_peering_connection_id, egress_only_internet_gateway_id) = 1),
  constraint an_egress_only_internet_gateway_takes_ipv6
    check (egress_only_internet_gateway_id is null or family(destination) = 6),
  constraint a_gateway_id_is_that_of_a_virtual_private_gateway
    check (starts_with(gateway_id, 'vgw-'))
);

comment on table ec2.route is 'A route: where a route table sends what is bound for one range of addresses. Its target changes in place, without a gap.';
comment on column ec2.route.region is 'The AWS region, as in us-east-1.';
comment on column ec2.route.route_table is '@immutable @cascade The route table that it belongs to.';
comment on column ec2.route.destination is '@immutable The range of addresses, IPv4 or IPv6: 0.0.0.0/0 is everything that no other route takes.';
comment on column ec2.route.internet_gateway is 'The target: an internet gateway.';
comment on column ec2.route.instance is 'The target: an instance (with one network interface) that passes packets on.';
comment on column ec2.route.gateway_id is 'The target: a virtual private gateway, by its id: vgw-0a1b2c….';
comment on column ec2.route.nat_gateway_id is 'The target: a NAT gateway, by its id: nat-0a1b2c….';
comment on column ec2.route.network_interface_id is 'The target: a network interface, by its id: eni-0a1b2c….';
comment on column ec2.route.transit_gateway_id is 'The target: a transit gateway, by its id: tgw-0a1b2c….';
comment on column ec2.route.vpc_peering_connection_id is 'The target: a VPC peering connection, by its id: pcx-0a1b2c….';
comment on column ec2.route.egress_only_internet_gateway_id is 'The target: an egress-only internet gateway, by its id: eigw-0a1b2c….';
comment on column ec2.route.state is '@cloud active, or blackhole where its target is gone.';
comment on column ec2.route.route_id is '@identity AWS gives routes no ids, so this is where it stands and what it takes: rtb-0a1b2c…,10.0.0.0/8.';

select iasql.register('ec2.route');
