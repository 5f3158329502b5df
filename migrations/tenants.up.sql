-- Several servers, several engines: where a database is on its way to, which engines there are, which sets of modules are worth making in
-- advance. And a queue that serves whoever has waited for least before whoever has asked for most.
alter table control.database add column moving text references control.shard (name);
comment on column control.database.moving is 'The other server of a move: where it goes, until the registry says that it is there; then where it came from, until that is cleared away. Null: it stays.';
create index databases_by_server on control.database (shard);
comment on index control.databases_by_server is 'How full a server is.';

create table control.engine (
  name text primary key,
  seen_at timestamptz not null default clock_timestamp()
);
comment on table control.engine is 'An engine that works: each listens to its share of the databases.';
comment on column control.engine.name is 'Made up anew at each start.';
comment on column control.engine.seen_at is 'When it last said that it is there; one that has been silent for a few seconds is gone.';

create table control.module_set (
  modules text[] primary key,
  asked_at timestamptz not null default clock_timestamp()
);
comment on table control.module_set is 'A set of modules that a new database was to have: databases with the ones lately asked for are made in advance.';
comment on column control.module_set.modules is 'The modules, in the order they are installed in.';
comment on column control.module_set.asked_at is 'When it was last asked for.';

create index runs_that_wait on control.run (database) where state in ('queued', 'waiting');
comment on index control.runs_that_wait is 'How much a database has in the queue.';

create or replace function control.queue_run() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before bigint;
begin
  -- The further back in its own database's line, the later: so a database that asks for a hundred runs is served once, and then
  -- everybody else is before it is again.
  select count(*) into before
  from (
    select from control.run as r
    where r.database = new.database and r.state in ('queued', 'waiting') and r.id <> new.id and r.asked_at <= new.asked_at
    limit 100
  ) as line;
  -- one queue per database: its jobs run one at a time. A job that the run has now is replaced, or ends with what it is doing
  perform graphile_worker.add_job(
    identifier => 'run',
    payload => json_build_object('run', new.id),
    queue_name => 'db:' || new.database,
    run_at => new.look_at,
    job_key => new.id::text,
    priority => before::integer
  );
  return null;
end
$$;

comment on column control.setting.name is 'What it is: docs/tenants.md lists them.';
