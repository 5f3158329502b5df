-- The desired tables as the catalog describes them: the marks of their comments, their keys, their foreign keys.
-- All that is derived (observed tables, plan, triggers, grants) is derived from these views.

create view iasql.catalog_field as
select r.name as resource, a.attname::text as field, a.attnum as position,
       format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as is_required,
       a.attname = 'region' as is_region,
       coalesce(a.attnum = any (k.conkey), false) as is_key,
       marks ~ '@(cloud|identity) ' as is_cloud,
       marks ~ '@identity ' as is_identity,
       marks ~ '@immutable ' or a.attname = 'region' as is_immutable,
       marks ~ '@secret ' as is_secret,
       marks ~ '@version ' as is_version,
       marks ~ '@cascade ' as is_cascade,
       -- NULL is compared too: it means none, not that the cloud decides
       marks ~ '@exact ' as is_exact,
       substring(marks from '@part ([a-z_]+) ') as part_list
from   iasql.resource r
join   pg_attribute a on a.attrelid = r.name::regclass and a.attnum > 0 and not a.attisdropped
                     and a.attname not in ('row_id', 'reference_only')
left   join lateral (
         -- the primary key, or the unique constraint that stands for it where a key column may be null
         select c.conkey from pg_constraint c
         where  c.conrelid = a.attrelid and c.contype in ('p', 'u')
         and    not c.conkey && array(select n.attnum from pg_attribute n where n.attrelid = a.attrelid and n.attname = 'row_id')
         order  by c.contype = 'p' desc limit 1
       ) k on true
cross  join lateral (
         select coalesce(substring(col_description(a.attrelid, a.attnum) from '^((@[a-z_]+ ([a-z_]+ (?=@|[A-Z]))?)+)'), '') as marks
       ) m;
comment on view iasql.catalog_field is 'The columns of every registered table, with what the marks in their comments say.';
create table iasql.field as select * from iasql.catalog_field with no data;
comment on table iasql.field is 'iasql.catalog_field, kept since each type was registered: the catalog is slow to read.';

-- A foreign key from one registered table to another. `field` is the column named after the thing.
create view iasql.catalog_reference as
select child.name as resource, f.field, parent.name as parent, fields.child_fields, fields.parent_fields,
       f.is_immutable, f.is_cascade, f.is_key, f.part_list
from   pg_constraint c
join   iasql.resource child  on child.name::regclass  = c.conrelid
join   iasql.resource parent on parent.name::regclass = c.confrelid
cross  join lateral (
         select array_agg(ca.attname::text order by u.i) as child_fields, array_agg(pa.attname::text order by u.i) as parent_fields
         from   unnest(c.conkey, c.confkey) with ordinality u (cn, pn, i)
         join   pg_attribute ca on ca.attrelid = c.conrelid  and ca.attnum = u.cn
         join   pg_attribute pa on pa.attrelid = c.confrelid and pa.attnum = u.pn
       ) fields
join   iasql.field f on f.resource = child.name and f.field = any (fields.child_fields) and not f.is_region
where  c.contype = 'f';
comment on view iasql.catalog_reference is 'The foreign keys between registered tables: the only list of dependencies there is.';
create table iasql.reference as select * from iasql.catalog_reference with no data;
comment on table iasql.reference is 'iasql.catalog_reference, kept since each type was registered: the catalog is slow to read.';

-- The column by which others, and the API, refer to a resource.
create view iasql.catalog_identity as
select r.name as resource,
       coalesce((select f.field from iasql.field f where f.resource = r.name and f.is_identity),
                (select min(f.field) from iasql.field f where f.resource = r.name and f.is_key and not f.is_region having count(*) = 1)) as field,
       exists (select from iasql.field f where f.resource = r.name and f.is_region and f.is_key)
         or exists (select from iasql.field f where f.resource = r.name and f.is_region and f.is_identity) as is_regional
