select distinct pg_catalog.format('%s (%s, %s, process %s)', a.usename, nullif(a.application_name, ''), a.state, a.pid)
from pg_catalog.pg_locks as l
join pg_catalog.pg_stat_activity as a on a.pid = l.pid
left join pg_catalog.pg_class as c on c.oid = l.relation
left join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where l.granted and l.locktype = 'relation' and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
  and l.pid <> pg_backend_pid() and (n.nspname = any ($1) or n.nspname = 'schema_versions')
