-- A job runs on the port of the server that it was scheduled on.
update cron.job
set nodeport = pg_catalog.current_setting('port')::int
where nodeport <> pg_catalog.current_setting('port')::int
