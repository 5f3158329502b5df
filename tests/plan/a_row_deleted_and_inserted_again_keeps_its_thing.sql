select prelude.shop();
delete from ec2.security_group_rule;
delete from ec2.instance;
delete from ec2.security_group;
insert into ec2.security_group (name, vpc, description) values ('web', 'shop', 'Web servers');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0');
insert into ec2.instance (name, subnet, image_id, instance_type) values ('server', 'front', 'ami-1', 't3.micro');
insert into ec2.instance_security_group (instance, security_group) values ('server', 'web');
