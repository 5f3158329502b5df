-- description: What the rows of a user's database have the gateway show, and what they have it order. What is sealed stays where it is.
-- service: reconciler
-- mode: read
-- optional: version, sealed_with, fingerprint, names, not_before, not_after, issuer, contact, state
create or replace function control.served_certificates_of(database text)
returns table (
  domain text, owner text, version uuid, sealed_with text, fingerprint text, names text[], not_before timestamptz, not_after timestamptz,
  issuer text, contact text, state text
)
language sql stable as $$
  select d.domain, coalesce(o.owner, c.owner),
         -- what was ordered is no version of what somebody wrote
         case when o.domain is null then c.version end,
         c.sealed_with, c.fingerprint, c.names, c.not_before, c.not_after, o.issuer, o.contact,
         -- gateways that order look every two seconds
         case when o.state = 'wanted' and greatest(o.looked_at, o.not_until) < clock_timestamp() - interval '1 minute'
           then 'wanted; no gateway orders certificates: start one with --dns, and with the engine''s keys' else o.state end
  from control.served_domain as d
  left join control.served_certificate as c on c.domain = d.domain and c.database = d.database
  left join control.served_order as o on o.domain = d.domain and o.database = d.database
  where d.database = served_certificates_of.database and (c.domain is not null or o.domain is not null)
  order by d.domain
$$;
