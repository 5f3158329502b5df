-- description: Does nothing at all any more.
-- service: loop
-- mode: write
-- deprecated: there is nothing to forget

create or replace function wide.forget_all() returns bigint
language sql as $$
  select 0::bigint
$$;
