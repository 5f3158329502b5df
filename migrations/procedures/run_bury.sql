-- description: Ends, as lost, runs that stand in no queue and that nobody is at any more; answers with their databases. Those that should stand in one are put there again.
-- service: reconciler
-- mode: write
-- callers: scheduler
create or replace function control.run_bury()
returns setof text
language sql as $$
  with again as (
    -- its job may have been ended by an engine that was frozen and did not know that the job was somebody else's; one that is there stays as it is
    update control.run as r set look_at = clock_timestamp()
    where r.look_at < clock_timestamp() - interval '30 seconds' and r.ended_at is null
      and (r.state <> 'running' or not exists (
        select from control.lease as l where l.database = r.database and l.holder is not null and l.expires_at > clock_timestamp()
      ))
  ), lost as (
    update control.run as r set
      state = 'lost', ended_at = clock_timestamp(),
      outcome = jsonb_build_object('run', r.id, 'state', 'lost', 'errors', jsonb_build_array('the command that ran it was killed'))
    where r.look_at is null and r.ended_at is null
      -- what runs has a lease; what waits for its turn, or for the cloud, has none, and gives up by itself sooner than this
      and (r.state = 'running' or r.asked_at < clock_timestamp() - interval '2 hours')
      and not exists (
        select from control.lease as l where l.database = r.database and l.holder is not null and l.expires_at > clock_timestamp()
      )
    returning r.database
  )
  select distinct lost.database from lost
$$;
