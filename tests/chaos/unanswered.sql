select 'request ' || q.id || ' has no answer' from iasql.request q
where  q.said is null and not exists (select from iasql.run r where r.id = q.run and r.ended_at is not null)
union all
select 'run ' || r.id || ' is ' || r.state from iasql.run r where r.state = 'running'
