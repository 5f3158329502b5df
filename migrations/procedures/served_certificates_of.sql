-- description: What the rows of a user's database have the gateway show. What is sealed stays where it is.
-- service: reconciler
-- mode: read
create or replace function control.served_certificates_of(database text)
returns table (domain text, owner text, version uuid, sealed_with text, fingerprint text, names text[], not_before timestamptz, not_after timestamptz)
language sql stable as $$
  select c.domain, c.owner, c.version, c.sealed_with, c.fingerprint, c.names, c.not_before, c.not_after
  from control.served_certificate as c
  where c.database = served_certificates_of.database
  order by c.domain
$$;
