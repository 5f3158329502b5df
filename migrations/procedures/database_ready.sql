-- description: Notes that a database's setup has ended, and which modules it has.
-- service: http
-- mode: write
create or replace function control.database_ready(database text, modules text[])
returns void
language sql as $$
  update control.database as d set ready = true, modules = database_ready.modules, active_at = clock_timestamp()
  where d.name = database_ready.database
$$;
