-- description: Does nothing any more.
-- service: loop
-- mode: write
-- callers: error
-- deprecated: use "names", which does something

create or replace function wide.forget() returns void
language sql as $$
$$;
