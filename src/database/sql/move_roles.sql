-- who owns something here, or was granted something
with who (oid) as (
  select refobjid from pg_catalog.pg_shdepend
  where  refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
    and  dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
  union
  select relowner from pg_catalog.pg_class where oid >= 16384
  union
  select nspowner from pg_catalog.pg_namespace where oid >= 16384
)
select r.rolname::text from pg_catalog.pg_roles r join who on who.oid = r.oid
where  r.rolname not like 'pg\_%'
order  by 1
