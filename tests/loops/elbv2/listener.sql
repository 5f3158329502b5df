-- A listener, through the whole loop.

-- modules: acm ec2 elbv2

-- ground: CreateVpc CreateSubnet CreateSubnet CreateLoadBalancer CreateLoadBalancer CreateTargetGroup
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b');
insert into elbv2.load_balancer (name) values ('shop'), ('other');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'a'), ('shop', 'b'), ('other', 'a'), ('other', 'b');
insert into elbv2.target_group (name, target_type, protocol, port, vpc) values ('shop', 'ip', 'HTTP', 8080, 'shop');

-- create: CreateListener
insert into elbv2.listener (name, load_balancer, port, protocol, redirect) values ('http', 'shop', 80, 'HTTP', '{"protocol": "HTTPS", "port": 443}');

-- update: ModifyListener AddTags
update elbv2.listener set port = 8080, redirect = null, target_group = 'shop', tags = '{"team": "a"}';

-- drift: ModifyListener
{"port": 8081, "target_group": null, "fixed_response": {"status_code": "503", "content_type": "text/plain", "message_body": "no"}}

-- lost: CreateListener

-- rename: AddTags
update elbv2.listener set name = 'plain';

-- replace: CreateListener DeleteListener
update elbv2.listener set load_balancer = 'other';

-- delete: DeleteListener
delete from elbv2.listener;

-- adopt: AddTags
insert into elbv2.listener (name, load_balancer, port, protocol, fixed_response) values ('http', 'shop', 80, 'HTTP', '{"status_code": 404}');
