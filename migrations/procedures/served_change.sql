-- description: Changes what is said of a served database, and whose row it is; no verifier and no version leave the password as it is.
-- service: reconciler
-- mode: write
-- optional: verifier, password_version, durability_seconds, location
create or replace function control.served_change(
  id uuid, database text, owner text, verifier text, password_version uuid, idle_seconds integer, size_limit_bytes bigint,
  durability text, durability_seconds integer, location text, hold boolean
)
returns void
language sql as $$
  update control.served as s
  set database = served_change.database, owner = served_change.owner,
      verifier = coalesce(served_change.verifier, s.verifier),
      password_version = coalesce(served_change.password_version, s.password_version),
      idle_seconds = served_change.idle_seconds, size_limit_bytes = served_change.size_limit_bytes,
      durability = served_change.durability, durability_seconds = served_change.durability_seconds,
      location = served_change.location, hold = served_change.hold
  where s.id = served_change.id and s.gone_at is null
$$;
