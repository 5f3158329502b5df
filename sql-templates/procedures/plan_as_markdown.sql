-- description: The plan as Markdown, a line each.
-- service: http
-- mode: read

create or replace function iasql.plan_as_markdown() returns setof text
language sql stable as $$
  select iasql.review()
$$;
