-- description: Tells where a database is, whether it may be used yet, and the other server of a move that goes on. No row: there is none of that name.
-- service: reconciler
-- mode: write
-- callers: scheduler, http
-- optional: shard_url, moving, moving_url
create or replace function control.database_place(database text)
returns table (ready boolean, shard text, shard_url text, moving text, moving_url text)
language sql stable as $$
  select d.ready, s.name, s.url, o.name, o.url
  from control.database as d
  join control.shard as s on s.name = d.shard
  left join control.shard as o on o.name = d.moving
  where d.name = database_place.database
$$;
