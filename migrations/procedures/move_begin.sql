-- description: Notes that a database is on its way to another server. False: it is on its way elsewhere, not ready, or not there.
-- service: http
-- mode: write
create or replace function control.move_begin(database text, shard text)
returns boolean
language sql as $$
  with begun as (
    update control.database as d set moving = move_begin.shard
    where d.name = move_begin.database and d.ready and d.shard <> move_begin.shard and coalesce(d.moving, move_begin.shard) = move_begin.shard
    returning 1
  )
  select exists (select from begun)
$$;
