-- description: Has a database tell what happens in it; answers what the secret is derived with, and whether that is new.
-- service: http
-- mode: write
create or replace function control.webhook_set(database text, url text, events text[], is_private boolean, rotate boolean)
returns table (salt uuid, is_new boolean)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with before as (select w.salt from control.webhook as w where w.database = webhook_set.database)
  insert into control.webhook as w (database, url, events, is_private)
  values (webhook_set.database, webhook_set.url, webhook_set.events, webhook_set.is_private)
  on conflict on constraint webhook_pkey do update set
    url = excluded.url, events = excluded.events, is_private = excluded.is_private,
    salt = case when webhook_set.rotate then gen_random_uuid() else w.salt end
  returning w.salt, w.salt is distinct from (select b.salt from before as b);
end
$$;
