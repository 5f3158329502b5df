-- description: What the gateway is to show who comes to a domain. Nothing sealed leaves it as it is, and changes whose row it is; something sealed takes the place of an order. False: somebody else has said so already, or the domain is not this user's alone.
-- service: reconciler
-- mode: write
-- optional: sealed, sealed_with, fingerprint, names, not_before, not_after
create or replace function control.served_certificate_set(
  database text, owner text, domain text, version uuid, sealed text, sealed_with text, fingerprint text, names text[], not_before timestamptz, not_after timestamptz
)
returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  if served_certificate_set.sealed is null then
    update control.served_certificate as c set owner = served_certificate_set.owner
    where c.domain = served_certificate_set.domain and c.database = served_certificate_set.database;
    return found;
  end if;
  insert into control.served_certificate (domain, database, owner, version, sealed, sealed_with, fingerprint, names, not_before, not_after)
  select
    served_certificate_set.domain, served_certificate_set.database, served_certificate_set.owner, served_certificate_set.version,
    served_certificate_set.sealed, served_certificate_set.sealed_with, served_certificate_set.fingerprint, served_certificate_set.names,
    served_certificate_set.not_before, served_certificate_set.not_after
  from control.served_domain as d
  where d.domain = served_certificate_set.domain and d.database = served_certificate_set.database and not d.shared
    and not exists (select from control.served_order as o where o.domain = d.domain and o.database <> d.database)
  on conflict (domain) do update
  set owner = excluded.owner, version = excluded.version, sealed = excluded.sealed, sealed_with = excluded.sealed_with,
      fingerprint = excluded.fingerprint, names = excluded.names, not_before = excluded.not_before, not_after = excluded.not_after,
      changed_at = clock_timestamp()
  where served_certificate.database = excluded.database;
  if not found then
    return false;
  end if;
  delete from control.served_order as o where o.domain = served_certificate_set.domain and o.database = served_certificate_set.database;
  return true;
end
$$;
