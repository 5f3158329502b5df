-- An engine that was frozen may wake up and end a job that another one has taken over.

-- The queue unlocks a database's jobs for whoever held the job that ends. Ended by somebody else, they would stay locked for ever.
create function control.free_queue() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update graphile_worker._private_job_queues as q set locked_by = null, locked_at = null
  where q.id = old.job_queue_id and q.locked_by = old.locked_by;
  return null;
end
$$;
comment on function control.free_queue() is 'Unlocks the queue of a job that is gone, whoever ended it.';
revoke all on function control.free_queue() from public;

-- where this schema is only looked at there is no queue
do $$
begin
  if to_regclass('graphile_worker._private_jobs') is not null then
    create trigger a_job_that_is_gone_holds_up_no_other after delete on graphile_worker._private_jobs
      for each row when (old.job_queue_id is not null and old.locked_by is not null) execute function control.free_queue();
    comment on trigger a_job_that_is_gone_holds_up_no_other on graphile_worker._private_jobs is 'An engine that wakes up may end a job that another one has by now.';
  end if;
end
$$;

insert into control.setting (name, value) values ('lease_seconds', '10') on conflict do nothing;
comment on column control.setting.name is 'listeners: databases that one engine listens to. poll_seconds: how often it looks into each of the others. lease_seconds: after how long without a sign of life an engine counts as gone.';

create index runs_in_no_queue on control.run (database) where look_at is null and ended_at is null;
comment on index control.runs_in_no_queue is 'What somebody does at once, on a command line; if they are killed, nobody takes it over.';

create index runs_that_go_on on control.run (look_at) where look_at is not null and ended_at is null;
comment on index control.runs_that_go_on is 'What should stand in the queue.';
