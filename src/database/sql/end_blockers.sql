-- sessions of the tenant's that hold a lock on something outside their own schema
select count(*) filter (where pg_catalog.pg_terminate_backend(holder.pid))
from   (select distinct l.pid
        from   pg_catalog.pg_locks l
        join   pg_catalog.pg_class c on c.oid = l.relation
        join   pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join   pg_catalog.pg_stat_activity a on a.pid = l.pid
        where  l.granted and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
        and    a.usename = $1 and n.nspname not in ('public', 'pg_catalog', 'information_schema')
        and    a.pid <> pg_catalog.pg_backend_pid()) holder
