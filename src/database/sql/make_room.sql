-- Puts the tenant's own views and functions that hang on ours aside, to be put back after the upgrade. Nothing of theirs runs
-- here: their definitions are read, and they are dropped.
begin;
set local lock_timeout = '2s';

create table if not exists schema_versions.aside (
  position   integer primary key,
  name       text    not null,
  statements text[]  not null,
  said       text
);
-- what is a policy of theirs must not be forgotten meanwhile: iasql.policies looks here
alter table schema_versions.aside owner to :"owner";
comment on table schema_versions.aside is 'What a user made on top of ours, while an upgrade changes what it stands on; empty otherwise.';
comment on column schema_versions.aside.position is 'The order in which it goes back.';
comment on column schema_versions.aside.name is 'Its name.';
comment on column schema_versions.aside.statements is 'What makes it again, with its grants and comments.';
comment on column schema_versions.aside.said is 'Why it could not be put back, where it could not.';

create temporary table hanging on commit drop as
with recursive hangs (class, id, depth) as (
  select d.class, d.id, 1
  from   (select case d.classid when 'pg_catalog.pg_rewrite'::regclass then 'pg_catalog.pg_class'::regclass::oid else d.classid end as class,
                 coalesce(w.ev_class, d.objid) as id, d.refclassid, d.refobjid
          from   pg_catalog.pg_depend d left join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
          where  d.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_proc'::regclass)) d
  where  d.refclassid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass)
  and    coalesce((select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c where d.refclassid = 'pg_catalog.pg_class'::regclass and c.oid = d.refobjid),
                  (select pg_catalog.pg_get_userbyid(p.proowner) from pg_catalog.pg_proc p where d.refclassid = 'pg_catalog.pg_proc'::regclass and p.oid = d.refobjid),
                  (select pg_catalog.pg_get_userbyid(t.typowner) from pg_catalog.pg_type t where d.refclassid = 'pg_catalog.pg_type'::regclass and t.oid = d.refobjid)) = :'owner'
  union
  select case d.classid when 'pg_catalog.pg_rewrite'::regclass then 'pg_catalog.pg_class'::regclass::oid else d.classid end, coalesce(w.ev_class, d.objid), h.depth + 1
  from   hangs h
  join   pg_catalog.pg_depend d on d.refclassid = h.class and d.refobjid = h.id and d.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_proc'::regclass)
  left   join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
  -- a view's own rule hangs on the view
  where  coalesce(w.ev_class, d.objid) <> h.id and h.depth < 100
), deepest as (
  select h.class, h.id, max(h.depth) as depth from hangs h group by h.class, h.id
)
select row_number() over (order by d.depth, d.class, d.id) + coalesce((select max(a.position) from schema_versions.aside a), 0) as position,
       c.oid as view, c.relkind, p.oid as function,
       case when c.oid is not null then format('%I.%I', cn.nspname, c.relname) else format('%I.%I', pn.nspname, p.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' end as name
from   deepest d
left   join pg_catalog.pg_class c on d.class = 'pg_catalog.pg_class'::regclass and c.oid = d.id and c.relkind in ('v', 'm')
left   join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
left   join pg_catalog.pg_proc p on d.class = 'pg_catalog.pg_proc'::regclass and p.oid = d.id
left   join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
where  pg_catalog.pg_get_userbyid(coalesce(c.relowner, p.proowner)) = :'tenant';

insert into schema_versions.aside (position, name, statements)
select h.position, h.name,
       array[case when h.view is not null
         then format('create %s %s%s as %s', case h.relkind when 'm' then 'materialized view' else 'view' end, h.name,
                coalesce((select ' with (' || string_agg(o, ', ') || ')' from pg_catalog.pg_class c, unnest(c.reloptions) o where c.oid = h.view having count(*) > 0), ''), pg_catalog.pg_get_viewdef(h.view))
         else pg_catalog.pg_get_functiondef(h.function) end]
       -- what was said of it
       || array(select format('comment on %s %s is %L', case when h.function is not null then 'function' when h.relkind = 'm' then 'materialized view' else 'view' end, h.name, d.description)
                from pg_catalog.pg_description d where d.objsubid = 0 and (d.classoid, d.objoid) in (('pg_catalog.pg_class'::regclass, h.view), ('pg_catalog.pg_proc'::regclass, h.function)))
       || array(select format('comment on column %s.%I is %L', h.name, a.attname, d.description)
                from pg_catalog.pg_description d join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
                where d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = h.view and d.objsubid > 0)
       -- who else may use it
       || array(select format('grant %s on %s %s to %s', string_agg(x.privilege_type, ', '), case when h.function is not null then 'function' else 'table' end, h.name,
                         case x.grantee when 0 then 'public' else quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) end)
                from (select c.relacl as acl, c.relowner as owner from pg_catalog.pg_class c where c.oid = h.view
                      union all select p.proacl, p.proowner from pg_catalog.pg_proc p where p.oid = h.function) o, pg_catalog.aclexplode(o.acl) x
                where x.grantee <> o.owner group by x.grantee)
       || array(select pg_catalog.pg_get_triggerdef(t.oid) from pg_catalog.pg_trigger t where t.tgrelid = h.view and not t.tgisinternal)
       || array(select pg_catalog.pg_get_indexdef(i.indexrelid) from pg_catalog.pg_index i where i.indrelid = h.view)
from   pg_temp.hanging h;

do $$
declare
  gone record;
begin
  for gone in select * from pg_temp.hanging h order by h.position desc loop
    execute format('drop %s %s', case when gone.function is not null then 'function' when gone.relkind = 'm' then 'materialized view' else 'view' end, gone.name);
  end loop;
end
$$;
commit;
