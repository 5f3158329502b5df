select exists (
  select
  from pg_catalog.pg_stat_activity as a
  where a.backend_type = 'client backend' and a.xact_start is not null and a.pid <> pg_catalog.pg_backend_pid()
)
