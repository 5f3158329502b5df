-- description: Keeps the account that gateways have at an authority.
-- service: gateway
-- mode: write
create or replace function control.served_account_set(directory text, sealed text, contacts text[]) returns void
language sql as $$
  insert into control.served_account (directory, sealed, contacts)
  values (served_account_set.directory, served_account_set.sealed, served_account_set.contacts)
  on conflict (directory) do update set sealed = excluded.sealed, contacts = excluded.contacts
$$;
