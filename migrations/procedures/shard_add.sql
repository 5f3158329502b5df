-- description: Adds a server, or changes how one is reached. False: there is one of that name with databases on it, elsewhere.
-- service: http
-- mode: write
-- optional: public_host, public_port
create or replace function control.shard_add(shard text, url text, public_host text default null, public_port integer default null)
returns boolean
language sql as $$
  with added as (
    insert into control.shard as s (name, url, public_host, public_port)
    values (shard_add.shard, shard_add.url, shard_add.public_host, shard_add.public_port)
    on conflict (name) do update set url = excluded.url, public_host = excluded.public_host, public_port = excluded.public_port
    where s.url is not distinct from excluded.url or not exists (select from control.database as d where s.name in (d.shard, d.moving))
    returning 1
  )
  select exists (select from added)
$$;
