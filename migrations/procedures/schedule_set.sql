-- description: Has a database checked by the clock from now on.
-- service: http
-- mode: write
create or replace function control.schedule_set(database text, cron text, next_at timestamptz)
returns void
language sql as $$
  insert into control.schedule as t (database, cron, next_at)
  values (schedule_set.database, schedule_set.cron, schedule_set.next_at)
  on conflict (database) do update set cron = excluded.cron, next_at = excluded.next_at
$$;
