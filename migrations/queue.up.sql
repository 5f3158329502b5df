-- A run that is to be looked at puts its own job into the queue, in the transaction of whoever wants that. So no service needs a right
-- to the queue's tables, which have row-level security: their owner, who owns this function too, is the only one to write there.

alter table control.run add column look_at timestamptz;
comment on column control.run.look_at is 'From when on an engine is to look at it, as last said; writing this queues its job. Null: it stands in no queue.';

create function control.queue_run() returns trigger
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
comment on function control.queue_run() is 'Puts the job of a run into the queue of its database.';
revoke all on function control.queue_run() from public;

create trigger a_run_that_is_looked_at_is_queued after insert or update of look_at on control.run
  for each row when (new.look_at is not null) execute function control.queue_run();
comment on trigger a_run_that_is_looked_at_is_queued on control.run is 'A run and its job are written in one transaction.';
