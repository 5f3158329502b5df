-- Takes back jobs, and what refuses some.

select iasql.unregister('postgres.cron_job');
drop function postgres.refuse_cron_job();
