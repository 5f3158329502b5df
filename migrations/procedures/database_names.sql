-- description: Lists the names of all databases, for a hint at a mistyped one.
-- service: http
-- mode: read
-- callers: reconciler, scheduler
create or replace function control.database_names()
returns setof text
language sql stable as $$
  select d.name from control.database as d order by d.name
$$;
