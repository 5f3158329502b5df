-- A machine: an image that runs, is stopped, or stands still.

-- The API takes "1m30s" and tells it as it likes. Numbers are nanoseconds, and stay.
create function fly.spelled_span(span jsonb) returns jsonb
language sql immutable
return case when span #>> '{}' ~ '^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$' and jsonb_typeof(span) = 'string' then (
  select to_jsonb(case when sum(part.ms) % 1000 = 0 then (sum(part.ms) / 1000)::bigint || 's' else sum(part.ms)::bigint || 'ms' end)
  from   (select trunc(found[1]::numeric * case found[3] when 'ms' then 1 when 's' then 1000 when 'm' then 60000 else 3600000 end) as ms
          from   regexp_matches(span #>> '{}', '([0-9]+(\.[0-9]+)?)(ms|s|m|h)', 'g') found) part)
  else span end;
comment on function fly.spelled_span is 'A span of time in the one spelling that is compared: in seconds, or in milliseconds where it is no whole number of them.';

create function fly.spelled_check(looked jsonb) returns jsonb
language sql immutable
return case when jsonb_typeof(looked) = 'object' then (
  select coalesce(jsonb_object_agg(field.key, case when field.key in ('interval', 'timeout', 'grace_period') then fly.spelled_span(field.value) else field.value end), '{}')
  from   jsonb_each(looked) field) else looked end;
comment on function fly.spelled_check is 'A check in the one spelling that is compared.';

create function fly.spelled_service(service jsonb) returns jsonb
language sql immutable
return case when jsonb_typeof(service) = 'object' then (
  select coalesce(jsonb_object_agg(field.key, case
           when field.key = 'autostop' and field.value = '"off"' then 'false'
           when field.key = 'autostop' and field.value = '"stop"' then 'true'
           when field.key = 'checks' and jsonb_typeof(field.value) = 'array' then (
             select coalesce(jsonb_agg(fly.spelled_check(looked.value) order by looked.ordinality), '[]') from jsonb_array_elements(field.value) with ordinality looked)
           else field.value end), '{}')
  from   jsonb_each(service) field) else service end;
comment on function fly.spelled_service is 'A service in the one spelling that is compared.';

create function fly.spell_machine() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(new.services) = 'array' then
    new.services := (select coalesce(jsonb_agg(fly.spelled_service(service.value) order by service.ordinality), '[]') from jsonb_array_elements(new.services) with ordinality service);
  end if;
  if jsonb_typeof(new.checks) = 'object' then
    new.checks := (select coalesce(jsonb_object_agg(looked.key, fly.spelled_check(looked.value)), '{}') from jsonb_each(new.checks) looked);
  end if;
  return new;
end
$$;
comment on function fly.spell_machine is 'Keeps services and checks in the one spelling that is compared; the engine spells what it reads in the same way: a trigger.';

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
  stop_seconds        integer,
  auto_destroy        boolean,
  metadata            jsonb   not null default '{}',
  rolls_with          text,
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
  constraint metadata_leaves_what_iasql_notes_there_to_the_engine
    check (not metadata ?| '{iasql_row,iasql_secrets,iasql_rolls}'),
  constraint rolls_with_is_a_word
    check (rolls_with ~ '^[a-z0-9-]{0,63}$'),
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
  constraint a_machine_has_0_to_300_seconds_to_stop
    check (stop_seconds between 0 and 300),
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
comment on column fly.machine.region is '@immutable @place The Fly region that it is in: ams, fra, iad, …';
comment on column fly.machine.image is 'The image that it runs: registry.fly.io/shop:1.';
comment on column fly.machine.cpu_kind is 'shared or performance. NULL: as it is, at first shared.';
comment on column fly.machine.cpus is 'How many processors. NULL: as it is, at first 1.';
comment on column fly.machine.memory_mb is 'In MB. NULL: as it is, at first 256 for each shared processor, 2048 for each other.';
comment on column fly.machine.env is 'Variables of its environment, by name. What nobody is to read belongs to the app''s secrets.';
comment on column fly.machine.cmd is 'The words behind the image''s entrypoint, as a list of texts. NULL: as it is, at first the image''s own.';
comment on column fly.machine.services is '@partial What Fly''s proxy leads to it, as the API has it: [{"protocol": "tcp", "internal_port": 5432, "ports": […], "autostop": "off"}]. What a service leaves open is as it is. autostop is kept as false, true or "suspend", and a span of time in seconds. NULL: as it is, at first nothing.';
comment on column fly.machine.checks is '@partial What is looked at while it runs, by name, as the API has it: {"up": {"type": "tcp", "port": 5432, "interval": "15s"}}. What a check leaves open is as it is. NULL: as it is, at first nothing.';
comment on column fly.machine.volume is '@immutable The volume that it has. NULL: none.';
comment on column fly.machine.mount_path is 'Where it has the volume: /data.';
comment on column fly.machine.restart_policy is 'When it is started again after its process has ended: no, always or on-failure. NULL: as it is, at first on-failure.';
comment on column fly.machine.restart_max_retries is 'How often it is started again, where the policy is on-failure. NULL: as it is, at first 10.';
comment on column fly.machine.stop_signal is 'With which signal it is stopped. NULL: as it is, at first SIGINT.';
comment on column fly.machine.stop_seconds is 'How long it has to stop before it is killed. NULL: as it is, at first 5.';
comment on column fly.machine.auto_destroy is 'Whether it is destroyed when its process has ended. NULL: as it is, at first not.';
comment on column fly.machine.metadata is 'Texts by key, that are found again in the API.';
comment on column fly.machine.rolls_with is 'A word that it has in common with others of its app: of these one at a time is changed, while all others run and their checks pass. Whoever does not run itself waits for nobody. Empty: it is changed whenever it is due. NULL: as it is, at first so.';
comment on column fly.machine.state is 'started, stopped or suspended. NULL: as it is, at first started; so where Fly''s proxy or a gateway starts and stops it.';
comment on column fly.machine.secrets is '@after secret With current it is updated when the app''s secrets are others, which restarts it. NULL: it has those of its last update.';
comment on column fly.machine.private_ip is '@cloud Its address in its app''s private network.';
comment on column fly.machine.instance_id is '@cloud Its version: another one after each change.';
comment on column fly.machine.machine_id is '@identity The id that Fly gave it: 14 digits and letters.';

create trigger spell_machine before insert or update on fly.machine for each row execute function fly.spell_machine();

select iasql.register('fly.machine');
