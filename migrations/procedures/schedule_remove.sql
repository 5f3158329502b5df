-- description: Has a database no longer checked by the clock.
-- service: http
-- mode: write
create or replace function control.schedule_remove(database text)
returns void
language sql as $$
  delete from control.schedule as t where t.database = schedule_remove.database
$$;
