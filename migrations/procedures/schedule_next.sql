-- description: Says when a database's next check by the clock is due. Null: never.
-- service: scheduler
-- mode: write
-- optional: next_at
create or replace function control.schedule_next(database text, next_at timestamptz default null)
returns void
language sql as $$
  update control.schedule as t set next_at = coalesce(schedule_next.next_at, 'infinity') where t.database = schedule_next.database
$$;
