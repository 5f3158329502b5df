-- A target: one instance, or one address, that answers for a target group.

create table elbv2.target (
  region            text    not null default iasql.default_region(),
  target_group      text    not null,
  instance          text,
  ip                inet,
  port              integer not null,
  availability_zone text,
  state             text,
  reason            text,
  target_id         text,
  constraint a_target_stands_once_in_its_group
    unique nulls not distinct (region, target_group, instance, ip, port),
  foreign key (region, target_group) references elbv2.target_group (region, name) on update cascade,
  foreign key (region, instance) references ec2.instance (region, name) on update cascade,
  constraint a_target_is_an_instance_or_an_address
    check (num_nonnulls(instance, ip) = 1),
  constraint ip_is_one_address
    check (masklen(ip) = case family(ip) when 4 then 32 else 128 end),
  constraint a_port_is_one_of_65535
    check (port between 1 and 65535),
  constraint availability_zone_is_all_or_one_of_its_region
    check (availability_zone = 'all' or starts_with(availability_zone, region))
);

comment on table elbv2.target is 'A target: one instance, or one address, that answers for a target group. Those that a service registers by itself need no row. It changes by a new one and the end of the old.';
comment on column elbv2.target.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.target.target_group is '@immutable @cascade The target group that it answers for.';
comment on column elbv2.target.instance is '@immutable The instance, in a group of instances.';
comment on column elbv2.target.ip is '@immutable The address, in a group of addresses.';
comment on column elbv2.target.port is '@immutable The port where it listens.';
comment on column elbv2.target.availability_zone is '@immutable For an address outside the group''s VPC: its zone, or all. NULL: the zone of its subnet.';
comment on column elbv2.target.state is '@cloud How it is: initial, healthy, unhealthy, unused, unavailable.';
comment on column elbv2.target.reason is '@cloud Why it is not healthy, in AWS'' word: Target.FailedHealthChecks, Elb.InitialHealthChecking….';
comment on column elbv2.target.target_id is '@identity The group, the target and its port, with commas in between.';

select iasql.register('elbv2.target');
