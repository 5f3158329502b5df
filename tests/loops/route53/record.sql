-- Records and aliases, through the whole loop.

-- ground
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b');
insert into ec2.security_group (name, vpc, description) values ('shop', 'shop', 'Who reaches the shop');
insert into elbv2.load_balancer (name) values ('shop');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'a'), ('shop', 'b');
insert into elbv2.load_balancer_security_group (load_balancer, security_group) values ('shop', 'shop');
insert into route53.hosted_zone (name) values ('shop.example'), ('www.shop.example');

-- create: ChangeResourceRecordSets
insert into route53.record (hosted_zone, name, type, ttl, values) values ('shop.example', '*.www.shop.example', 'A', 300, '{203.0.113.20,203.0.113.10}');

-- update: ChangeResourceRecordSets
update route53.record set ttl = 60, values = '{203.0.113.30}';

-- drift: ChangeResourceRecordSets
{"ttl": 900}

-- lost: ChangeResourceRecordSets

-- rename: ChangeResourceRecordSets
update route53.record set name = 'www.shop.example';

-- update: ChangeResourceRecordSets
update route53.record set values = null, ttl = null, load_balancer = 'shop';

-- update: ChangeResourceRecordSets
update route53.record set evaluate_target_health = true;

-- replace: ChangeResourceRecordSets ChangeResourceRecordSets
update route53.record set hosted_zone = 'www.shop.example';

-- delete: ChangeResourceRecordSets
delete from route53.record;

-- create: ChangeResourceRecordSets ChangeResourceRecordSets
insert into route53.record (hosted_zone, name, type, set_identifier, weight, ttl, values) values
  ('shop.example', 'api.shop.example', 'A', 'one', 10, 60, '{203.0.113.10}'), ('shop.example', 'api.shop.example', 'A', 'two', 90, 60, '{203.0.113.20}');

-- update: ChangeResourceRecordSets
update route53.record set weight = 20 where set_identifier = 'one';

-- delete: ChangeResourceRecordSets ChangeResourceRecordSets
delete from route53.record;

-- adopt:
insert into route53.record (hosted_zone, name, type, values) values ('shop.example', 'shop.example', 'MX', '{10 mail.shop.example}');
