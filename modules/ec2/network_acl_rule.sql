-- A rule of a network ACL: one kind of traffic that it lets pass, or does not.

create table ec2.network_acl_rule (
  region              text    not null default iasql.default_region(),
  network_acl         text    not null,
  direction           text    not null,
  rule_number         integer not null,
  rule_action         text    not null,
  protocol            text    not null,
  cidr_block          cidr,
  ipv6_cidr_block     cidr,
  from_port           integer,
  to_port             integer,
  icmp_type           integer,
  icmp_code           integer,
  network_acl_rule_id text,
  primary key (region, network_acl, direction, rule_number),
  foreign key (region, network_acl) references ec2.network_acl (region, name) on update cascade,
  constraint direction_is_ingress_or_egress
    check (direction in ('ingress', 'egress')),
  constraint rule_number_goes_from_1_to_32766
    check (rule_number between 1 and 32766),
  constraint rule_action_is_allow_or_deny
    check (rule_action in ('allow', 'deny')),
  -- the same spelling as in ec2.security_group_rule
  constraint protocol_is_tcp_udp_icmp_icmpv6_a_number_or_minus_1_for_all
    check (protocol in ('tcp', 'udp', 'icmp', 'icmpv6', '-1')
      or protocol ~ '^(0|[1-9][0-9]{0,2})$' and protocol::integer <= 255 and protocol not in ('1', '6', '17', '58')),
  constraint a_rule_has_exactly_one_range
    check (num_nonnulls(cidr_block, ipv6_cidr_block) = 1),
  constraint cidr_block_is_ipv4
    check (family(cidr_block) = 4),
  constraint ipv6_cidr_block_is_ipv6
    check (family(ipv6_cidr_block) = 6),
  constraint tcp_and_udp_have_ports_from_0_to_65535_and_upwards
    check (case when protocol in ('tcp', 'udp')
      then from_port is not null and to_port is not null and from_port between 0 and to_port and to_port <= 65535
      else from_port is null and to_port is null end),
  constraint icmp_has_a_type_and_a_code_from_minus_1_for_all_to_255
    check (case when protocol in ('icmp', 'icmpv6')
      then icmp_type is not null and icmp_code is not null and icmp_type between -1 and 255 and icmp_code between -1 and 255
      else icmp_type is null and icmp_code is null end)
);

comment on table ec2.network_acl_rule is 'A rule of a network ACL, in the API an entry: one kind of traffic that it lets pass, or does not. The first that fits decides, by rule_number; what none fits is dropped. It changes in place, without a gap.';
comment on column ec2.network_acl_rule.region is 'The AWS region, as in us-east-1.';
comment on column ec2.network_acl_rule.network_acl is '@immutable @cascade The network ACL that the rule belongs to.';
comment on column ec2.network_acl_rule.direction is '@immutable ingress (what comes in) or egress (what goes out).';
comment on column ec2.network_acl_rule.rule_number is '@immutable Its place among the others, from 1 to 32766; hundreds leave room.';
comment on column ec2.network_acl_rule.rule_action is 'allow or deny.';
comment on column ec2.network_acl_rule.protocol is 'tcp, udp, icmp, icmpv6, the number of another protocol, or -1 for all.';
comment on column ec2.network_acl_rule.cidr_block is 'The other side: an IPv4 range.';
comment on column ec2.network_acl_rule.ipv6_cidr_block is 'The other side: an IPv6 range.';
comment on column ec2.network_acl_rule.from_port is '@exact The first port, with tcp and udp. NULL: the protocol has no ports.';
comment on column ec2.network_acl_rule.to_port is '@exact The last port, with tcp and udp. NULL: the protocol has no ports.';
comment on column ec2.network_acl_rule.icmp_type is '@exact The type, with icmp and icmpv6; -1 for all. NULL: the protocol has no types.';
comment on column ec2.network_acl_rule.icmp_code is '@exact The code, with icmp and icmpv6; -1 for all. NULL: the protocol has no codes.';
comment on column ec2.network_acl_rule.network_acl_rule_id is '@identity AWS gives rules no ids, so this is where it stands: acl-0a1b2c…,ingress,100.';

select iasql.register('ec2.network_acl_rule');
