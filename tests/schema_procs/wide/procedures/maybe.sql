-- description: Answers what may be NULL.
-- service: loop
-- mode: read
-- optional: number, result

create or replace function wide.maybe(number integer, said text default null) returns text
language sql stable as $$
  select coalesce(maybe.said, maybe.number::text)
$$;
