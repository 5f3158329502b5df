-- description: What was last seen of all clusters.
-- service: http
-- mode: read
create or replace function control.served_clusters_seen()
returns table (database text, name text, seen jsonb)
language sql stable as $$
  select c.database, c.name, c.seen
  from control.served_cluster as c
  where c.seen is not null
  order by c.database, c.name
$$;
