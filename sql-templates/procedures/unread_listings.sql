-- description: The lists that were never read.
-- service: reconciler
-- mode: read

create or replace function iasql.unread_listings() returns table (resource text, region text)
language sql stable as $$
  select l.resource, l.region
  from   iasql.listings() l
  where  not exists (
           select from iasql.listing r
           where  r.resource = l.resource and r.region = l.region and (r.listed_at is not null or r.blind is not null))
$$;
