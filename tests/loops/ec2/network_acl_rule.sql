-- A rule of a network ACL, through the whole loop. It has no name and no tags. The local cloud forgets the
-- types and codes of ICMP; that they go out is told in tests/aws/ec2/network_acl_rule.rs.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.network_acl (name, vpc) values ('shop', 'shop');

-- create: CreateNetworkAclEntry CreateNetworkAclEntry CreateNetworkAclEntry
insert into ec2.network_acl_rule (network_acl, direction, rule_number, rule_action, protocol, cidr_block, from_port, to_port) values
  ('shop', 'ingress', 100, 'allow', 'tcp', '0.0.0.0/0', 443, 443);
insert into ec2.network_acl_rule (network_acl, direction, rule_number, rule_action, protocol, cidr_block) values
  ('shop', 'egress', 100, 'allow', '-1', '0.0.0.0/0');
insert into ec2.network_acl_rule (network_acl, direction, rule_number, rule_action, protocol, ipv6_cidr_block, from_port, to_port) values
  ('shop', 'ingress', 200, 'deny', 'udp', '::/0', 0, 65535);

-- update: ReplaceNetworkAclEntry
update ec2.network_acl_rule set to_port = 450 where protocol = 'tcp';

-- update: ReplaceNetworkAclEntry
update ec2.network_acl_rule set protocol = '-1', from_port = null, to_port = null where protocol = 'udp';

-- drift: ReplaceNetworkAclEntry
{"rule_action": "deny", "cidr_block": "10.0.0.0/8", "ipv6_cidr_block": null}

-- lost: CreateNetworkAclEntry

-- replace: DeleteNetworkAclEntry CreateNetworkAclEntry
update ec2.network_acl_rule set rule_number = 110 where protocol = 'tcp';

-- delete: DeleteNetworkAclEntry DeleteNetworkAclEntry DeleteNetworkAclEntry
delete from ec2.network_acl_rule;

-- adopt:
insert into ec2.network_acl_rule (network_acl, direction, rule_number, rule_action, protocol, cidr_block) values
  ('shop', 'egress', 100, 'allow', '-1', '0.0.0.0/0');
