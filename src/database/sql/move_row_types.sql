-- Who may use the row types of tables and views: pg_dump leaves that out.
select coalesce(string_agg(statements, '; ' order by statements), 'select 1')
from (
  select pg_catalog.format('revoke all on type %I.%I from public, %I', n.nspname, c.relname, o.rolname) || coalesce((
    select string_agg(pg_catalog.format('; grant usage on type %I.%I to %s', n.nspname, c.relname, coalesce(pg_catalog.quote_ident(g.rolname), 'public')), '' order by g.rolname)
    from   pg_catalog.aclexplode(t.typacl) a
    left   join pg_catalog.pg_roles g on g.oid = a.grantee
  ), '') as statements
  from   pg_catalog.pg_type t
  join   pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind in ('r', 'p', 'v', 'm')
  join   pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join   pg_catalog.pg_roles o on o.oid = t.typowner
  where  t.typacl is not null and t.oid >= 16384
) as row_type
