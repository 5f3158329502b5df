-- A rule of a security group, through the whole loop. It has no name.

-- never: rename

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.security_group (name, vpc) values ('web', 'shop');

-- create: AuthorizeSecurityGroupIngress
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, description) values
  ('web', 'ingress', 'tcp', 80, 80, '10.0.0.0/8', 'HTTP');

-- update: ModifySecurityGroupRules
update ec2.security_group_rule set to_port = 81;

-- update: CreateTags
update ec2.security_group_rule set tags = '{"team": "a"}';

-- drift: ModifySecurityGroupRules
{"description": "Something else"}

-- lost: AuthorizeSecurityGroupIngress

-- replace: RevokeSecurityGroupIngress AuthorizeSecurityGroupEgress
update ec2.security_group_rule set direction = 'egress';

-- delete: RevokeSecurityGroupEgress
delete from ec2.security_group_rule;

-- adopt: CreateTags
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp', 443, 443, '10.0.0.0/8');
