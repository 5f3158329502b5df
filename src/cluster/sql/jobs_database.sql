-- In which database pg_cron keeps its jobs: only one that is preloaded has the setting.
select d.datname::text
from pg_catalog.pg_database as d
where
  d.datname = pg_catalog.current_setting('cron.database_name', true)
  and pg_catalog.current_setting('shared_preload_libraries') like '%pg\_cron%'
