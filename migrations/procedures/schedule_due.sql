-- description: Takes up to 100 schedules that are due, until the transaction ends. Ask for each one's check and call schedule_next.
-- service: scheduler
-- mode: write
create or replace function control.schedule_due()
returns table (database text, cron text, read_at timestamptz)
language sql as $$
  -- skip what another engine is asking for at this moment, and what is being set up or removed: asking would wait for that
  select t.database, t.cron, clock_timestamp()
  from control.schedule as t
  join control.database as d on d.name = t.database
  where t.next_at <= clock_timestamp() and d.ready
  order by t.next_at
  limit 100
  for no key update of t, d skip locked
$$;
