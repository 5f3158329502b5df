-- description: Forgets a database with its credentials, lease, runs and schedule.
-- service: http
-- mode: write
create or replace function control.database_remove(database text)
returns void
language sql as $$
  delete from control.database as d where d.name = database_remove.database
$$;
