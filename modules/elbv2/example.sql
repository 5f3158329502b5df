-- A web site in two zones: whatever comes in on port 80 goes to one instance, and /old to a page that says so.

insert into ec2.vpc (name, cidr_block) values ('shop-web', '10.40.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('shop-web-a', 'shop-web', '10.40.0.0/24', iasql.default_region() || 'a'),
  ('shop-web-b', 'shop-web', '10.40.1.0/24', iasql.default_region() || 'b');
insert into ec2.security_group (name, vpc, description) values ('shop-web', 'shop-web', 'Who reaches the web site');
insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values
  ('shop-web', 'ingress', 'tcp', 80, 80, '0.0.0.0/0');

insert into elbv2.load_balancer (name) values ('shop');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'shop-web-a'), ('shop', 'shop-web-b');
insert into elbv2.load_balancer_security_group (load_balancer, security_group) values ('shop', 'shop-web');
insert into elbv2.target_group (name, target_type, protocol, port, vpc, health_check_path) values
  ('shop', 'ip', 'HTTP', 8080, 'shop-web', '/health');
insert into elbv2.target (target_group, ip, port) values ('shop', '10.40.0.10', 8080);
insert into elbv2.listener (name, load_balancer, port, protocol, target_group) values ('shop-http', 'shop', 80, 'HTTP', 'shop');
insert into elbv2.listener_rule (listener, priority, conditions, fixed_response) values
  ('shop-http', 10, '{"path_pattern": ["/old/*"]}', '{"status_code": "410", "content_type": "text/plain", "message_body": "gone"}');
