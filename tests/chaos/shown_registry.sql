(select 'run: ' || r.database || ' ' || r.id || ' ' || r.kind || ' for ' || r.asked_by || ' ' || r.state || ' under ' || coalesce(r.counter::text, '-') || ' asked at ' || r.asked_at::time(3)
   || coalesce(': ' || (r.outcome ->> 'errors'), '') from control.run r order by r.asked_at desc limit 12)
union all
select 'lease: ' || l.database || ' ' || coalesce(l.holder, '-') || ' ' || l.counter || ' until ' || l.expires_at::time(3) from control.lease l
union all
select 'job: ' || coalesce(j.key, '-') || ' at ' || j.run_at::time(3) || ' locked by ' || coalesce(j.locked_by, '-') || ' attempts ' || j.attempts || coalesce(': ' || j.last_error, '') from graphile_worker._private_jobs j
union all
select 'queue: ' || q.queue_name || ' locked by ' || q.locked_by from graphile_worker._private_job_queues q where q.locked_by is not null
