-- A load balancer, through the whole loop. Its name is AWS' own: another one is a replacement.

-- modules: acm ec2 elbv2

-- never: rename

-- ground: CreateVpc CreateSubnet CreateSubnet CreateSubnet CreateSecurityGroup
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b'), ('c', 'shop', '10.20.2.0/24', 'us-east-1c');
insert into ec2.security_group (name, vpc) values ('web', 'shop');

-- create: CreateLoadBalancer ModifyLoadBalancerAttributes
insert into elbv2.load_balancer (name, idle_timeout, access_logs_bucket) values ('shop', 120, '');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'a'), ('shop', 'b');
insert into elbv2.load_balancer_security_group (load_balancer, security_group) values ('shop', 'web');

-- update: SetSubnets SetIpAddressType ModifyLoadBalancerAttributes AddTags
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'c');
update elbv2.load_balancer set ip_address_type = 'dualstack', idle_timeout = 60, tags = '{"team": "a"}';

-- drift: ModifyLoadBalancerAttributes AddTags
{"idle_timeout": 30, "tags": {"team": "b"}}

-- lost: CreateLoadBalancer ModifyLoadBalancerAttributes

-- replace: CreateLoadBalancer ModifyLoadBalancerAttributes DeleteLoadBalancer
update elbv2.load_balancer set scheme = 'internal';

-- delete: DeleteLoadBalancer
delete from elbv2.load_balancer;

-- adopt: AddTags
insert into elbv2.load_balancer (name) values ('shop');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'a'), ('shop', 'b');
insert into elbv2.load_balancer_security_group (load_balancer, security_group) values ('shop', 'web');
