select 'run ' || r.id || ' of ' || r.database || ' is ' || r.state from control.run r where r.ended_at is null
union all
select 'queue ' || q.queue_name || ' is locked' from graphile_worker._private_job_queues q
where  q.locked_by is not null and not exists (select from graphile_worker._private_jobs j where j.locked_by = q.locked_by)
