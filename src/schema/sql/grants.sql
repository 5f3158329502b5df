-- What our roles hold in this database against what they should, and the statements that make it so.
with role as (
  select r.oid, r.rolname, r.rolname = any ($1) as is_login
  from pg_catalog.pg_roles as r
  where r.rolname = any ($1) or r.rolname = any ($2)
), listed as (
  -- the lines of `access` whose table is there
  select w.role, c.oid as relation, p.privilege
  from unnest($3::text[], $4::text[], $5::text[], $6::boolean[]) as w (role, nsp, rel, writes)
  join pg_catalog.pg_namespace as n on n.nspname = w.nsp
  join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = w.rel and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  cross join lateral unnest(case
    when not w.writes then array['SELECT']
    when c.relkind = 'S' then array['SELECT', 'UPDATE', 'USAGE']
    else array['DELETE', 'INSERT', 'SELECT', 'UPDATE']
  end) as p (privilege)
), wanted as (
  select l.role, l.relation, string_agg(l.privilege, ', ' order by l.privilege) as privileges
  from listed as l
  group by l.role, l.relation
), acl as (
  select c.oid as relation, '' as columns, x.grantee, x.privilege_type, x.is_grantable
  from pg_catalog.pg_class as c, pg_catalog.aclexplode(c.relacl) as x
  where c.relacl is not null and x.grantee <> c.relowner
  union all
  select a.attrelid, pg_catalog.format(' (%I)', a.attname), x.grantee, x.privilege_type, x.is_grantable
  from pg_catalog.pg_attribute as a, pg_catalog.aclexplode(a.attacl) as x
  where a.attacl is not null
), held as (
  select r.rolname as role, a.relation,
    string_agg(a.privilege_type || a.columns || case when a.is_grantable then '*' else '' end, ', ' order by a.privilege_type, a.columns) as privileges
  from acl as a
  join role as r on r.oid = a.grantee
  group by r.rolname, a.relation
), relations as (
  select pg_catalog.format('grant %I.%I to %I', n.nspname, c.relname, role) as object, w.privileges as expected, h.privileges as found,
    pg_catalog.concat_ws('; ',
      case when h.privileges is not null then pg_catalog.format('revoke all on %s from %I', o.named, role) end,
      case when w.privileges is not null then pg_catalog.format('grant %s on %s to %I', w.privileges, o.named, role) end
    ) as statement
  from wanted as w
  full join held as h using (role, relation)
  join pg_catalog.pg_class as c on c.oid = relation
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  cross join lateral pg_catalog.format('%s %I.%I', case c.relkind when 'S' then 'sequence' else 'table' end, n.nspname, c.relname) as o (named)
  where w.privileges is distinct from h.privileges
), schemas as (
  select pg_catalog.format('grant %I to %I', n.nspname, r.rolname) as object, 'USAGE' as expected, null as found,
    pg_catalog.format('grant usage on schema %I to %I', n.nspname, r.rolname) as statement
  from pg_catalog.pg_namespace as n
  cross join role as r
  where (n.nspname = $7 or r.is_login and n.nspname = 'schema_versions'
      or exists (select from listed as l join pg_catalog.pg_class as c on c.oid = l.relation where l.role = r.rolname and c.relnamespace = n.oid))
    and n.nspowner <> r.oid
    and not exists (
      select from pg_catalog.aclexplode(n.nspacl) as x where x.grantee = r.oid and x.privilege_type = 'USAGE'
    )
  union all
  select pg_catalog.format('grant %I to %I', n.nspname, r.rolname), null, 'CREATE', pg_catalog.format('revoke create on schema %I from %I', n.nspname, r.rolname)
  from pg_catalog.pg_namespace as n
  cross join lateral pg_catalog.aclexplode(n.nspacl) as x
  join role as r on r.oid = x.grantee
  where x.privilege_type = 'CREATE' and n.nspowner <> r.oid
), way as (
  select pg_catalog.format('grant to connect to %I', r.rolname), 'CONNECT', null,
    pg_catalog.format('grant connect on database %I to %I', current_database(), r.rolname)
  from role as r
  where r.is_login and not pg_catalog.has_database_privilege(r.oid, current_database(), 'connect')
)
select * from relations
union all
select * from schemas
union all
select * from way
