-- Nobody else logs in as a visitor, and a number may be given away again.
select pg_catalog.pg_terminate_backend(a.pid, 5000) from pg_catalog.pg_stat_activity a where a.pid = $1 and a.usename = $2
