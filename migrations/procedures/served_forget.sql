-- description: Forgets a database that is served no longer and whose files are gone.
-- service: gateway
-- mode: write
create or replace function control.served_forget(id uuid) returns void
language sql as $$
  delete from control.served as s where s.id = served_forget.id and s.gone_at is not null
$$;
