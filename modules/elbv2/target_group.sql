-- A target group: what answers the requests, and how its health is looked after.

create table elbv2.target_group (
  region                        text    not null default iasql.default_region(),
  name                          text    not null,
  target_group_name             text,
  target_type                   text    not null default 'instance',
  protocol                      text,
  protocol_version              text,
  port                          integer,
  vpc                           text,
  ip_address_type               text,
  health_check_enabled          boolean,
  health_check_protocol         text,
  health_check_port             text,
  health_check_path             text,
  health_check_interval_seconds integer,
  health_check_timeout_seconds  integer,
  healthy_threshold_count       integer,
  unhealthy_threshold_count     integer,
  matcher                       text,
  deregistration_delay          integer,
  slow_start                    integer,
  stickiness                    boolean,
  stickiness_type               text,
  stickiness_duration           integer,
  load_balancing_algorithm      text,
  tags                          jsonb   not null default '{}',
  arn                           text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  -- https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
  constraint a_target_group_name_has_1_to_32_letters_digits_and_hyphens
    check (target_group_name ~ '^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$' and target_group_name !~ '--'),
  constraint target_type_is_instance_ip_lambda_or_alb
    check (target_type in ('instance', 'ip', 'lambda', 'alb')),
  constraint protocol_is_http_https_tcp_tls_udp_tcp_udp_or_geneve
    check (protocol in ('HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE')),
  constraint protocol_version_is_http1_http2_or_grpc
    check (protocol_version in ('HTTP1', 'HTTP2', 'GRPC') and protocol in ('HTTP', 'HTTPS')),
  constraint a_port_is_one_of_65535
    check (port between 1 and 65535),
  constraint a_function_has_no_port_and_all_others_have_protocol_port_and_vpc
    check (case when target_type = 'lambda' then num_nonnulls(protocol, port, vpc) = 0 else num_nonnulls(protocol, port, vpc) = 3 end),
  constraint ip_address_type_is_ipv4_or_ipv6
    check (ip_address_type in ('ipv4', 'ipv6')),
  constraint health_check_protocol_is_http_https_or_tcp
    check (health_check_protocol in ('HTTP', 'HTTPS', 'TCP')),
  constraint health_check_port_is_a_port_or_traffic_port
    check (health_check_port = 'traffic-port' or health_check_port ~ '^[1-9][0-9]{0,4}$'),
  constraint a_health_check_path_begins_with_a_slash
    check (starts_with(health_check_path, '/') and length(health_check_path) <= 1024),
  constraint health_is_checked_every_5_to_300_seconds
    check (health_check_interval_seconds between 5 and 300),
  constraint a_health_check_takes_2_to_120_seconds
    check (health_check_timeout_seconds between 2 and 120 and health_check_timeout_seconds <= health_check_interval_seconds),
  constraint thresholds_are_2_to_10
    check (healthy_threshold_count between 2 and 10 and unhealthy_threshold_count between 2 and 10),
  constraint targets_leave_within_0_to_3600_seconds
    check (deregistration_delay between 0 and 3600),
  constraint a_slow_start_takes_30_to_900_seconds_or_0
    check (slow_start = 0 or slow_start between 30 and 900),
  constraint a_client_sticks_for_1_to_604800_seconds
    check (stickiness_duration between 1 and 604800),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table elbv2.target_group is '@create_before_destroy A target group: what answers the requests of listeners and rules. A replacement is there, and they are moved over to it, before the old one goes.';
comment on column elbv2.target_group.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.target_group.name is 'The Name tag. Renaming a row renames the thing.';
comment on column elbv2.target_group.target_group_name is '@immutable AWS'' own name for it, one of its kind in the region. NULL: made up from name at its creation, so that a replacement can be there before the old one goes; with a name of yours no replacement can be made.';
comment on column elbv2.target_group.target_type is '@immutable What its targets are: instance, ip (addresses), lambda or alb.';
comment on column elbv2.target_group.protocol is '@immutable How its targets are spoken to: HTTP or HTTPS behind an application load balancer; TCP, TLS, UDP or TCP_UDP behind a network one; GENEVE behind a gateway.';
comment on column elbv2.target_group.protocol_version is '@immutable HTTP1, HTTP2 or GRPC. NULL: the cloud decides, which means HTTP1.';
comment on column elbv2.target_group.port is '@immutable The port of targets that name none.';
comment on column elbv2.target_group.vpc is '@immutable The VPC of its targets.';
comment on column elbv2.target_group.ip_address_type is '@immutable ipv4 or ipv6. NULL: the cloud decides, which means ipv4.';
comment on column elbv2.target_group.health_check_enabled is 'Whether health is checked; only for lambda it can be off. NULL: as it is, at first usual for its type.';
comment on column elbv2.target_group.health_check_protocol is 'How: HTTP, HTTPS or TCP. NULL: as it is, at first HTTP behind an application load balancer and TCP behind a network one.';
comment on column elbv2.target_group.health_check_port is 'Where: a port, or traffic-port for the target''s own. NULL: as it is, at first traffic-port.';
comment on column elbv2.target_group.health_check_path is 'What is asked for. NULL: as it is, at first /.';
comment on column elbv2.target_group.health_check_interval_seconds is 'How often: every 5 to 300 seconds. NULL: as it is, at first 30.';
comment on column elbv2.target_group.health_check_timeout_seconds is 'How long an answer may take: 2 to 120 seconds. NULL: as it is, at first usual for its protocol.';
comment on column elbv2.target_group.healthy_threshold_count is 'How many good answers make a target healthy: 2 to 10. NULL: as it is, at first 5.';
comment on column elbv2.target_group.unhealthy_threshold_count is 'How many bad ones make it unhealthy: 2 to 10. NULL: as it is, at first 2.';
comment on column elbv2.target_group.matcher is 'Which status codes are good answers, as in 200 or 200-299; with GRPC its own codes. NULL: as it is, at first 200 (GRPC: 12).';
comment on column elbv2.target_group.deregistration_delay is 'For how many seconds a target that leaves may finish what it is at, 0 to 3600. NULL: as it is, at first 300.';
comment on column elbv2.target_group.slow_start is 'For how many seconds a new target gets fewer requests, 30 to 900; 0: not at all. NULL: as it is, at first 0.';
comment on column elbv2.target_group.stickiness is 'Whether a client stays with its target. NULL: as it is, at first not.';
comment on column elbv2.target_group.stickiness_type is 'How it is known again: lb_cookie, source_ip and others. NULL: as it is, at first usual for its protocol.';
comment on column elbv2.target_group.stickiness_duration is 'For how many seconds the cookie lb_cookie is good, 1 to 604800. NULL: as it is, at first 86400.';
comment on column elbv2.target_group.load_balancing_algorithm is 'Who is next: round_robin, least_outstanding_requests or weighted_random. NULL: as it is, at first round_robin.';
comment on column elbv2.target_group.tags is 'Tags by key, without Name (that is the column name).';
comment on column elbv2.target_group.arn is '@identity The name that AWS gave it: arn:aws:elasticloadbalancing:….';

select iasql.register('elbv2.target_group');
