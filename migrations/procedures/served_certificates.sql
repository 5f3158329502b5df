-- description: All that gateways show, by domain, sealed; and whether a gateway orders it.
-- service: gateway
-- mode: read
create or replace function control.served_certificates()
returns table (domain text, sealed text, fingerprint text, not_after timestamptz, is_ordered boolean)
language sql stable as $$
  select c.domain, c.sealed, c.fingerprint, c.not_after, exists (select from control.served_order as o where o.domain = c.domain)
  from control.served_certificate as c
  -- what all are shown who come to a domain is not for one of those to say who share it
  join control.served_domain as d on d.domain = c.domain and d.database = c.database and not d.shared
  order by c.domain
$$;
