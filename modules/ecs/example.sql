-- A cluster on FARGATE.

insert into ecs.cluster (name) values ('shop');
