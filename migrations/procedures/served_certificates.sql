-- description: All that gateways show, by domain, sealed.
-- service: gateway
-- mode: read
create or replace function control.served_certificates()
returns table (domain text, sealed text, fingerprint text, not_after timestamptz)
language sql stable as $$
  select c.domain, c.sealed, c.fingerprint, c.not_after
  from control.served_certificate as c
  order by c.domain
$$;
