-- A load balancer: where requests come in, and in which subnets. And its subnets, and the security groups that it carries.

create table elbv2.load_balancer (
  region                     text    not null default iasql.default_region(),
  name                       text    not null,
  type                       text    not null default 'application',
  scheme                     text,
  ip_address_type            text,
  idle_timeout               integer,
  client_keep_alive          integer,
  deletion_protection        boolean,
  cross_zone                 boolean,
  http2                      boolean,
  drop_invalid_header_fields boolean,
  access_logs_bucket         text,
  access_logs_prefix         text,
  tags                       jsonb   not null default '{}',
  arn                        text,
  dns_name                   text,
  canonical_hosted_zone_id   text,
  vpc_id                     text,
  state                      text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
  constraint a_load_balancer_name_has_1_to_32_letters_digits_and_hyphens
    check (name ~ '^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$' and name !~ '^internal-'),
  constraint type_is_application_network_or_gateway
    check (type in ('application', 'network', 'gateway')),
  constraint scheme_is_internet_facing_or_internal
    check (scheme in ('internet-facing', 'internal')),
  constraint ip_address_type_is_ipv4_dualstack_or_dualstack_without_public_ipv4
    check (ip_address_type in ('ipv4', 'dualstack', 'dualstack-without-public-ipv4')),
  constraint a_connection_may_idle_for_1_to_4000_seconds
    check (idle_timeout between 1 and 4000),
  constraint a_client_is_kept_alive_for_60_to_604800_seconds
    check (client_keep_alive between 60 and 604800),
  constraint a_connection_to_it_is_of_an_application_load_balancer
    check (type = 'application' or num_nonnulls(idle_timeout, client_keep_alive, http2, drop_invalid_header_fields) = 0),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table elbv2.load_balancer is 'A load balancer: where requests come in. Its listeners (elbv2.listener) say where they go.';
comment on column elbv2.load_balancer.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.load_balancer.name is '@immutable Its name, one of its kind in the region.';
comment on column elbv2.load_balancer.type is '@immutable application (HTTP and HTTPS), network (TCP, UDP and TLS) or gateway.';
comment on column elbv2.load_balancer.scheme is '@immutable internet-facing, or internal: only from within its network. NULL: the cloud decides, which means internet-facing.';
comment on column elbv2.load_balancer.ip_address_type is 'By which addresses it is reached: ipv4, dualstack or dualstack-without-public-ipv4. NULL: as it is, at first ipv4.';
comment on column elbv2.load_balancer.idle_timeout is 'For how many seconds a connection may be silent, 1 to 4000. NULL: as it is, at first 60.';
comment on column elbv2.load_balancer.client_keep_alive is 'For how many seconds a client''s connection is used again, 60 to 604800. NULL: as it is, at first 3600.';
comment on column elbv2.load_balancer.deletion_protection is 'Whether AWS refuses to delete it. NULL: as it is, at first not.';
comment on column elbv2.load_balancer.cross_zone is 'Whether requests go to the targets of all zones. NULL: as it is; an application load balancer always does, the others at first not.';
comment on column elbv2.load_balancer.http2 is 'Whether it speaks HTTP/2. NULL: as it is, at first it does.';
comment on column elbv2.load_balancer.drop_invalid_header_fields is 'Whether headers with odd names are dropped. NULL: as it is, at first they pass.';
comment on column elbv2.load_balancer.access_logs_bucket is 'The name of the S3 bucket that each request is noted in; the bucket''s policy must let the load balancer write. NULL: as it is, at first nothing is noted; an empty text: nothing.';
comment on column elbv2.load_balancer.access_logs_prefix is 'What the keys in that bucket begin with. NULL: as it is; an empty text: nothing.';
comment on column elbv2.load_balancer.tags is 'Tags by key.';
comment on column elbv2.load_balancer.arn is '@identity The name that AWS gave it: arn:aws:elasticloadbalancing:….';
comment on column elbv2.load_balancer.dns_name is '@cloud The host name by which it is reached.';
comment on column elbv2.load_balancer.canonical_hosted_zone_id is '@cloud The Route 53 zone of that host name, which an alias record asks for.';
comment on column elbv2.load_balancer.vpc_id is '@cloud The id of the VPC that its subnets are of.';
comment on column elbv2.load_balancer.state is '@cloud What it is doing: provisioning, active, active_impaired or failed.';

select iasql.register('elbv2.load_balancer');

create table elbv2.load_balancer_subnet (
  region        text not null default iasql.default_region(),
  load_balancer text not null,
  subnet        text not null,
  primary key (region, load_balancer, subnet),
  foreign key (region, load_balancer) references elbv2.load_balancer (region, name) on update cascade on delete cascade,
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade
);

comment on table elbv2.load_balancer_subnet is 'The subnets that a load balancer stands in, one of each zone: two at least for an application load balancer.';
comment on column elbv2.load_balancer_subnet.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.load_balancer_subnet.load_balancer is '@part subnets The load balancer.';
comment on column elbv2.load_balancer_subnet.subnet is 'A subnet that it stands in.';

select iasql.register('elbv2.load_balancer_subnet');

create table elbv2.load_balancer_security_group (
  region         text not null default iasql.default_region(),
  load_balancer  text not null,
  security_group text not null,
  primary key (region, load_balancer, security_group),
  foreign key (region, load_balancer) references elbv2.load_balancer (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table elbv2.load_balancer_security_group is 'The security groups that a load balancer carries. No row: AWS gives an application load balancer the default group of its VPC, and others none.';
comment on column elbv2.load_balancer_security_group.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.load_balancer_security_group.load_balancer is '@part security_groups The load balancer.';
comment on column elbv2.load_balancer_security_group.security_group is 'A security group that it carries.';

select iasql.register('elbv2.load_balancer_security_group');
