-- A rule of a listener, through the whole loop.

-- modules: acm ec2 elbv2

-- ground: CreateVpc CreateSubnet CreateSubnet CreateLoadBalancer CreateTargetGroup CreateListener CreateListener
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b');
insert into elbv2.load_balancer (name) values ('shop');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'a'), ('shop', 'b');
insert into elbv2.target_group (name, target_type, protocol, port, vpc) values ('shop', 'ip', 'HTTP', 8080, 'shop');
insert into elbv2.listener (name, load_balancer, port, protocol, fixed_response) values
  ('http', 'shop', 80, 'HTTP', '{"status_code": "404"}'), ('other', 'shop', 8080, 'HTTP', '{"status_code": "404"}');

-- create: CreateRule
insert into elbv2.listener_rule (listener, priority, conditions, target_group) values
  ('http', 10, '{"path_pattern": ["/b/*", "/a/*", "/b/*"], "http_header": {"X-Shop": "a"}}', 'shop');

-- update: ModifyRule AddTags
update elbv2.listener_rule set conditions = '{"host_header": "shop.example.org"}', target_group = null,
  redirect = '{"host": "example.org", "status_code": "HTTP_302"}', tags = '{"team": "a"}';

-- drift: ModifyRule
{"conditions": {"source_ip": ["10.0.0.0/8"]}}

-- lost: CreateRule

-- rename: SetRulePriorities
update elbv2.listener_rule set priority = 20;

-- replace: CreateRule DeleteRule
update elbv2.listener_rule set listener = 'other';

-- delete: DeleteRule
delete from elbv2.listener_rule;

-- adopt: AddTags
insert into elbv2.listener_rule (listener, priority, conditions, fixed_response) values ('http', 10, '{"path_pattern": ["/gone"]}', '{"status_code": "410"}');
