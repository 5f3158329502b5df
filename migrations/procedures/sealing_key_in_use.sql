-- description: The public key that secrets are sealed to. No row: no engine has come with one yet.
-- service: http
-- mode: read
create or replace function control.sealing_key_in_use()
returns table (id text, key bytea)
language sql stable as $$
  select k.id, k.key from control.sealing_key as k order by k.noted_at desc limit 1
$$;
