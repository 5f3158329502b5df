-- The same for what few schemas have: what it is called, what it is, and whether it should have a comment and has none.
with shown as materialized (
  select r.oid, coalesce(n.shown, quote_ident(r.rolname)) as name
  from pg_catalog.pg_roles as r
  left join unnest($4::text[], $5::text[]) as n (rolname, shown) on n.rolname = r.rolname
  union all
  select 0, 'PUBLIC'
), ns as materialized (
  select n.oid, quote_ident(n.nspname) as name, n.nspname = any ($1::text[]) as is_ours, n.nspowner, n.nspacl from pg_catalog.pg_namespace as n
), rel as materialized (
  select c.*, n.name || '.' || quote_ident(c.relname) as name, n.is_ours,
    case c.relkind
      when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
      when 'S' then 'sequence' when 'f' then 'foreign table' else 'row type'
    end as kind
  from pg_catalog.pg_class as c
  join ns as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')
    and (n.is_ours or n.name || '.' || quote_ident(c.relname) like any ($2::text[]))
    and not n.name || '.' || quote_ident(c.relname) like any ($3::text[])
), fn as materialized (
  select p.*, f.name
  from (
    -- those below this number came with the server
    select p.*, n.is_ours, n.name || '.' || quote_ident(p.proname) as short
    from pg_catalog.pg_proc as p
    join ns as n on n.oid = p.pronamespace
    where n.is_ours or cardinality($2::text[]) > 0 and p.oid >= 16384
    offset 0
  ) as p
  cross join lateral (select p.short || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' as name) as f
  where (p.is_ours or p.short like any ($2::text[]) or f.name like any ($2::text[]))
    and not (p.short like any ($3::text[]) or f.name like any ($3::text[]))
), typ as materialized (
  select t.*, n.name || '.' || quote_ident(t.typname) as name
  from pg_catalog.pg_type as t
  join ns as n on n.oid = t.typnamespace
  where n.is_ours and t.typtype in ('e', 'd', 'r') and not n.name || '.' || quote_ident(t.typname) like any ($3::text[])
), said as materialized (
  select d.classoid, d.objoid, d.objsubid, d.description
  from pg_catalog.pg_description as d
  where d.objoid >= 16384 or d.classoid = 'pg_catalog.pg_namespace'::regclass
), acl (object, acl, owner) as (
  select t.name, t.typacl, t.typowner from typ as t
), object (object, definition, is_silent) as (
  select 'policy ' || r.name || '.' || quote_ident(p.polname),
    pg_catalog.format(
      '%s permissive=%s roles=%s using=%s check=%s', p.polcmd, p.polpermissive,
      (select string_agg(o.name, ',' order by o.name) from shown as o where o.oid = any (p.polroles)),
      pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
    ),
    false
  from rel as r
  join pg_catalog.pg_policy as p on p.polrelid = r.oid

  union all
  select 'statistics ' || n.name || '.' || quote_ident(s.stxname),
    pg_catalog.format('owner=%s %s target=%s', o.name, pg_catalog.pg_get_statisticsobjdef(s.oid), s.stxstattarget), false
  from pg_catalog.pg_statistic_ext as s
  join rel as r on r.oid = s.stxrelid
  join ns as n on n.oid = s.stxnamespace
  join shown as o on o.oid = s.stxowner

  union all
  select 'publication ' || quote_ident(p.pubname) || ' of ' || r.name,
    pg_catalog.format('columns=%s where=%s', u.prattrs, pg_catalog.pg_get_expr(u.prqual, u.prrelid)), false
  from rel as r
  join pg_catalog.pg_publication_rel as u on u.prrelid = r.oid
  join pg_catalog.pg_publication as p on p.oid = u.prpubid

  union all
  select 'type ' || t.name,
    pg_catalog.format(
      'owner=%s %s of=%s not_null=%s default=%s labels=%s collation=%s comment=%s', o.name, t.typtype,
      case t.typtype
        when 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod)
        when 'r' then (select pg_catalog.format_type(g.rngsubtype, null) from pg_catalog.pg_range as g where g.rngtypid = t.oid)
      end,
      t.typnotnull, t.typdefault, (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_catalog.pg_enum as e where e.enumtypid = t.oid),
      (select c.collname from pg_catalog.pg_collation as c where c.oid = t.typcollation), d.description
    ),
    false
  from typ as t
  join shown as o on o.oid = t.typowner
  left join said as d on d.classoid = 'pg_catalog.pg_type'::regclass and d.objoid = t.oid

  union all
  select k.kind || ' ' || n.name || '.' || k.name, pg_catalog.format('owner=%s %s', o.name, k.definition), false
  from ns as n
  cross join lateral (
    select 'operator', p.oid::regoperator::text, p.oprowner, p.oprcode::regprocedure::text
    from pg_catalog.pg_operator as p where p.oprnamespace = n.oid
    union all
    select 'collation', c.collname, c.collowner, pg_catalog.format('%s %s %s', c.collprovider, c.collcollate, c.colliculocale)
    from pg_catalog.pg_collation as c where c.collnamespace = n.oid
    union all
    select 'conversion', c.conname, c.conowner, c.conproc::regproc::text from pg_catalog.pg_conversion as c where c.connamespace = n.oid
    union all
    select 'operator class', c.opcname, c.opcowner, pg_catalog.format_type(c.opcintype, null)
    from pg_catalog.pg_opclass as c where c.opcnamespace = n.oid
    union all
    select 'operator family', f.opfname, f.opfowner, '' from pg_catalog.pg_opfamily as f where f.opfnamespace = n.oid
    union all
    select 'text search configuration', c.cfgname, c.cfgowner, '' from pg_catalog.pg_ts_config as c where c.cfgnamespace = n.oid
    union all
    select 'text search dictionary', c.dictname, c.dictowner, c.dictinitoption from pg_catalog.pg_ts_dict as c where c.dictnamespace = n.oid
  ) as k (kind, name, owner, definition)
  join shown as o on o.oid = k.owner
  where n.is_ours

  union all
  select 'cast ' || pg_catalog.format_type(c.castsource, null) || ' as ' || pg_catalog.format_type(c.casttarget, null),
    pg_catalog.format('%s %s %s', c.castfunc::regprocedure, c.castcontext, c.castmethod), false
  from pg_catalog.pg_cast as c
  where c.oid >= 16384 and exists (
    select from pg_catalog.pg_type as t join ns as n on n.oid = t.typnamespace where n.is_ours and t.oid in (c.castsource, c.casttarget)
  )

  union all
  select 'event trigger ' || quote_ident(e.evtname), pg_catalog.format('%s %s %s %s', e.evtevent, f.name, e.evtenabled, e.evttags), false
  from pg_catalog.pg_event_trigger as e
  join fn as f on f.oid = e.evtfoid

  union all
  select 'default grants of ' || o.name || coalesce(' in ' || n.name, '') || ' on ' || a.defaclobjtype::text || ' to ' || g.name, x.privileges, false
  from pg_catalog.pg_default_acl as a
  join shown as o on o.oid = a.defaclrole
  left join ns as n on n.oid = a.defaclnamespace
  cross join lateral (
    select e.grantee, string_agg(e.privilege_type || case when e.is_grantable then '*' else '' end, ', ' order by e.privilege_type) as privileges
    from pg_catalog.aclexplode(a.defaclacl) as e
    group by e.grantee
  ) as x
  join shown as g on g.oid = x.grantee
  where n.is_ours or n.oid is null and cardinality($6::text[]) > 0 and a.defaclrole in (select o.nspowner from ns as o where o.is_ours)

  union all
  select 'grant ' || a.object || ' to ' || g.name,
    string_agg(x.privilege_type || case when x.is_grantable then '*' else '' end, ', ' order by x.privilege_type), false
  from acl as a
  cross join lateral pg_catalog.aclexplode(coalesce(a.acl, pg_catalog.acldefault('T', a.owner))) as x
  join shown as g on g.oid = x.grantee
  group by a.object, g.name

  union all
  select 'foreign table ' || r.name || ' (options)', s.srvname || coalesce(f.ftoptions::text, ''), false
  from rel as r
  join pg_catalog.pg_foreign_table as f on f.ftrelid = r.oid
  join pg_catalog.pg_foreign_server as s on s.oid = f.ftserver

  union all
  select 'constraint ' || t.name || '.' || quote_ident(k.conname),
    pg_catalog.format('%s valid=%s', pg_catalog.pg_get_constraintdef(k.oid), k.convalidated), false
  from typ as t
  join pg_catalog.pg_constraint as k on k.contypid = t.oid
)
select o.object, o.definition, o.is_silent
from object as o
-- the name without its kind
where not exists (
  select from unnest($3::text[]) as v (pattern)
  where substr(o.object, strpos(o.object, ' ') + 1) like v.pattern and o.object not like 'schema %' and o.object not like 'role %'
)
