-- description: Lists the databases that are to be watched, with their servers: those that wait for commits first, then the lately active ones.
-- service: scheduler
-- mode: read
-- optional: shard_url
create or replace function control.databases_to_watch()
returns table (database text, shard text, shard_url text)
language sql stable as $$
  select d.name, s.name, s.url
  from control.database as d
  join control.shard as s on s.name = d.shard
  where d.ready and d.moving is null
  order by d.mode = 'on_commit' desc, d.active_at desc, d.name
$$;
