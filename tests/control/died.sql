-- What stands in the metadata database a minute after an engine was killed in the middle of its only job.
insert into graphile_worker._private_workers (id, last_heartbeat_at, started_at) values ('dead', now() - interval '1 minute', now() - interval '1 hour');
update graphile_worker._private_jobs set locked_by = 'dead', locked_at = now() - interval '1 minute', attempts = 1;
update graphile_worker._private_job_queues set locked_by = 'dead', locked_at = now() - interval '1 minute';
update control.lease set expires_at = now() - interval '45 seconds';
