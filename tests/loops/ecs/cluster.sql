-- A cluster, through the whole loop. Its name is AWS' own: another one is a replacement.

-- modules: acm ec2 elbv2 ecs

-- never: rename

-- create: CreateCluster
insert into ecs.cluster (name, container_insights) values ('shop', 'enabled');

-- update: UpdateCluster PutClusterCapacityProviders TagResource
update ecs.cluster set container_insights = 'disabled', capacity_providers = '{FARGATE_SPOT,FARGATE}',
  default_capacity_provider_strategy = '{"FARGATE": {"base": 1, "weight": 1}}', tags = '{"team": "a"}';

-- drift: UpdateCluster TagResource
{"container_insights": "enhanced", "tags": {"team": "b"}}

-- lost: CreateCluster

-- replace: CreateCluster DeleteCluster
update ecs.cluster set name = 'store';

-- delete: DeleteCluster
delete from ecs.cluster;

-- adopt: TagResource
insert into ecs.cluster (name) values ('shop');
