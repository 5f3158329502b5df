-- A task definition, through the whole loop. Revisions never change: all but tags is another one.

-- modules: acm ec2 elbv2 ecs

-- never: rename

-- create: RegisterTaskDefinition
insert into ecs.task_definition (family, requires_compatibilities, network_mode, cpu, memory) values ('shop', '{FARGATE}', 'awsvpc', 256, 512);
insert into ecs.container_definition (task_definition, name, image, port_mappings, environment, health_check) values
  ('shop', 'web', 'nginx:1.27', '[{"container_port": 80}, {"container_port": 53, "protocol": "udp"}]', '{"SHOP": "a"}', '{"command": ["CMD", "true"]}'),
  ('shop', 'log', 'fluentd', default, default, null);

-- update: TagResource
update ecs.task_definition set tags = '{"team": "a"}';

-- drift: TagResource
{"tags": {"team": "b"}}

-- lost: RegisterTaskDefinition

-- replace: RegisterTaskDefinition DeregisterTaskDefinition
update ecs.container_definition set image = 'nginx:1.28' where name = 'web';

-- delete: DeregisterTaskDefinition
delete from ecs.task_definition;

-- adopt: TagResource
insert into ecs.task_definition (family, network_mode, memory) values ('other', 'bridge', 256);
insert into ecs.container_definition (task_definition, name, image) values ('other', 'web', 'nginx:1.27');
