-- A VPC endpoint: a private way from a VPC to a service. And the route tables, subnets and security groups that it has.

create table ec2.vpc_endpoint (
  region              text    not null default iasql.default_region(),
  name                text    not null,
  vpc                 text    not null,
  service_name        text    not null,
  vpc_endpoint_type   text    not null default 'Gateway',
  policy_document     jsonb,
  private_dns_enabled boolean,
  ip_address_type     text,
  tags                jsonb   not null default '{}',
  vpc_endpoint_id     text,
  state               text,
  dns_name            text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  constraint vpc_endpoint_type_is_gateway_interface_or_gatewayloadbalancer
    check (vpc_endpoint_type in ('Gateway', 'Interface', 'GatewayLoadBalancer')),
  constraint a_service_name_has_dots_as_in_com_amazonaws_us_east_1_s3
    check (service_name ~ '^[a-z0-9-]+(\.[a-zA-Z0-9_-]+)+$'),
  constraint a_policy_is_an_object_with_statements
    check (policy_document is null or jsonb_typeof(policy_document) = 'object' and policy_document -> 'Statement' -> 0 is not null),
  constraint only_an_interface_endpoint_has_private_dns
    check (vpc_endpoint_type = 'Interface' or private_dns_enabled is not true),
  constraint ip_address_type_is_ipv4_ipv6_or_dualstack
    check (ip_address_type in ('ipv4', 'ipv6', 'dualstack')),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.vpc_endpoint is 'A VPC endpoint: a private way from a VPC to a service of AWS or of somebody else.';
comment on column ec2.vpc_endpoint.region is 'The AWS region, as in us-east-1.';
comment on column ec2.vpc_endpoint.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.vpc_endpoint.vpc is '@immutable The VPC that it is in.';
comment on column ec2.vpc_endpoint.service_name is '@immutable The service, as in com.amazonaws.us-east-1.s3.';
comment on column ec2.vpc_endpoint.vpc_endpoint_type is '@immutable Gateway (S3 and DynamoDB, by routes, without charge), Interface (a network interface in each of its subnets) or GatewayLoadBalancer.';
comment on column ec2.vpc_endpoint.policy_document is 'Who may do what by this way, in AWS'' policy language. However it is written, it is kept in one spelling: lists sorted, names in full. NULL: as it is, at first everybody everything.';
comment on column ec2.vpc_endpoint.private_dns_enabled is 'Whether the service''s usual host name leads to it inside the VPC, which needs both DNS settings of the VPC (ec2.vpc_attribute). NULL: AWS decides.';
comment on column ec2.vpc_endpoint.ip_address_type is 'ipv4, ipv6 or dualstack. NULL: AWS decides, by its subnets.';
comment on column ec2.vpc_endpoint.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.vpc_endpoint.vpc_endpoint_id is '@identity The id that AWS gave it: vpce-0a1b2c….';
comment on column ec2.vpc_endpoint.state is '@cloud pending, pendingAcceptance (its service''s owner has yet to agree), available, deleting, rejected, failed.';
comment on column ec2.vpc_endpoint.dns_name is '@cloud The host name of an interface endpoint in all its zones.';

create trigger spell_policy before insert or update on ec2.vpc_endpoint
  for each row execute function iasql.spell_policy('policy_document');

select iasql.register('ec2.vpc_endpoint');

create table ec2.vpc_endpoint_route_table (
  region       text not null default iasql.default_region(),
  vpc_endpoint text not null,
  route_table  text not null,
  primary key (region, vpc_endpoint, route_table),
  foreign key (region, vpc_endpoint) references ec2.vpc_endpoint (region, name) on update cascade on delete cascade,
  foreign key (region, route_table) references ec2.route_table (region, name) on update cascade
);

comment on table ec2.vpc_endpoint_route_table is 'The route tables that lead to a gateway endpoint; AWS keeps the routes in them. No row: it stays with those it has, at first none.';
comment on column ec2.vpc_endpoint_route_table.region is 'The AWS region, as in us-east-1.';
comment on column ec2.vpc_endpoint_route_table.vpc_endpoint is '@part route_tables The gateway endpoint.';
comment on column ec2.vpc_endpoint_route_table.route_table is 'A route table that leads to it.';

select iasql.register('ec2.vpc_endpoint_route_table');

create table ec2.vpc_endpoint_subnet (
  region       text not null default iasql.default_region(),
  vpc_endpoint text not null,
  subnet       text not null,
  primary key (region, vpc_endpoint, subnet),
  foreign key (region, vpc_endpoint) references ec2.vpc_endpoint (region, name) on update cascade on delete cascade,
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade
);

comment on table ec2.vpc_endpoint_subnet is 'The subnets in which an endpoint has a network interface: one of each zone at most. No row: those it has, at first none.';
comment on column ec2.vpc_endpoint_subnet.region is 'The AWS region, as in us-east-1.';
comment on column ec2.vpc_endpoint_subnet.vpc_endpoint is '@part subnets The endpoint.';
comment on column ec2.vpc_endpoint_subnet.subnet is 'A subnet in which it has a network interface.';

select iasql.register('ec2.vpc_endpoint_subnet');

create table ec2.vpc_endpoint_security_group (
  region         text not null default iasql.default_region(),
  vpc_endpoint   text not null,
  security_group text not null,
  primary key (region, vpc_endpoint, security_group),
  foreign key (region, vpc_endpoint) references ec2.vpc_endpoint (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table ec2.vpc_endpoint_security_group is 'The security groups of an interface endpoint. No row: AWS gives it the default group of its VPC.';
comment on column ec2.vpc_endpoint_security_group.region is 'The AWS region, as in us-east-1.';
comment on column ec2.vpc_endpoint_security_group.vpc_endpoint is '@part security_groups The interface endpoint.';
comment on column ec2.vpc_endpoint_security_group.security_group is 'A security group that its network interfaces carry.';

select iasql.register('ec2.vpc_endpoint_security_group');
