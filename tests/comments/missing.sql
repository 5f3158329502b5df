with ours as (
  select n.oid, n.nspname from pg_catalog.pg_namespace n
  where  n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public'))
select o.nspname from ours o where pg_catalog.obj_description(o.oid, 'pg_namespace') is null
union all
select c.oid::regclass::text from ours o join pg_catalog.pg_class c on c.relnamespace = o.oid
where  c.relkind in ('r', 'v') and pg_catalog.obj_description(c.oid, 'pg_class') is null
union all
select c.oid::regclass::text || '.' || a.attname from ours o join pg_catalog.pg_class c on c.relnamespace = o.oid
join   pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where  c.relkind in ('r', 'v') and pg_catalog.col_description(c.oid, a.attnum) is null
union all
select p.oid::regprocedure::text from ours o join pg_catalog.pg_proc p on p.pronamespace = o.oid
where  pg_catalog.obj_description(p.oid, 'pg_proc') is null
-- those of an extension are its makers' matter
and    not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
