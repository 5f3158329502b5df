-- description: Tells this server's time, by which schedules come due.
-- service: http
-- mode: write
create or replace function control.clock()
returns timestamptz
language sql as $$
  select clock_timestamp()
$$;
