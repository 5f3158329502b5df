-- description: Has gateways order a certificate for a domain, and again before it is over. What could not be had is tried again at once. False: somebody else's is shown or ordered there, or the domain is not this user's alone.
-- service: reconciler
-- mode: write
-- optional: contact
create or replace function control.served_order_set(database text, owner text, domain text, issuer text, contact text) returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  insert into control.served_order (domain, database, owner, issuer, contact)
  select d.domain, d.database, served_order_set.owner, served_order_set.issuer, served_order_set.contact
  from control.served_domain as d
  where d.domain = served_order_set.domain and d.database = served_order_set.database and not d.shared
    and not exists (select from control.served_certificate as c where c.domain = d.domain and c.database <> d.database)
  on conflict (domain) do update
  set owner = excluded.owner, contact = excluded.contact
  where served_order.database = excluded.database;
  if not found then
    return false;
  end if;
  -- what is valid, and from the same issuer, stays so; whoever is ordering from another one finds that it is theirs no longer
  update control.served_order as o
  set issuer = served_order_set.issuer, state = 'wanted', failures = 0, not_until = clock_timestamp(), answers = '{}', held_by = null, held_until = null
  where o.domain = served_order_set.domain and (o.issuer <> served_order_set.issuer or o.state <> 'valid' and o.failures > 0);
  return true;
end
$$;
