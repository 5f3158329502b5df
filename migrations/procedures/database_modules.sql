-- description: Notes which modules a database has, where an upgrade has brought some that the others have come to need.
-- service: http
-- mode: write
create or replace function control.database_modules(database text, modules text[])
returns void
language sql as $$
  update control.database as d set modules = database_modules.modules where d.name = database_modules.database
$$;
