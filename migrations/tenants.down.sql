-- One server, one engine, first come first served.
comment on column control.setting.name is 'listeners: databases that one engine listens to. poll_seconds: how often it looks into each of the others. lease_seconds: after how long without a sign of life an engine counts as gone.';
create or replace function control.queue_run() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- one queue per database: its jobs run one at a time. A job that the run has now is replaced, or ends with what it is doing
  perform graphile_worker.add_job(
    identifier => 'run',
    payload => json_build_object('run', new.id),
    queue_name => 'db:' || new.database,
    run_at => new.look_at,
    job_key => new.id::text
  );
  return null;
end
$$;
drop index control.runs_that_wait;
drop table control.module_set;
drop table control.engine;
drop index control.databases_by_server;
alter table control.database drop column moving;
