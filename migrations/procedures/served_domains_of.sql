-- description: The domains below which a user's database may have databases.
-- service: reconciler
-- mode: read
create or replace function control.served_domains_of(database text)
returns table (domain text, owner text, shared boolean)
language sql stable as $$
  select d.domain, d.owner, d.shared
  from control.served_domain as d
  where d.database = served_domains_of.database
  order by d.domain
$$;
