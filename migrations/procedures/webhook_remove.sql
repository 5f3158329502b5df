-- description: Has a database tell nobody any more; what is not delivered yet is forgotten.
-- service: http
-- mode: write
create or replace function control.webhook_remove(database text) returns boolean
language sql as $$
  with removed as (delete from control.webhook as w where w.database = webhook_remove.database returning 1)
  select exists (select from removed)
$$;
