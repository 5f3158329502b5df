-- description: Has gateways show what was ordered, and has it ordered again at a time. False: it is that gateway's order no longer, and nothing changes.
-- service: gateway
-- mode: write
create or replace function control.served_order_end(
  domain text, holder uuid, sealed text, sealed_with text, fingerprint text, names text[], not_before timestamptz, not_after timestamptz, again_at timestamptz
)
returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  update control.served_order as o
  set state = 'valid', failures = 0, not_until = served_order_end.again_at, answers = '{}', held_by = null, held_until = null
  where o.domain = served_order_end.domain and o.held_by = served_order_end.holder;
  if not found then
    return false;
  end if;
  insert into control.served_certificate (domain, database, owner, version, sealed, sealed_with, fingerprint, names, not_before, not_after)
  select
    o.domain, o.database, o.owner, gen_random_uuid(), served_order_end.sealed, served_order_end.sealed_with, served_order_end.fingerprint,
    served_order_end.names, served_order_end.not_before, served_order_end.not_after
  from control.served_order as o
  where o.domain = served_order_end.domain
  on conflict (domain) do update
  set database = excluded.database, owner = excluded.owner, version = excluded.version, sealed = excluded.sealed, sealed_with = excluded.sealed_with,
      fingerprint = excluded.fingerprint, names = excluded.names, not_before = excluded.not_before, not_after = excluded.not_after,
      changed_at = clock_timestamp();
  return true;
end
$$;
