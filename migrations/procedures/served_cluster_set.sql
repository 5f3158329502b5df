-- description: Has engines lead a cluster, or lead it otherwise. Nothing sealed leaves that as it is. False: somebody else's cluster has the place.
-- service: reconciler
-- mode: write
-- optional: sealed, sealed_with
create or replace function control.served_cluster_set(
  database text, name text, owner text, place text, wanted jsonb, sealed text, sealed_with text
)
returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  update control.served_cluster as c
  set owner = served_cluster_set.owner,
      change = c.change + (c.wanted <> served_cluster_set.wanted or served_cluster_set.sealed is not null)::integer,
      changed_at = case when c.wanted <> served_cluster_set.wanted or served_cluster_set.sealed is not null then clock_timestamp() else c.changed_at end,
      wanted = served_cluster_set.wanted,
      sealed = coalesce(served_cluster_set.sealed, c.sealed),
      sealed_with = coalesce(served_cluster_set.sealed_with, c.sealed_with)
  where c.database = served_cluster_set.database and c.name = served_cluster_set.name and c.place = served_cluster_set.place;
  if not found then
    insert into control.served_cluster (database, name, owner, place, wanted, sealed, sealed_with)
    select
      served_cluster_set.database, served_cluster_set.name, served_cluster_set.owner, served_cluster_set.place, served_cluster_set.wanted,
      served_cluster_set.sealed, served_cluster_set.sealed_with
    where served_cluster_set.sealed is not null
    on conflict do nothing;
    if not found then
      return false;
    end if;
  end if;
  -- engines look by themselves, too; this way they look at once
  perform pg_notify('iasql_clusters', '');
  return true;
end
$$;
