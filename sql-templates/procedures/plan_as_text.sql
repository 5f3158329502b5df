-- description: The plan as text, a line each.
-- service: http
-- mode: read

create or replace function iasql.plan_as_text() returns setof text
language sql stable as $$
  select iasql.diff()
$$;
