-- One row for each object of a schema: what it is called, what it is, and whether it should have a comment and has none.
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
), said as materialized (
  select d.classoid, d.objoid, d.objsubid, d.description
  from pg_catalog.pg_description as d
  where d.objoid >= 16384 or d.classoid = 'pg_catalog.pg_namespace'::regclass
), acl (object, acl, owner, kind) as (
  select r.name, r.relacl, r.relowner, case r.relkind when 'S' then 's' else 'r' end::"char" from rel as r where r.relkind <> 'c'
  union all
  select r.name || '.' || quote_ident(a.attname), a.attacl, r.relowner, 'c'
  from rel as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.oid
  where a.attacl is not null
  union all
  select f.name, f.proacl, f.proowner, 'f' from fn as f
  union all
  select n.name, n.nspacl, n.nspowner, 'n' from ns as n where n.is_ours
  union all
  select r.name || ' (row type)', t.typacl, t.typowner, 'T'
  from rel as r
  join pg_catalog.pg_type as t on t.oid = r.reltype
  -- what was taken away and given back is as it was
  where not (t.typacl @> pg_catalog.acldefault('T', t.typowner) and t.typacl <@ pg_catalog.acldefault('T', t.typowner))
), object (object, definition, is_silent) as (
  select 'schema ' || n.name, pg_catalog.format('owner=%s comment=%s', o.name, d.description), d.description is null
  from ns as n
  join shown as o on o.oid = n.nspowner
  left join said as d on d.classoid = 'pg_catalog.pg_namespace'::regclass and d.objoid = n.oid
  where n.is_ours

  union all
  select r.kind || ' ' || r.name,
    pg_catalog.format(
      'owner=%s persistence=%s rls=%s/%s options=%s method=%s tablespace=%s replica=%s partition=%s bound=%s parents=%s of=%s comment=%s',
      o.name, r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.reloptions,
      (select m.amname from pg_catalog.pg_am as m where m.oid = r.relam),
      r.reltablespace, r.relreplident,
      case when r.relkind = 'p' then pg_catalog.pg_get_partkeydef(r.oid) end,
      case when r.relispartition then pg_catalog.pg_get_expr(r.relpartbound, r.oid) end,
      (select string_agg(i.inhparent::regclass::text, ',' order by i.inhseqno) from pg_catalog.pg_inherits as i where i.inhrelid = r.oid),
      case when r.reloftype <> 0 then pg_catalog.format_type(r.reloftype, null) end,
      d.description
    ),
    r.is_ours and d.description is null and r.relkind <> 'c' and not exists (
      -- a sequence that belongs to a column needs no words of its own
      select from pg_catalog.pg_depend as p
      where r.relkind = 'S' and p.classid = 'pg_catalog.pg_class'::regclass and p.objid = r.oid and p.refobjsubid > 0 and p.deptype in ('a', 'i')
    )
  from rel as r
  join shown as o on o.oid = r.relowner
  left join said as d on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = r.oid and d.objsubid = 0

  union all
  select 'column ' || r.name || '.' || quote_ident(a.attname),
    pg_catalog.format(
      '%s not_null=%s default=%s identity=%s generated=%s collation=%s storage=%s compression=%s statistics=%s options=%s place=%s comment=%s',
      pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_catalog.pg_get_expr(f.adbin, f.adrelid), a.attidentity, a.attgenerated,
      case when a.attcollation <> 0 then a.attcollation::regcollation end,
      a.attstorage, a.attcompression, a.attstattarget, coalesce(a.attoptions, a.attfdwoptions),
      -- in a row type the order matters; nobody may count on that of a table's columns
      case when r.relkind = 'c' then a.attnum end,
      d.description
    ),
    r.is_ours and d.description is null and r.relkind <> 'c'
  from rel as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_attrdef as f on f.adrelid = a.attrelid and f.adnum = a.attnum
  left join said as d on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = r.oid and d.objsubid = a.attnum
  where r.relkind <> 'S'

  union all
  select 'sequence ' || r.name || ' (numbers)',
    pg_catalog.format(
      '%s start=%s by=%s from=%s to=%s cache=%s cycle=%s of=%s', pg_catalog.format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
      s.seqcache, s.seqcycle,
      (select string_agg(p.refobjid::regclass::text || '.' || a.attname, ',')
       from pg_catalog.pg_depend as p
       join pg_catalog.pg_attribute as a on a.attrelid = p.refobjid and a.attnum = p.refobjsubid
       where p.classid = 'pg_catalog.pg_class'::regclass and p.objid = r.oid and p.refclassid = p.classid and p.deptype in ('a', 'i'))
    ),
    false
  from rel as r
  join pg_catalog.pg_sequence as s on s.seqrelid = r.oid

  union all
  select 'index ' || r.name || '.' || quote_ident(c.relname),
    pg_catalog.format(
      '%s valid=%s ready=%s clustered=%s replica=%s tablespace=%s statistics=%s comment=%s', pg_catalog.pg_get_indexdef(i.indexrelid),
      i.indisvalid, i.indisready, i.indisclustered, i.indisreplident,
      c.reltablespace,
      (select string_agg(a.attnum || ':' || a.attstattarget, ',' order by a.attnum)
       from pg_catalog.pg_attribute as a where a.attrelid = c.oid and a.attstattarget >= 0),
      d.description
    ),
    false
  from rel as r
  join pg_catalog.pg_index as i on i.indrelid = r.oid
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  left join said as d on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = c.oid and d.objsubid = 0

  union all
  select 'constraint ' || r.name || '.' || quote_ident(k.conname),
    pg_catalog.format(
      '%s valid=%s triggers=%s comment=%s', pg_catalog.pg_get_constraintdef(k.oid), k.convalidated,
      -- those of a foreign key can be switched off
      (select string_agg(distinct g.tgenabled::text, '') from pg_catalog.pg_trigger as g where g.tgconstraint = k.oid),
      d.description
    ),
    false
  from rel as r
  join pg_catalog.pg_constraint as k on k.conrelid = r.oid
  left join said as d on d.classoid = 'pg_catalog.pg_constraint'::regclass and d.objoid = k.oid

  union all
  select 'trigger ' || r.name || '.' || quote_ident(t.tgname),
    pg_catalog.format('%s enabled=%s comment=%s', pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled, d.description), false
  from rel as r
  join pg_catalog.pg_trigger as t on t.tgrelid = r.oid and not t.tgisinternal
  left join said as d on d.classoid = 'pg_catalog.pg_trigger'::regclass and d.objoid = t.oid

  union all
  select 'rule ' || r.name || '.' || quote_ident(w.rulename), pg_catalog.format('%s enabled=%s', pg_catalog.pg_get_ruledef(w.oid), w.ev_enabled), false
  from rel as r
  join pg_catalog.pg_rewrite as w on w.ev_class = r.oid

  union all
  select 'function ' || f.name,
    pg_catalog.format(
      'owner=%s kind=%s %s comment=%s', o.name, f.prokind,
      case when f.prokind in ('f', 'p') then pg_catalog.pg_get_functiondef(f.oid) else (
        select pg_catalog.format('%s %s %s %s', a.aggtransfn, a.aggfinalfn, a.aggtranstype::regtype, a.agginitval)
        from pg_catalog.pg_aggregate as a
        where a.aggfnoid = f.oid
      ) end,
      d.description
    ),
    f.is_ours and d.description is null
  from fn as f
  join shown as o on o.oid = f.proowner
  left join said as d on d.classoid = 'pg_catalog.pg_proc'::regclass and d.objoid = f.oid

  union all
  select 'grant ' || a.object || ' to ' || g.name,
    string_agg(x.privilege_type || case when x.is_grantable then '*' else '' end, ', ' order by x.privilege_type), false
  from acl as a
  cross join lateral pg_catalog.aclexplode(coalesce(a.acl, pg_catalog.acldefault(a.kind, a.owner))) as x
  join shown as g on g.oid = x.grantee
  group by a.object, g.name

  union all
  select 'role ' || quote_ident(r.rolname),
    pg_catalog.format(
      'login=%s super=%s createrole=%s createdb=%s replication=%s bypassrls=%s in=%s members=%s settings=%s', r.rolcanlogin, r.rolsuper,
      r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
      (select string_agg(o.name, ',' order by o.name)
       from pg_catalog.pg_auth_members as m join shown as o on o.oid = m.roleid where m.member = r.oid),
      -- whoever makes upgrades may have to be a member
      (select string_agg(o.rolname, ',' order by o.rolname)
       from pg_catalog.pg_auth_members as m join pg_catalog.pg_roles as o on o.oid = m.member
       where m.roleid = r.oid and not o.rolsuper and o.rolname not in (current_user, session_user)),
      -- how long something may take is for whoever runs the server to say
      (select string_agg(c.setting, ',' order by c.setting)
       from pg_catalog.pg_db_role_setting as s, unnest(s.setconfig) as c (setting)
       where s.setrole = r.oid and (s.setdatabase = 0 or s.setdatabase = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database()))
         and split_part(c.setting, '=', 1) not like '%timeout')
    ),
    false
  from pg_catalog.pg_roles as r
  where r.rolname = any ($6::text[])


  union all
  -- what few schemas have is asked for only where there is some of it: fingerprint_rare.sql
  select 'rare', '', false
  where exists (
      select from pg_catalog.pg_depend as d
      join ns as n on n.oid = d.refobjid and n.is_ours
      where d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.classid not in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass)
    )
    or exists (select from rel as r where r.relkind in ('c', 'f') or r.relrowsecurity)
    or exists (select from pg_catalog.pg_policy as p join rel as r on r.oid = p.polrelid)
    or exists (select from pg_catalog.pg_publication_rel as p join rel as r on r.oid = p.prrelid)
    or exists (select from pg_catalog.pg_event_trigger)
    -- those for no schema in particular are for the schemas that have services to say
    or exists (select from pg_catalog.pg_default_acl as a left join ns as n on n.oid = a.defaclnamespace where n.is_ours or n.oid is null and cardinality($6::text[]) > 0)
    or exists (select from pg_catalog.pg_cast as c where c.oid >= 16384)
)
select o.object, o.definition, o.is_silent
from object as o
-- the name without its kind
where not exists (
  select from unnest($3::text[]) as v (pattern)
  where o.object = v.pattern
    or substr(o.object, strpos(o.object, ' ') + 1) like v.pattern and o.object not like 'schema %' and o.object not like 'role %'
)
