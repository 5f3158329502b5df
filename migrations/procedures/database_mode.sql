-- description: Remembers in which mode a database was last seen.
-- service: scheduler
-- mode: write
create or replace function control.database_mode(database text, mode text)
returns void
language sql as $$
  update control.database as d set mode = database_mode.mode
  where d.name = database_mode.database and d.mode is distinct from database_mode.mode
$$;
