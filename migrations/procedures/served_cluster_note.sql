-- description: Notes what an engine sees of a cluster. Once that is as it should be, runs of its database that wait look at it at once.
-- service: reconciler
-- mode: write
create or replace function control.served_cluster_note(database text, name text, seen jsonb) returns void
language sql as $$
  with before as (
    select c.database, c.name, c.seen
    from control.served_cluster as c
    where c.database = served_cluster_note.database and c.name = served_cluster_note.name
    for update
  ), noted as (
    update control.served_cluster as c
    set seen = served_cluster_note.seen, seen_at = clock_timestamp()
    from before as b
    where c.database = b.database and c.name = b.name
    returning
      c.database,
      (c.seen ->> 'is_done')::boolean and (b.seen -> 'is_done', b.seen -> 'change') is distinct from (c.seen -> 'is_done', c.seen -> 'change') as came
  )
  update control.run as r
  set look_at = clock_timestamp(), woken_at = clock_timestamp()
  from noted as n
  -- what stands in no queue is looked at by the command that asked for it
  where n.came and r.database = n.database and r.state in ('running', 'waiting') and r.look_at is not null
$$;
