-- The functions of ours that triggers, checks and defaults run, and those that these call, where they look for names in the search_path.
with recursive runs as (
  select t.tgfoid as function
  from   pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
  where  c.relnamespace <> 'public'::regnamespace
  union
  select d.refobjid
  from   pg_catalog.pg_depend d
  where  d.refclassid = 'pg_catalog.pg_proc'::regclass
  and    d.classid in ('pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_trigger'::regclass)
  union
  select d.refobjid
  from   runs r join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = r.function and d.refclassid = d.classid
)
select p.oid::regprocedure::text
from   runs r join pg_catalog.pg_proc p on p.oid = r.function
where  p.pronamespace not in ('pg_catalog'::regnamespace, 'public'::regnamespace)
-- a body that was read when it was created, or a path of its own
and    p.prosqlbody is null
and    'search_path=pg_catalog, pg_temp' <> all (coalesce(p.proconfig, '{}'))
order  by 1
