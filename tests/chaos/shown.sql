select 'plan: ' || action || ' ' || resource || ' ' || name || coalesce(' # ' || reason, '') from iasql.plan where action <> 'unmanaged'
union all
(select 'run: ' || r.id || ' ' || r.kind || ' ' || r.state || ' under ' || r.counter || ' at ' || r.started_at::time(3) || ': ' || coalesce(r.said, '')
 from iasql.run r order by r.started_at desc limit 6)
union all
(select 'change: ' || c.run || ' ' || c.action || ' ' || c.resource || ' ' || c.name || ' ' || c.state || coalesce(': ' || c.error, '')
 from iasql.change c order by c.id desc limit 15)
union all
select 'request: ' || q.id || ' ' || coalesce(q.run::text, 'not taken') || ' ' || coalesce(q.said, '') from (select * from iasql.request order by id desc limit 5) q
