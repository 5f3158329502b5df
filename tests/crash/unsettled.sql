-- What a database that rests does not have: runs that go on, changes without an end, requests without an answer, locks of engines.
select 'run ' || r.kind || ' is ' || r.state from iasql.run r where r.state in ('running', 'waiting')
union all
select 'change ' || c.action || ' of ' || c.resource || ' is ' || c.state from iasql.change c where c.state in ('intent', 'unanswered')
union all
select 'request ' || q.kind || ' has no answer' from iasql.request q
where  q.said is null and not exists (select from iasql.run r where r.id = q.run and r.ended_at is not null)
union all
select 'lock ' || l.mode || ' on ' || l.relation::regclass from pg_locks l
join   pg_database d on d.oid = l.database join pg_stat_activity a on a.pid = l.pid
where  d.datname = current_database() and a.usename like 'iasql%' and l.mode like '%Exclusive%'
