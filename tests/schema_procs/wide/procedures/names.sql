-- description: Lists names.
-- service: loop
-- mode: read

create or replace function wide.names() returns setof text
language sql stable as $$
  values ('a'), ('b')
$$;
