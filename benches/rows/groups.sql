-- 1,000 security groups with a rule each, under the row_ids that the canned server tells of.

insert into ec2.vpc (name, cidr_block, row_id) values ('main', '10.0.0.0/16', '00000000-0000-4000-8000-000000000000');

insert into ec2.security_group (name, vpc, row_id)
select 'group-' || k, 'main', ('00000000-0000-4000-8001-' || lpad(k::text, 12, '0'))::uuid from generate_series(1, 1000) k;

insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4, row_id)
select 'group-' || k, 'ingress', 'tcp', 443, 443, '10.0.0.0/8', ('00000000-0000-4000-8002-' || lpad(k::text, 12, '0'))::uuid from generate_series(1, 1000) k;
