-- description: The database's own time, to tell what was made after a list was begun.
-- service: reconciler
-- mode: read

create or replace function iasql.clock() returns timestamptz
language sql volatile as $$
  select clock_timestamp()
$$;
