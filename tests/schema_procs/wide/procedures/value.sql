-- description: Has a name that other crates have too.
-- service: error
-- mode: read
-- optional: note

create or replace function wide.value() returns table (note text)
language sql stable as $$
  values ('a'), (null)
$$;
