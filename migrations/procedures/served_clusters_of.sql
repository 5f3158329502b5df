-- description: The clusters of a user's database, and for how many seconds each is to be as it is. What is sealed stays where it is.
-- service: reconciler
-- mode: write
-- optional: seen
create or replace function control.served_clusters_of(database text)
returns table (name text, owner text, wanted jsonb, change bigint, since double precision, sealed_with text, seen jsonb)
language sql stable as $$
  select c.name, c.owner, c.wanted, c.change, extract(epoch from clock_timestamp() - c.changed_at)::double precision, c.sealed_with, c.seen
  from control.served_cluster as c
  where c.database = served_clusters_of.database
  order by c.name
$$;
