select pg_catalog.current_setting('cron.database_name', true) is not null
