-- description: Finds the server with the fewest databases, which takes the next one. No row: each has so many, or there is none.
-- service: http
-- mode: read
-- optional: shard_url, public_host, public_port
create or replace function control.shard_with_room(databases bigint)
returns table (shard text, shard_url text, public_host text, public_port integer)
language sql stable as $$
  select s.name, s.url, s.public_host, s.public_port
  from control.shard as s
  left join control.database as d on s.name in (d.shard, d.moving)
  group by s.name, s.url, s.public_host, s.public_port
  having count(d.name) < shard_with_room.databases
  order by count(d.name), s.name
  limit 1
$$;
