-- description: Tells how many tasks wait, since when the oldest does, and whether a replica answers.
-- service: api
-- mode: read
-- callers: worker, janitor
-- optional: oldest
create or replace function queue.health()
returns table (waiting bigint, oldest timestamptz, from_replica boolean)
language sql stable as $$
  select count(*), min(t.put_at), pg_is_in_recovery() from queue.task as t where t.state = 'waiting'
$$;
