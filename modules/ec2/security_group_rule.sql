-- A rule of a security group: one kind of traffic that it lets pass.

create table ec2.security_group_rule (
  region                    text    not null default iasql.default_region(),
  security_group            text    not null,
  direction                 text    not null,
  ip_protocol               text    not null,
  from_port                 integer,
  to_port                   integer,
  cidr_ipv4                 cidr,
  cidr_ipv6                 cidr,
  prefix_list_id            text,
  referenced_security_group text,
  description               text,
  tags                      jsonb   not null default '{}',
  security_group_rule_id    text,
  constraint a_rule_stands_once_in_its_group
    unique nulls not distinct (region, security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_security_group),
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade,
  foreign key (region, referenced_security_group) references ec2.security_group (region, name) on update cascade,
  constraint direction_is_ingress_or_egress
    check (direction in ('ingress', 'egress')),
  -- AWS shows these numbers by their names, so there is one way to write each
  constraint ip_protocol_is_tcp_udp_icmp_icmpv6_a_number_or_minus_1_for_all
    check (ip_protocol in ('tcp', 'udp', 'icmp', 'icmpv6', '-1')
      or ip_protocol ~ '^(0|[1-9][0-9]{0,2})$' and ip_protocol::integer <= 255 and ip_protocol not in ('1', '6', '17', '58')),
  constraint tcp_udp_and_icmp_have_ports_and_others_have_none
    check (case when ip_protocol in ('tcp', 'udp', 'icmp', 'icmpv6')
      then from_port is not null and to_port is not null
      else from_port is null and to_port is null end),
  constraint ports_go_from_0_to_65535_and_upwards
    check (ip_protocol not in ('tcp', 'udp') or from_port between 0 and to_port and to_port <= 65535),
  constraint icmp_types_and_codes_go_from_minus_1_for_all_to_255
    check (ip_protocol not in ('icmp', 'icmpv6')
      or from_port between -1 and 255 and to_port between -1 and 255 and (from_port <> -1 or to_port = -1)),
  constraint a_rule_has_exactly_one_other_side
    check (num_nonnulls(cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_security_group) = 1),
  constraint cidr_ipv4_is_ipv4
    check (family(cidr_ipv4) = 4),
  constraint cidr_ipv6_is_ipv6
    check (family(cidr_ipv6) = 6),
  constraint a_rule_description_has_up_to_255_plain_characters
    check (description ~ '^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{0,255}$'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.security_group_rule is 'A rule of a security group: one kind of traffic that it lets pass. It changes in place, without a gap for its neighbours.';
comment on column ec2.security_group_rule.region is 'The AWS region, as in us-east-1.';
comment on column ec2.security_group_rule.security_group is '@immutable @cascade The group that the rule belongs to.';
comment on column ec2.security_group_rule.direction is '@immutable ingress (what comes in) or egress (what goes out).';
comment on column ec2.security_group_rule.ip_protocol is 'tcp, udp, icmp, icmpv6, the number of another protocol, or -1 for all.';
comment on column ec2.security_group_rule.from_port is 'The first port; with ICMP the type, -1 for all types. NULL with every other protocol, which has no ports.';
comment on column ec2.security_group_rule.to_port is 'The last port; with ICMP the code, -1 for all codes. NULL with every other protocol, which has no ports.';
comment on column ec2.security_group_rule.cidr_ipv4 is 'The other side: an IPv4 range.';
comment on column ec2.security_group_rule.cidr_ipv6 is 'The other side: an IPv6 range.';
comment on column ec2.security_group_rule.prefix_list_id is 'The other side: a prefix list, by its id: pl-0a1b2c….';
comment on column ec2.security_group_rule.referenced_security_group is 'The other side: whatever carries this security group.';
comment on column ec2.security_group_rule.description is 'What it is for. NULL: as it is; an empty text: none.';
comment on column ec2.security_group_rule.tags is 'Tags by key.';
comment on column ec2.security_group_rule.security_group_rule_id is '@identity The id that AWS gave it: sgr-0a1b2c….';

select iasql.register('ec2.security_group_rule');
