-- description: The lists that could not be read the last time, and why.
-- service: reconciler
-- mode: read

create or replace function iasql.blind_listings() returns table (resource text, region text, blind text)
language sql stable as $$
  select l.resource, l.region, l.blind from iasql.listing l where l.blind is not null order by l.resource, l.region
$$;
