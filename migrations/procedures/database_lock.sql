-- description: Waits for its turn at setting a database up, and has it until the transaction ends.
-- service: http
-- mode: write
create or replace function control.database_lock(database text)
returns table (ready boolean, modules text[])
language sql as $$
  -- not "for update", which would hold up the runs that refer to this row
  select d.ready, d.modules from control.database as d where d.name = database_lock.database for no key update
$$;
