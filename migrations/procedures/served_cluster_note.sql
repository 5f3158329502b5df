-- description: Notes what an engine sees of a cluster.
-- service: reconciler
-- mode: write
create or replace function control.served_cluster_note(database text, name text, seen jsonb) returns void
language sql as $$
  update control.served_cluster as c
  set seen = served_cluster_note.seen, seen_at = clock_timestamp()
  where c.database = served_cluster_note.database and c.name = served_cluster_note.name
$$;
