-- description: Forgets a database's own Fly organization: then its secret or the engine's environment says whose it is.
-- service: http
-- mode: write
create or replace function control.fly_account_remove(database text)
returns void
language sql as $$
  delete from control.fly_account as f where f.database = fly_account_remove.database
$$;
