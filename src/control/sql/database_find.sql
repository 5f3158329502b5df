-- one database with all that is known about it
select
  d.name, d.region, d.modules, d.mode, d.ready, d.made_at, d.active_at,
  s.name as shard, s.url as shard_url, s.public_host, s.public_port,
  c.profile, c.role_arn, c.external_id, c.secret, c.secret_region,
  t.cron
from control.database as d
join control.shard as s on s.name = d.shard
left join control.credential as c on c.database = d.name
left join control.schedule as t on t.database = d.name
where $1::text is null or d.name = $1
order by d.name
