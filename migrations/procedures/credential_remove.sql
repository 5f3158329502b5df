-- description: Forgets where a database's credentials are: then they come from AWS' default chain.
-- service: http
-- mode: write
create or replace function control.credential_remove(database text)
returns void
language sql as $$
  delete from control.credential as c where c.database = credential_remove.database
$$;
