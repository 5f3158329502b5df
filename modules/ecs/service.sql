-- A service: how many tasks of one definition run, and where. And its subnets, its security groups, and the target groups that it answers for.

create table ecs.service (
  region                             text    not null default iasql.default_region(),
  cluster                            text    not null,
  name                               text    not null,
  task_definition                    text    not null,
  desired_count                      integer,
  launch_type                        text,
  capacity_provider_strategy         jsonb,
  platform_version                   text,
  scheduling_strategy                text,
  assign_public_ip                   boolean,
  health_check_grace_period_seconds  integer,
  minimum_healthy_percent            integer,
  maximum_percent                    integer,
  deployment_circuit_breaker         boolean,
  rollback                           boolean,
  enable_execute_command             boolean,
  propagate_tags                     text,
  tags                               jsonb   not null default '{}',
  arn                                text,
  status                             text,
  rollout_state                      text,
  running_count                      integer,
  primary key (region, cluster, name),
  foreign key (region, cluster) references ecs.cluster (region, name) on update cascade,
  foreign key (region, task_definition) references ecs.task_definition (region, family) on update cascade,
  -- https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
  constraint a_service_name_has_1_to_255_letters_digits_hyphens_and_underscores
    check (name ~ '^[a-zA-Z0-9_-]{1,255}$'),
  constraint desired_count_is_not_negative
    check (desired_count >= 0),
  constraint launch_type_is_ec2_fargate_external_or_managed_instances
    check (launch_type in ('EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES')),
  constraint a_service_has_a_launch_type_or_a_strategy
    check (num_nonnulls(launch_type, capacity_provider_strategy) <= 1),
  constraint a_strategy_gives_each_capacity_provider_a_base_and_a_weight
    check (ecs.is_strategy(capacity_provider_strategy)),
  constraint scheduling_strategy_is_replica_or_daemon
    check (scheduling_strategy in ('REPLICA', 'DAEMON')),
  constraint a_daemon_has_no_desired_count
    check (scheduling_strategy is distinct from 'DAEMON' or desired_count is null),
  constraint propagate_tags_is_task_definition_service_or_none
    check (propagate_tags in ('TASK_DEFINITION', 'SERVICE', 'NONE')),
  constraint percents_go_up_to_200
    check (minimum_healthy_percent between 0 and 100 and maximum_percent between 100 and 200),
  constraint a_rollback_needs_a_circuit_breaker
    check (rollback is not true or deployment_circuit_breaker is true),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ecs.service is 'A service: how many tasks of one definition run, and where. Another task definition, image or number is a deployment: AWS replaces the tasks one after the other.';
comment on column ecs.service.region is 'The AWS region, as in us-east-1.';
comment on column ecs.service.cluster is '@immutable The cluster.';
comment on column ecs.service.name is '@immutable Its name, one of its kind in the cluster.';
comment on column ecs.service.task_definition is 'The task definition; the service is moved over to each new revision of it.';
comment on column ecs.service.desired_count is 'How many tasks should run. NULL: as it is, at first 1; that is for what scales by itself.';
comment on column ecs.service.launch_type is '@immutable What its tasks run on: EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES. NULL: as the strategy says, or else EC2.';
comment on column ecs.service.capacity_provider_strategy is 'Instead of launch_type: how tasks spread over capacity providers, as in {"FARGATE_SPOT": {"base": 0, "weight": 1}}. NULL: the cluster''s.';
comment on column ecs.service.platform_version is 'The version of FARGATE, as in 1.4.0. NULL: as it is, at first the newest.';
comment on column ecs.service.scheduling_strategy is '@immutable REPLICA, or DAEMON: one task on each instance. NULL: the cloud decides, which means REPLICA.';
comment on column ecs.service.assign_public_ip is 'Whether each task has a public address. NULL: as it is, at first not.';
comment on column ecs.service.health_check_grace_period_seconds is 'For how many seconds after its start a task''s health does not count. NULL: as it is, at first 0.';
comment on column ecs.service.minimum_healthy_percent is 'How many tasks stay during a deployment, as a percentage. NULL: as it is, at first 100.';
comment on column ecs.service.maximum_percent is 'How many tasks there are at most during a deployment, as a percentage. NULL: as it is, at first 200.';
comment on column ecs.service.deployment_circuit_breaker is 'Whether a deployment whose tasks do not start is given up. NULL: as it is, at first not.';
comment on column ecs.service.rollback is 'Whether the one before it comes back then. NULL: as it is, at first not.';
comment on column ecs.service.enable_execute_command is 'Whether commands can be run in its containers. NULL: as it is, at first not.';
comment on column ecs.service.propagate_tags is 'Whose tags its tasks get: TASK_DEFINITION, SERVICE or NONE. NULL: as it is, at first NONE.';
comment on column ecs.service.tags is 'Tags by key.';
comment on column ecs.service.arn is '@identity The name that AWS gave it: arn:aws:ecs:….';
comment on column ecs.service.status is '@cloud What it is doing: ACTIVE or DRAINING.';
comment on column ecs.service.rollout_state is '@cloud How far its newest deployment is: IN_PROGRESS, COMPLETED or FAILED. It is not waited for.';
comment on column ecs.service.running_count is '@cloud How many tasks ran when it was last looked at.';

select iasql.register('ecs.service');

create table ecs.service_subnet (
  region  text not null default iasql.default_region(),
  cluster text not null,
  service text not null,
  subnet  text not null,
  primary key (region, cluster, service, subnet),
  foreign key (region, cluster, service) references ecs.service (region, cluster, name) on update cascade on delete cascade,
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade
);

comment on table ecs.service_subnet is 'The subnets in which the tasks of a service get their addresses. Only for the network mode awsvpc, which needs one.';
comment on column ecs.service_subnet.region is 'The AWS region, as in us-east-1.';
comment on column ecs.service_subnet.cluster is 'The cluster of the service.';
comment on column ecs.service_subnet.service is '@part subnets The service.';
comment on column ecs.service_subnet.subnet is 'A subnet for its tasks.';

select iasql.register('ecs.service_subnet');

create table ecs.service_security_group (
  region         text not null default iasql.default_region(),
  cluster        text not null,
  service        text not null,
  security_group text not null,
  primary key (region, cluster, service, security_group),
  foreign key (region, cluster, service) references ecs.service (region, cluster, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table ecs.service_security_group is 'The security groups that the tasks of a service carry. No row: AWS gives them the default group of the VPC.';
comment on column ecs.service_security_group.region is 'The AWS region, as in us-east-1.';
comment on column ecs.service_security_group.cluster is 'The cluster of the service.';
comment on column ecs.service_security_group.service is '@part security_groups The service.';
comment on column ecs.service_security_group.security_group is 'A security group that its tasks carry.';

select iasql.register('ecs.service_security_group');

create table ecs.service_load_balancer (
  region         text    not null default iasql.default_region(),
  cluster        text    not null,
  service        text    not null,
  target_group   text    not null,
  container_name text    not null,
  container_port integer not null,
  primary key (region, cluster, service, target_group, container_name, container_port),
  foreign key (region, cluster, service) references ecs.service (region, cluster, name) on update cascade on delete cascade,
  foreign key (region, target_group) references elbv2.target_group (region, name) on update cascade,
  constraint a_port_is_one_of_65535
    check (container_port between 1 and 65535)
);

comment on table ecs.service_load_balancer is 'The target groups that the tasks of a service answer for: ECS registers and deregisters them. Their load balancer must listen before the service is made. No row: as it is, at first none.';
comment on column ecs.service_load_balancer.region is 'The AWS region, as in us-east-1.';
comment on column ecs.service_load_balancer.cluster is 'The cluster of the service.';
comment on column ecs.service_load_balancer.service is '@part load_balancers The service.';
comment on column ecs.service_load_balancer.target_group is 'The target group.';
comment on column ecs.service_load_balancer.container_name is 'The container that answers.';
comment on column ecs.service_load_balancer.container_port is 'The port on which it answers.';

select iasql.register('ecs.service_load_balancer');
