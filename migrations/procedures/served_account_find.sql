-- description: The account that gateways have at an authority, sealed. No row: none yet.
-- service: gateway
-- mode: read
create or replace function control.served_account_find(directory text)
returns table (sealed text, contacts text[])
language sql stable as $$
  select a.sealed, a.contacts from control.served_account as a where a.directory = served_account_find.directory
$$;
