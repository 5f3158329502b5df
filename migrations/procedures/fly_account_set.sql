-- description: Keeps whose Fly organization a database is about, and the sealed token for it.
-- service: http
-- mode: write
create or replace function control.fly_account_set(database text, organization text, sealed text)
returns void
language sql as $$
  insert into control.fly_account as f (database, organization, sealed)
  values (fly_account_set.database, fly_account_set.organization, fly_account_set.sealed)
  on conflict (database) do update set organization = excluded.organization, sealed = excluded.sealed
$$;