from   iasql.resource r where r.part_of is null;
comment on view iasql.catalog_identity is 'Each resource type''s own id: the @identity column, or its only key.';
create table iasql.identity as select * from iasql.catalog_identity with no data;
comment on table iasql.identity is 'iasql.catalog_identity, kept since each type was registered: the catalog is slow to read.';

-- One row per reference of a resource type itself (not of its lists), numbered: _d1/_o1 are its desired and observed parents.
create view iasql.catalog_arm_reference as
select r.*, row_number() over (partition by r.resource order by f.position) as n,
       i.field as parent_identity,
       -- the observed parent's column that holds its key
       r.parent_fields[cardinality(r.parent_fields)] as parent_name,
       i.is_regional as parent_is_regional,
       not f.is_required and not f.is_exact as is_optional
from   iasql.reference r
join   iasql.field f on f.resource = r.resource and f.field = r.field
join   iasql.identity i on i.resource = r.parent;
comment on view iasql.catalog_arm_reference is 'The references of each resource type, numbered, with how its observed parent is found.';
create table iasql.arm_reference as select * from iasql.catalog_arm_reference with no data;
comment on table iasql.arm_reference is 'iasql.catalog_arm_reference, kept since each type was registered: the catalog is slow to read.';

-- A list of a resource, kept as a join table: what its rows fold to.
create view iasql.catalog_part as
select r.part_of as resource, r.name as part, own.part_list as list, own.child_fields as own_fields, own.parent_fields as owner_fields,
       ref.field as ref_field, ref.parent as ref_parent, ref.child_fields as ref_child_fields, ref.parent_fields as ref_parent_fields,
       coalesce(ref.is_immutable, false) as is_immutable,
       others.fields as other_fields, ref.field is not null and cardinality(others.fields) = 0 as is_ids
from   iasql.resource r
join   iasql.reference own on own.resource = r.name and own.parent = r.part_of and own.part_list is not null
left   join iasql.reference ref on ref.resource = r.name and ref.part_list is null
cross  join lateral (
         select coalesce(array_agg(f.field order by f.position), '{}') as fields from iasql.field f
         where  f.resource = r.name and not f.field = any (own.child_fields) and f.field is distinct from ref.field
       ) others;
comment on view iasql.catalog_part is 'Join tables that fold into one column of their owner.';
create table iasql.part as select * from iasql.catalog_part with no data;
comment on table iasql.part is 'iasql.catalog_part, kept since each type was registered: the catalog is slow to read.';

create function iasql.relation(resource text) returns text
language sql immutable as $$
  select replace(resource, '.', '_')
$$;
comment on function iasql.relation is 'The name by which a resource''s table goes in the schema observed: ec2.vpc is observed.ec2_vpc.';

-- Every foreign key equality of two aliases, as SQL: d.region = dp.region and d.vpc = dp.name.
create function iasql.equal(a text, a_fields text[], b text, b_fields text[]) returns text
language sql immutable as $$
  select string_agg(format('%s.%I = %s.%I', a, af, b, bf), ' and ') from unnest(a_fields, b_fields) u (af, bf)
$$;
comment on function iasql.equal is 'Two aliases'' fields equal, as SQL.';

-- What the catalog says of one more table, kept.
create function iasql.read_catalog(resource text) returns void
language sql as $$
  insert into iasql.field select * from iasql.catalog_field c where c.resource = read_catalog.resource;
  insert into iasql.reference select * from iasql.catalog_reference c where c.resource = read_catalog.resource;
  insert into iasql.identity select * from iasql.catalog_identity c where c.resource = read_catalog.resource;
  insert into iasql.arm_reference select * from iasql.catalog_arm_reference c where c.resource = read_catalog.resource;
  insert into iasql.part select * from iasql.catalog_part c where c.part = read_catalog.resource;
$$;
comment on function iasql.read_catalog is 'Keeps what the catalog says of a table that is being registered.';
