-- description: Tells how an administrator reaches a database, and whether it may be used yet. No row: there is none of that name.
-- service: reconciler
-- mode: write
-- callers: scheduler, http
-- optional: shard_url
create or replace function control.database_way(database text)
returns table (ready boolean, shard text, shard_url text)
language sql stable as $$
  select d.ready, s.name, s.url
  from control.database as d
  join control.shard as s on s.name = d.shard
  where d.name = database_way.database
$$;
