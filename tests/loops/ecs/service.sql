-- A service, through the whole loop. Its name is AWS' own: another one is a replacement. The emulator forgets
-- how it deploys, its grace period and whether commands can be run in it, so they are not asked for here.

-- modules: acm ec2 elbv2 ecs

-- never: rename

-- ground: CreateVpc CreateSubnet CreateSubnet CreateSecurityGroup CreateLoadBalancer CreateTargetGroup CreateListener CreateCluster RegisterTaskDefinition
insert into ec2.vpc (name, cidr_block) values ('shop', '10.20.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('a', 'shop', '10.20.0.0/24', 'us-east-1a'), ('b', 'shop', '10.20.1.0/24', 'us-east-1b');
insert into ec2.security_group (name, vpc) values ('web', 'shop');
insert into elbv2.load_balancer (name) values ('shop');
insert into elbv2.load_balancer_subnet (load_balancer, subnet) values ('shop', 'a'), ('shop', 'b');
insert into elbv2.target_group (name, target_type, protocol, port, vpc) values ('shop', 'ip', 'HTTP', 80, 'shop');
insert into elbv2.listener (name, load_balancer, port, protocol, target_group) values ('http', 'shop', 80, 'HTTP', 'shop');
insert into ecs.cluster (name) values ('shop');
insert into ecs.task_definition (family, requires_compatibilities, network_mode, cpu, memory) values ('shop', '{FARGATE}', 'awsvpc', 256, 512);
insert into ecs.container_definition (task_definition, name, image, port_mappings) values ('shop', 'web', 'nginx:1.27', '[{"container_port": 80}]');

-- create: CreateService
insert into ecs.service (cluster, name, task_definition, desired_count, launch_type, assign_public_ip) values ('shop', 'web', 'shop', 2, 'FARGATE', true);
insert into ecs.service_subnet (cluster, service, subnet) values ('shop', 'web', 'a'), ('shop', 'web', 'b');
insert into ecs.service_security_group (cluster, service, security_group) values ('shop', 'web', 'web');
insert into ecs.service_load_balancer (cluster, service, target_group, container_name, container_port) values ('shop', 'web', 'shop', 'web', 80);

-- update: UpdateService TagResource
update ecs.service set desired_count = 3, tags = '{"team": "a"}';

-- drift: UpdateService TagResource
{"desired_count": 1, "tags": {"team": "b"}}

-- lost: CreateService

-- update: UpdateService
delete from ecs.service_subnet where subnet = 'b';

-- replace: CreateService DeleteService
update ecs.service set name = 'front';

-- delete: DeleteService
delete from ecs.service;

-- adopt: TagResource
insert into ecs.service (cluster, name, task_definition, desired_count, launch_type) values ('shop', 'web', 'shop', 1, 'FARGATE');
insert into ecs.service_subnet (cluster, service, subnet) values ('shop', 'web', 'a');
