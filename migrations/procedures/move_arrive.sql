-- description: Notes, in one step, that a database is on the other server now, and that what is left of it where it was may go.
-- service: http
-- mode: write
create or replace function control.move_arrive(database text, shard text)
returns boolean
language sql as $$
  with arrived as (
    update control.database as d set shard = d.moving, moving = d.shard
    where d.name = move_arrive.database and d.moving = move_arrive.shard
    returning 1
  )
  select exists (select from arrived)
$$;
