-- Every way to read or write a table of these schemas, and a call of every function of these names: each is to be refused.
select pg_catalog.format(w.statement, n.nspname, c.relname, a.attname)
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = 1
cross join unnest(array[
  'select %3$I from %1$I.%2$I', 'insert into %1$I.%2$I default values', 'update %1$I.%2$I set %3$I = default', 'delete from %1$I.%2$I',
  'truncate %1$I.%2$I'
]) as w (statement)
where n.nspname = any ($1) and c.relkind in ('r', 'p')
union all
select pg_catalog.format(
  'select from %I.%I(%s)', n.nspname, p.proname,
  (select string_agg('null::' || pg_catalog.format_type(t.type, null), ', ' order by t.at) from unnest(p.proargtypes) with ordinality as t (type, at))
)
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname || '.' || p.proname = any ($2)
union all
select pg_catalog.format('set role %I', r.rolname)
from pg_catalog.pg_roles as r
where r.rolname ~ '^(iasql_|postgres$)' and r.rolname <> $3
order by 1
