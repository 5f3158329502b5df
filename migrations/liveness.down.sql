-- Engines are as patient as they were, and a queue is unlocked by the holder of its job only.

drop index control.runs_that_go_on;
drop index control.runs_in_no_queue;
drop trigger if exists a_job_that_is_gone_holds_up_no_other on graphile_worker._private_jobs;
drop function control.free_queue();
delete from control.setting where name = 'lease_seconds';
comment on column control.setting.name is 'listeners: databases that one engine listens to. poll_seconds: how often it looks into each of the others.';
