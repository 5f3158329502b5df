-- description: Says whether the metadata database can be written to.
-- service: http
-- mode: write
create or replace function control.ping()
returns boolean
language sql as $$
  select not pg_is_in_recovery()
$$;
