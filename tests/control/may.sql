-- All that a role may do with what is not Postgres' own: `execute control.ping`, `select control.run`, `create control`, `become x`.
select 'execute ' || n.nspname || '.' || p.proname
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname !~ '^pg_|^information_schema$'
  and pg_catalog.has_schema_privilege($1, n.oid, 'usage') and pg_catalog.has_function_privilege($1, p.oid, 'execute')
union all
select w.word || ' ' || n.nspname || '.' || c.relname
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as w (word)
where n.nspname !~ '^pg_|^information_schema$' and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and (
    pg_catalog.has_table_privilege($1, c.oid, w.word)
    or w.word in ('select', 'insert', 'update', 'references') and pg_catalog.has_any_column_privilege($1, c.oid, w.word)
  )
union all
select w.word || ' ' || n.nspname || '.' || c.relname
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join unnest(array['usage', 'select', 'update']) as w (word)
where n.nspname !~ '^pg_|^information_schema$' and c.relkind = 'S' and pg_catalog.has_sequence_privilege($1, c.oid, w.word)
union all
select 'create ' || n.nspname
from pg_catalog.pg_namespace as n
where n.nspname !~ '^pg_' and pg_catalog.has_schema_privilege($1, n.oid, 'create')
union all
select w.word || ' ' || d.datname
from pg_catalog.pg_database as d
cross join unnest(array['create', 'temporary']) as w (word)
where d.datname = pg_catalog.current_database() and pg_catalog.has_database_privilege($1, d.oid, w.word)
union all
select 'become ' || r.rolname
from pg_catalog.pg_roles as r
where r.rolname <> $1 and pg_catalog.pg_has_role($1, r.oid, 'member')
order by 1
