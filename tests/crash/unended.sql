-- What a metadata database at rest does not have: runs that go on, leases that are held, jobs.
select 'run ' || r.kind || ' is ' || r.state from control.run r where r.state in ('queued', 'running', 'waiting')
union all
select 'lease of ' || l.database from control.lease l where l.holder is not null and l.expires_at > clock_timestamp()
union all
select 'queue ' || q.queue_name || ' is locked' from graphile_worker._private_job_queues q
where  q.locked_by is not null and not exists (select from graphile_worker._private_jobs j where j.locked_by = q.locked_by)
