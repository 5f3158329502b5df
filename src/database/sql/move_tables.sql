-- A sequence is read as the row that it is; what a materialized view holds is made anew by its owner.
select pg_catalog.format('%I.%I', n.nspname, c.relname),
  pg_catalog.format(
    case c.relkind when 'S' then 'copy (select last_value, is_called from %I.%I) to stdout' else 'copy %I.%I to stdout' end, n.nspname, c.relname)
from   pg_catalog.pg_class c
join   pg_catalog.pg_namespace n on n.oid = c.relnamespace
where  c.relkind in ('r', 'S') and c.relpersistence <> 't' and c.oid >= 16384
  and  n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'
order  by 1
