-- description: Lists all servers by name, with how many databases each has.
-- service: http
-- mode: read
-- callers: scheduler
-- optional: shard_url, public_host, public_port
create or replace function control.shard_list()
returns table (shard text, shard_url text, public_host text, public_port integer, databases bigint)
language sql stable as $$
  select s.name, s.url, s.public_host, s.public_port, (select count(*) from control.database as d where d.shard = s.name)
  from control.shard as s
  order by s.name
$$;
