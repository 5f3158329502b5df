-- A job that a cluster runs on a schedule, on whichever member leads.

create table postgres.cron_job (
  cluster  text    not null references postgres.cluster (name) on update cascade,
  name     text    not null,
  schedule text    not null,
  database text    not null default 'main',
  command  text    not null,
  active   boolean not null default true,
  job      text,
  primary key (cluster, name),
  constraint a_job_s_name_has_1_to_63_characters
    check (length(name) between 1 and 63),
  constraint a_schedule_has_five_fields
    check (schedule ~ '^[^ ]+( [^ ]+){4}$'),
  constraint a_command_is_not_empty
    check (command ~ '[^[:space:]]')
);

comment on table postgres.cron_job is 'A job of pg_cron, which runs on whichever member leads. The cluster has pg_cron in its settings: {"shared_preload_libraries": "pg_cron"}. What it missed while nobody led is not run later.';
comment on column postgres.cron_job.cluster is '@immutable @cascade The cluster.';
comment on column postgres.cron_job.name is '@immutable What it is called.';
comment on column postgres.cron_job.schedule is 'When: minute, hour, day of the month, month and day of the week, in UTC, as in 0 4 * * 0.';
comment on column postgres.cron_job.database is 'In which database of the cluster.';
comment on column postgres.cron_job.command is 'The SQL that it runs, as the role postgres.';
comment on column postgres.cron_job.active is 'Whether it runs.';
comment on column postgres.cron_job.job is '@identity pg_cron numbers jobs anew, so this is its cluster and its name: shop/sessions.';

create function postgres.refuse_cron_job() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  runs postgres.cluster := (select c from postgres.cluster as c where c.name = new.cluster);
begin
  -- that there is no such cluster the foreign key says
  if runs.provider = 'aws' then
    raise exception 'the cluster % is on AWS', new.cluster
      using errcode = 'invalid_parameter_value', hint = 'There jobs are made inside of it: cron.schedule().';
  end if;
  if runs.name is not null and coalesce(runs.settings ->> 'shared_preload_libraries', '') !~ '\mpg_cron\M' then
    raise exception 'the cluster % runs no jobs', new.cluster
      using errcode = 'invalid_parameter_value', hint = 'Its settings say so: settings = settings || ''{"shared_preload_libraries": "pg_cron"}''.';
  end if;
  if runs.name is not null and not new.database = any (runs.databases || 'postgres'::text) then
    raise exception 'the cluster % has no database %', new.cluster, new.database
      using errcode = 'invalid_parameter_value', hint = 'Its column databases says which it has.';
  end if;
  return new;
end
$$;
comment on function postgres.refuse_cron_job is 'Refuses jobs of clusters that run none, or in databases that are not there: a trigger.';

create trigger refuse_cron_job before insert or update on postgres.cron_job for each row execute function postgres.refuse_cron_job();

select iasql.register('postgres.cron_job');
