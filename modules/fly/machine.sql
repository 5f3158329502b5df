-- A machine: an image that runs, is stopped, or stands still.

create table fly.machine (
  app                 text    not null references fly.app (name) on update cascade,
  name                text    not null,
  region              text    not null,
  image               text    not null,
  cpu_kind            text,
  cpus                integer,
  memory_mb           integer,
  env                 jsonb   not null default '{}',
  cmd                 jsonb,
  services            jsonb,
  checks              jsonb,
  volume              text references fly.volume (name) on update cascade,
  mount_path          text,
  restart_policy      text,
  restart_max_retries integer,
  stop_signal         text,
  auto_destroy        boolean,
  metadata            jsonb   not null default '{}',
  state               text,
  secrets             text    default 'current',
  private_ip          text,
  instance_id         text,
  machine_id          text,
  primary key (app, name),
  constraint a_machine_name_has_1_to_63_small_letters_digits_and_hyphens
    check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint a_fly_region_has_three_letters
    check (region ~ '^[a-z]{3}$'),
  constraint a_cpu_kind_is_shared_or_performance
    check (cpu_kind in ('shared', 'performance')),
  constraint cpus_are_1_to_16
    check (cpus between 1 and 16),
  constraint memory_is_256_to_131072_mb_in_steps_of_256
    check (memory_mb between 256 and 131072 and memory_mb % 256 = 0),
  constraint env_and_metadata_are_texts_by_key
    check (iasql.are_tags(env) and iasql.are_tags(metadata)),
  constraint metadata_leaves_iasql_row_and_iasql_secrets_to_the_engine
    check (not metadata ?| '{iasql_row,iasql_secrets}'),
  constraint cmd_and_services_are_lists_and_checks_are_objects_by_name
    check (jsonb_typeof(cmd) = 'array' and jsonb_typeof(services) = 'array' and jsonb_typeof(checks) = 'object'),
  constraint a_volume_has_a_path_and_a_path_has_a_volume
    check (num_nulls(volume, mount_path) <> 1),
  constraint a_mount_path_is_absolute_and_not_the_root
    check (mount_path ~ '^/[^/]'),
  constraint a_restart_policy_is_no_always_or_on_failure
    check (restart_policy in ('no', 'always', 'on-failure')),
  constraint retries_are_counted_from_0_on_for_on_failure
    check (restart_max_retries >= 0 and restart_policy = 'on-failure' and restart_policy is not null or restart_max_retries is null),
  constraint a_stop_signal_is_one_that_fly_sends
    check (stop_signal in ('SIGABRT', 'SIGALRM', 'SIGFPE', 'SIGHUP', 'SIGILL', 'SIGINT', 'SIGKILL', 'SIGPIPE', 'SIGQUIT', 'SIGSEGV', 'SIGTERM', 'SIGTRAP', 'SIGUSR1')),
  constraint a_state_is_started_stopped_or_suspended
    check (state in ('started', 'stopped', 'suspended')),
  constraint secrets_are_current_or_left_as_they_are
    check (secrets = 'current'),
  constraint a_machine_that_is_suspended_has_2048_mb_at_most
    check (state <> 'suspended' or memory_mb is null or memory_mb <= 2048)
);

comment on table fly.machine is 'A machine: an image that runs, is stopped, or stands still. It is changed in place, under a lease, which restarts it. What Fly''s API knows and no column does stays as it is.';
comment on column fly.machine.app is '@immutable The app that it is of.';
comment on column fly.machine.name is '@immutable Its name, unique in its app.';
comment on column fly.machine.region is '@immutable The Fly region that it is in: ams, fra, iad, …';
comment on column fly.machine.image is 'The image that it runs: registry.fly.io/shop:1.';
comment on column fly.machine.cpu_kind is 'shared or performance. NULL: as it is, at first shared.';
comment on column fly.machine.cpus is 'How many processors. NULL: as it is, at first 1.';
comment on column fly.machine.memory_mb is 'In MB. NULL: as it is, at first 256 for each shared processor, 2048 for each other.';
comment on column fly.machine.env is 'Variables of its environment, by name. What nobody is to read belongs to the app''s secrets.';
comment on column fly.machine.cmd is 'The words behind the image''s entrypoint, as a list of texts. NULL: as it is, at first the image''s own.';
comment on column fly.machine.services is 'What Fly''s proxy leads to it, as the API has it: [{"protocol": "tcp", "internal_port": 5432, "ports": […], "autostop": false}]. autostop is false, true or "suspend". NULL: as it is, at first nothing.';
comment on column fly.machine.checks is 'What is looked at while it runs, by name, as the API has it: {"up": {"type": "tcp", "port": 5432, "interval": "15s"}}. NULL: as it is, at first nothing.';
comment on column fly.machine.volume is '@immutable The volume that it has. NULL: none.';
comment on column fly.machine.mount_path is 'Where it has the volume: /data.';
comment on column fly.machine.restart_policy is 'When it is started again after its process has ended: no, always or on-failure. NULL: as it is, at first on-failure.';
comment on column fly.machine.restart_max_retries is 'How often it is started again, where the policy is on-failure. NULL: as it is, at first 10.';
comment on column fly.machine.stop_signal is 'With which signal it is stopped. NULL: as it is, at first SIGINT.';
comment on column fly.machine.auto_destroy is 'Whether it is destroyed when its process has ended. NULL: as it is, at first not.';
comment on column fly.machine.metadata is 'Texts by key, that are found again in the API.';
comment on column fly.machine.state is 'started, stopped or suspended. NULL: as it is, at first started; so where Fly''s proxy or a gateway starts and stops it.';
comment on column fly.machine.secrets is 'current: when the app''s secrets are others, it is updated for them, which restarts it. NULL: it has those of its last update.';
comment on column fly.machine.private_ip is '@cloud Its address in its app''s private network.';
comment on column fly.machine.instance_id is '@cloud Its version: another one after each change.';
comment on column fly.machine.machine_id is '@identity The id that Fly gave it: 14 digits and letters.';

select iasql.register('fly.machine');

-- Fly's regions are not spelt like those of AWS: a constraint of its own says how
alter table fly.machine drop constraint a_region_is_spelt_like_us_east_1;
