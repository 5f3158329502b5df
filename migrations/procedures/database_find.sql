-- description: Finds a database with all that is known about it, as it is now. No row: there is none of that name.
-- service: http
-- mode: write
-- optional: shard_url, public_host, public_port, profile, role_arn, external_id, secret, secret_region, cron
create or replace function control.database_find(database text)
returns table (
  name text, region text, modules text[], mode text, ready boolean, made_at timestamptz, active_at timestamptz,
  shard text, shard_url text, public_host text, public_port integer,
  profile text, role_arn text, external_id text, secret text, secret_region text,
  cron text
)
language sql stable as $$
  select
    d.name, d.region, d.modules, d.mode, d.ready, d.made_at, d.active_at,
    s.name, s.url, s.public_host, s.public_port,
    c.profile, c.role_arn, c.external_id, c.secret, c.secret_region,
    t.cron
  from control.database as d
  join control.shard as s on s.name = d.shard
  left join control.credential as c on c.database = d.name
  left join control.schedule as t on t.database = d.name
  where d.name = database_find.database
$$;
