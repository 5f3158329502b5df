-- description: Tells which modules a database has, and its own Fly organization with the sealed token. No row: there is no database of that name.
-- service: reconciler
-- mode: write
-- optional: organization, sealed
create or replace function control.database_clouds(database text)
returns table (modules text[], organization text, sealed text)
language sql stable as $$
  select d.modules, f.organization, f.sealed
  from control.database as d
  left join control.fly_account as f on f.database = d.name
  where d.name = database_clouds.database
$$;
