-- description: Has engines lead a cluster of a user's database no longer.
-- service: reconciler
-- mode: write
create or replace function control.served_cluster_remove(database text, name text) returns void
language sql as $$
  delete from control.served_cluster as c
  where c.database = served_cluster_remove.database and c.name = served_cluster_remove.name;
  select pg_notify('iasql_clusters', '');
$$;
