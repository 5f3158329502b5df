-- who has nothing under way, or has had their time, is ended; counted are all
select count(*) from (
  select case when not $2 or state = 'idle' then pg_catalog.pg_terminate_backend(pid) end
  from   pg_catalog.pg_stat_activity
  where  datname = $1 and pid <> pg_catalog.pg_backend_pid() and backend_type = 'client backend'
  offset 0
) as session
