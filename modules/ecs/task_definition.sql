-- A task definition: which containers run together, and with what. And these containers.

-- AWS fills in what a volume on EFS does not say.
create function ecs.canonical_volumes(volumes jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_object_agg(v.name, case
           when v.volume ? 'file_system_id' then '{"root_directory": "/", "transit_encryption": "DISABLED", "iam": "DISABLED"}' || v.volume
           else v.volume end), '{}')
  from   jsonb_each(volumes) v (name, volume)
$$;
comment on function ecs.canonical_volumes is 'Volumes in full: what AWS would fill in is filled in.';

create function ecs.are_volumes(volumes jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(volumes) = 'object'
         and not exists (
           select from jsonb_each(volumes) v (name, volume)
           where  jsonb_typeof(v.volume) <> 'object'
           or     v.volume - '{host_path,file_system_id,root_directory,transit_encryption,access_point_id,iam}'::text[] <> '{}'
           or     v.volume ? 'host_path' and v.volume ? 'file_system_id'
           or     not v.volume ? 'file_system_id' and v.volume - 'host_path' <> '{}'
           or     exists (select from jsonb_each(v.volume) f (key, value) where jsonb_typeof(f.value) <> 'string'))
$$;
comment on function ecs.are_volumes is 'Whether each volume is of the host or of EFS.';

create function ecs.spell_task_definition() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.requires_compatibilities is not null then
    new.requires_compatibilities := ecs.sorted(new.requires_compatibilities);
  end if;
  if ecs.are_volumes(new.volumes) then
    new.volumes := ecs.canonical_volumes(new.volumes);
  end if;
  return new;
end
$$;
comment on function ecs.spell_task_definition is 'Spells a task definition as AWS answers it: a trigger.';

create table ecs.task_definition (
  region                   text    not null default iasql.default_region(),
  family                   text    not null,
  requires_compatibilities text[],
  network_mode             text,
  cpu                      integer,
  memory                   integer,
  execution_role           text,
  task_role                text,
  cpu_architecture         text,
  operating_system_family  text,
  ephemeral_storage        integer,
  pid_mode                 text,
  ipc_mode                 text,
  volumes                  jsonb   not null default '{}',
  tags                     jsonb   not null default '{}',
  arn                      text,
  revision                 integer,
  primary key (region, family),
  foreign key (execution_role) references iam.role (name) on update cascade,
  foreign key (task_role) references iam.role (name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
  constraint a_family_has_1_to_255_letters_digits_hyphens_and_underscores
    check (family ~ '^[a-zA-Z0-9_-]{1,255}$'),
  constraint it_runs_on_ec2_fargate_external_or_managed_instances
    check (requires_compatibilities <@ '{EC2,EXTERNAL,FARGATE,MANAGED_INSTANCES}'),
  constraint network_mode_is_awsvpc_bridge_host_or_none
    check (network_mode in ('awsvpc', 'bridge', 'host', 'none')),
  constraint fargate_takes_cpu_and_memory_and_awsvpc
    check (not 'FARGATE' = any (requires_compatibilities) or cpu is not null and memory is not null and network_mode = 'awsvpc'),
  constraint cpu_has_at_least_128_units_of_1024_a_processor
    check (cpu between 128 and 196608),
  constraint memory_is_positive
    check (memory > 0),
  constraint cpu_architecture_is_x86_64_or_arm64
    check (cpu_architecture in ('X86_64', 'ARM64')),
  constraint ephemeral_storage_has_21_to_200_gibibytes
    check (ephemeral_storage between 21 and 200),
  constraint pid_mode_is_host_or_task
    check (pid_mode in ('host', 'task')),
  constraint ipc_mode_is_host_task_or_none
    check (ipc_mode in ('host', 'task', 'none')),
  constraint volumes_are_of_the_host_or_of_efs
    check (ecs.are_volumes(volumes)),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ecs.task_definition is '@create_before_destroy A task definition: which containers (ecs.container_definition) run together, and with what. AWS keeps revisions that never change: another one is registered, services are moved over to it, and the old one is deregistered.';
comment on column ecs.task_definition.region is 'The AWS region, as in us-east-1.';
comment on column ecs.task_definition.family is '@immutable Its name; revisions are numbered within it.';
comment on column ecs.task_definition.requires_compatibilities is '@immutable What it can run on: EC2, EXTERNAL, FARGATE, MANAGED_INSTANCES. Kept sorted. NULL: the cloud decides, which means EC2.';
comment on column ecs.task_definition.network_mode is '@immutable awsvpc (an address of its own; FARGATE takes no other), bridge, host or none. NULL: the cloud decides, which means bridge.';
comment on column ecs.task_definition.cpu is '@immutable Units of CPU for all containers together, 1024 to a processor. NULL: each takes its own.';
comment on column ecs.task_definition.memory is '@immutable Mebibytes for all containers together. NULL: each takes its own.';
comment on column ecs.task_definition.execution_role is '@immutable The role with which images are pulled and logs are written. NULL: none.';
comment on column ecs.task_definition.task_role is '@immutable The role that the containers themselves have. NULL: none.';
comment on column ecs.task_definition.cpu_architecture is '@immutable X86_64 or ARM64. NULL: the cloud decides, which means X86_64.';
comment on column ecs.task_definition.operating_system_family is '@immutable LINUX or a version of Windows. NULL: the cloud decides, which means LINUX.';
comment on column ecs.task_definition.ephemeral_storage is '@immutable Gibibytes of disk for a task of FARGATE, 21 to 200. NULL: the cloud decides, which means 20.';
comment on column ecs.task_definition.pid_mode is '@immutable Whose processes the containers see: host or task. NULL: each its own.';
comment on column ecs.task_definition.ipc_mode is '@immutable Whose shared memory the containers see: host, task or none. NULL: the cloud decides.';
comment on column ecs.task_definition.volumes is '@immutable Volumes by name: {} (empty at each start), {"host_path": …}, or of EFS {"file_system_id": …} with root_directory, transit_encryption, access_point_id and iam.';
comment on column ecs.task_definition.tags is 'Tags by key.';
comment on column ecs.task_definition.arn is '@identity The name that AWS gave it, with its revision: arn:aws:ecs:….';
comment on column ecs.task_definition.revision is '@cloud Which revision of its family it is.';

create trigger spell_task_definition before insert or update on ecs.task_definition for each row execute function ecs.spell_task_definition();

select iasql.register('ecs.task_definition');

create function ecs.are_texts(texts jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(texts) = 'object' and not exists (select from jsonb_each(texts) t (key, value) where jsonb_typeof(t.value) <> 'string')
$$;
comment on function ecs.are_texts is 'Whether it is an object of texts.';

create function ecs.are_port_mappings(mappings jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(mappings) = 'array'
         and not exists (
           select from jsonb_array_elements(mappings) m (mapping)
           where  jsonb_typeof(m.mapping) <> 'object'
           or     m.mapping - '{container_port,host_port,protocol,name,app_protocol}'::text[] <> '{}'
           or     jsonb_typeof(m.mapping->'container_port') is distinct from 'number'
           or     coalesce(jsonb_typeof(m.mapping->'host_port') not in ('number', 'null'), false)
           or     coalesce(m.mapping->>'protocol' not in ('tcp', 'udp'), false)
           or     coalesce(m.mapping->>'app_protocol' not in ('http', 'http2', 'grpc'), false))
$$;
comment on function ecs.are_port_mappings is 'Whether each has a container_port.';

create function ecs.canonical_port_mappings(mappings jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(m.mapping order by m.mapping->'container_port', m.mapping->>'protocol' collate "C"), '[]')
  from   (
    select '{"protocol": "tcp"}' || case when e.mapping->'host_port' = '0' then jsonb_strip_nulls(e.mapping) - 'host_port' else jsonb_strip_nulls(e.mapping) end
    from   jsonb_array_elements(mappings) e (mapping)) m (mapping)
$$;
comment on function ecs.canonical_port_mappings is 'Port mappings in order and in full; host_port 0 means any, as none does.';

create function ecs.is_health_check(health_check jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(health_check) = 'object'
         and health_check - '{command,interval,timeout,retries,start_period}'::text[] = '{}'
         and health_check ? 'command' and jsonb_typeof(health_check->'command') = 'array'
         and not exists (select from jsonb_each(health_check - 'command') f (key, value) where jsonb_typeof(f.value) <> 'number')
$$;
comment on function ecs.is_health_check is 'Whether it has a command, and numbers besides.';

create function ecs.are_mount_points(points jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(points) = 'object'
         and not exists (
           select from jsonb_each(points) p (path, mount)
           where  jsonb_typeof(p.mount) <> 'object'
           or     p.mount - '{source_volume,read_only}'::text[] <> '{}'
           or     jsonb_typeof(p.mount->'source_volume') is distinct from 'string'
           or     coalesce(jsonb_typeof(p.mount->'read_only') <> 'boolean', false))
$$;
comment on function ecs.are_mount_points is 'Whether each path has a source_volume.';

create function ecs.canonical_mount_points(points jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_object_agg(p.path, '{"read_only": false}' || p.mount), '{}') from jsonb_each(points) p (path, mount)
$$;
comment on function ecs.canonical_mount_points is 'Mount points in full.';

create function ecs.spell_container_definition() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if ecs.are_port_mappings(new.port_mappings) then
    new.port_mappings := ecs.canonical_port_mappings(new.port_mappings);
  end if;
  if ecs.are_mount_points(new.mount_points) then
    new.mount_points := ecs.canonical_mount_points(new.mount_points);
  end if;
  if ecs.is_health_check(new.health_check) then
    new.health_check := '{"interval": 30, "timeout": 5, "retries": 3}' || case when new.health_check->'start_period' = '0' then new.health_check - 'start_period' else new.health_check end;
  end if;
  return new;
end
$$;
comment on function ecs.spell_container_definition is 'Spells a container as AWS answers it: a trigger.';

create table ecs.container_definition (
  region                   text    not null default iasql.default_region(),
  task_definition          text    not null,
  name                     text    not null,
  image                    text,
  repository               text,
  image_tag                text,
  essential                boolean not null default true,
  cpu                      integer not null default 0,
  memory                   integer,
  memory_reservation       integer,
  entry_point              text[],
  command                  text[],
  working_directory        text,
  "user"                   text,
  environment              jsonb   not null default '{}',
  secrets                  jsonb   not null default '{}',
  port_mappings            jsonb   not null default '[]',
  mount_points             jsonb   not null default '{}',
  depends_on               jsonb   not null default '{}',
  health_check             jsonb,
  log_group                text,
  log_stream_prefix        text,
  log_driver               text,
  log_options              jsonb   not null default '{}',
  docker_labels            jsonb   not null default '{}',
  readonly_root_filesystem boolean not null default false,
  privileged               boolean not null default false,
  start_timeout            integer,
  stop_timeout             integer,
  primary key (region, task_definition, name),
  foreign key (region, task_definition) references ecs.task_definition (region, family) on update cascade on delete cascade,
  foreign key (region, repository) references ecr.repository (region, name) on update cascade,
  foreign key (region, log_group) references logs.log_group (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
  constraint a_container_name_has_1_to_255_letters_digits_hyphens_and_underscores
    check (name ~ '^[a-zA-Z0-9_-]{1,255}$'),
  constraint a_container_has_an_image_or_a_repository
    check (num_nonnulls(image, repository) = 1),
  constraint a_tag_is_one_of_a_repository
    check (image_tag is null or repository is not null),
  constraint memory_is_4_mebibytes_at_least
    check (memory >= 4 and memory_reservation >= 4 and memory_reservation <= memory),
  constraint cpu_is_not_negative
    check (cpu >= 0),
  constraint what_runs_is_not_an_empty_list
    check (cardinality(entry_point) > 0 and cardinality(command) > 0),
  constraint environment_is_texts_by_name
    check (ecs.are_texts(environment)),
  constraint secrets_are_arns_by_name
    check (ecs.are_texts(secrets)),
  constraint each_port_mapping_has_a_container_port
    check (ecs.are_port_mappings(port_mappings)),
  constraint each_mount_point_has_a_source_volume
    check (ecs.are_mount_points(mount_points)),
  constraint what_it_depends_on_are_conditions_by_container
    check (ecs.are_texts(depends_on)),
  constraint a_health_check_has_a_command_and_numbers
    check (ecs.is_health_check(health_check)),
  constraint logs_go_to_a_group_or_by_another_driver
    check (num_nonnulls(log_group, log_driver) <= 1 and log_driver <> 'awslogs'),
  constraint only_a_log_group_has_a_stream_prefix
    check (log_stream_prefix is null or log_group is not null),
  constraint options_are_of_a_log_group_or_a_driver
    check (log_options = '{}' or num_nonnulls(log_group, log_driver) = 1),
  constraint log_options_are_texts_by_name
    check (ecs.are_texts(log_options) and not log_options ?| '{awslogs-group,awslogs-region,awslogs-stream-prefix}'),
  constraint labels_are_texts_by_key
    check (ecs.are_texts(docker_labels))
);

comment on table ecs.container_definition is 'The containers of a task definition. Any change of them is another revision of it.';
comment on column ecs.container_definition.region is 'The AWS region, as in us-east-1.';
comment on column ecs.container_definition.task_definition is '@part container_definitions The task definition.';
comment on column ecs.container_definition.name is '@immutable Its name, one of its kind in the task definition.';
comment on column ecs.container_definition.image is '@immutable The image that it runs, as docker pull takes it: nginx:1.27.';
comment on column ecs.container_definition.repository is '@immutable Instead of image: the repository of ECR that it comes from.';
comment on column ecs.container_definition.image_tag is '@immutable The tag in that repository, or its digest: sha256:…. NULL: none, which docker takes for latest.';
comment on column ecs.container_definition.essential is '@immutable Whether the task ends when it does.';
comment on column ecs.container_definition.cpu is '@immutable Units of CPU that are kept for it, 1024 to a processor; 0: none.';
comment on column ecs.container_definition.memory is '@immutable Mebibytes at which it is killed. NULL: none but the task''s.';
comment on column ecs.container_definition.memory_reservation is '@immutable Mebibytes that are kept for it. NULL: none.';
comment on column ecs.container_definition.entry_point is '@immutable What it runs instead of the image''s entry point. NULL: the image''s.';
comment on column ecs.container_definition.command is '@immutable The arguments instead of the image''s command. NULL: the image''s.';
comment on column ecs.container_definition.working_directory is '@immutable Where its command runs. NULL: where the image says.';
comment on column ecs.container_definition."user" is '@immutable As whom its command runs. NULL: as the image says.';
comment on column ecs.container_definition.environment is '@immutable Environment variables: texts by name, for everybody to read. What is secret belongs into secrets.';
comment on column ecs.container_definition.secrets is '@immutable Environment variables whose values are secrets: by name the ARN of a secret of Secrets Manager or of a parameter of Systems Manager.';
comment on column ecs.container_definition.port_mappings is '@immutable Ports that it listens on, as in [{"container_port": 80}], with protocol (tcp or udp), name, app_protocol, and in the network mode bridge host_port.';
comment on column ecs.container_definition.mount_points is '@immutable Volumes by path, as in {"/data": {"source_volume": "data"}}, with read_only.';
comment on column ecs.container_definition.depends_on is '@immutable Which containers come first: by name START, COMPLETE, SUCCESS or HEALTHY.';
comment on column ecs.container_definition.health_check is '@immutable How its health is looked after: command (a list that begins with CMD or CMD-SHELL), interval, timeout, retries, start_period in seconds. NULL: not.';
comment on column ecs.container_definition.log_group is '@immutable The log group of CloudWatch that its output goes to.';
comment on column ecs.container_definition.log_stream_prefix is '@immutable What the names of its streams begin with; tasks of FARGATE need one. NULL: nothing.';
comment on column ecs.container_definition.log_driver is '@immutable Instead of log_group: another driver, such as awsfirelens or json-file. NULL with log_group NULL: none.';
comment on column ecs.container_definition.log_options is '@immutable Further options of the driver: texts by name.';
comment on column ecs.container_definition.docker_labels is '@immutable Labels of the container: texts by key.';
comment on column ecs.container_definition.readonly_root_filesystem is '@immutable Whether it can only read its own files.';
comment on column ecs.container_definition.privileged is '@immutable Whether it is as mighty as the host; not on FARGATE.';
comment on column ecs.container_definition.start_timeout is '@immutable For how many seconds others wait for it. NULL: the cloud''s own 180.';
comment on column ecs.container_definition.stop_timeout is '@immutable How many seconds it has to end by itself. NULL: the cloud''s own 30.';

create trigger spell_container_definition before insert or update on ecs.container_definition for each row execute function ecs.spell_container_definition();

select iasql.register('ecs.container_definition');
