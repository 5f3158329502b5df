-- Lists as version 2 has them: their rows refer to one thing at most.

drop function iasql.with_canonical_lists(text, jsonb);
drop function iasql.canonical_items(jsonb);
drop function iasql.held_by_reference(iasql.part, iasql.part_reference, text);
drop function iasql.object_of(iasql.part, boolean);
drop function iasql.parents_beside(iasql.part);
drop function iasql.region_of_reference(iasql.part, iasql.part_reference, text, text);
drop table iasql.part_reference;
drop view iasql.catalog_part_reference;

create or replace view iasql.catalog_reference as
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

create or replace view iasql.catalog_part as
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

create or replace function iasql.list_item(part iasql.part) returns text
language sql stable as $$
  select case when part.is_ids then id
              else format('jsonb_build_object(%s)', concat_ws(', ', (select string_agg(format('%L, _p.%I', f, f), ', ') from unnest(part.other_fields) f), format('%L, ', part.ref_field) || id)) end
  from   (select case when part.ref_field is not null then format('coalesce(_po.%I, ''('' || _p.%I || '')'')', i.field, part.ref_field) end
          from (select 1) one left join iasql.identity i on i.resource = part.ref_parent) x (id)
$$;

create or replace function iasql.folded(part iasql.part) returns text
language sql stable as $$
  select format('select %1$s, %2$s(_s.item) as list from (select %3$s, %4$s as item from %5$s _p%6$s order by %3$s, (%4$s)%7$s collate "C") _s group by %1$s',
    (select string_agg(format('_s.%I', f), ', ') from unnest(part.own_fields) f),
    case when part.is_ids then 'array_agg' else 'jsonb_agg' end,
    (select string_agg(format('_p.%I', f), ', ') from unnest(part.own_fields) f),
    iasql.list_item(part), part.part,
    case when part.ref_field is null then '' else format(' join %s _pd on %s left join observed.%I _po on _po.row_id = _pd.row_id',
      part.ref_parent, iasql.equal('_p', part.ref_child_fields, '_pd', part.ref_parent_fields), iasql.relation(part.ref_parent)) end,
    case when part.is_ids then '' else '::text' end)
$$;

create or replace function iasql.names_of(part iasql.part, desired text) returns text
language sql immutable as $$
  select format('(select %s from %s _p where %s)',
    case when part.is_ids then format('to_jsonb(array_agg(_p.%1$I order by _p.%1$I collate "C"))', part.ref_field)
         else format('jsonb_agg(jsonb_build_object(%1$s) order by jsonb_build_object(%1$s)::text collate "C")', string_agg(format('%L, _p.%I', f, f), ', ')) end,
    part.part, iasql.equal('_p', part.own_fields, desired, part.owner_fields))
  from unnest(part.other_fields || part.ref_field) f where f is not null
$$;

create or replace function iasql.parents_of(part iasql.part, desired text) returns text
language sql immutable as $$
  select format('array(select _pd.row_id from %s _p join %s _pd on %s where %s)', part.part, part.ref_parent,
    iasql.equal('_p', part.ref_child_fields, '_pd', part.ref_parent_fields), iasql.equal('_p', part.own_fields, desired, part.owner_fields))
$$;

create or replace function iasql.held_by_list(part iasql.part, observed text) returns text
language sql stable as $$
  select format('array(select _h.id from observed.%I _h where _h.%I = any (%s)%s)',
    iasql.relation(part.ref_parent), i.field,
    case when part.is_ids then format('%s.%I', observed, part.list)
         else format('array(select _e ->> %L from jsonb_array_elements(%s.%I) _e)', part.ref_field, observed, part.list) end,
    case when i.is_regional then format(' and _h.region = %s.region', observed) else '' end)
  from iasql.identity i where i.resource = part.ref_parent
$$;

create or replace function iasql.shown_list(part iasql.part) returns text
language sql stable as $$
  select case when part.is_ids then format(
    'to_jsonb(array(select coalesce(case when not _s.superseded then _s.%I::text end, _e) from unnest((_n._o).%I) _e left join observed.%I _s on _s.%I = _e%s order by 1))',
    part.ref_parent_fields[cardinality(part.ref_parent_fields)], part.list, iasql.relation(part.ref_parent), i.field,
    case when i.is_regional then ' and _s.region = (_n._o).region' else '' end)
    else format('to_jsonb((_n._o).%I)', part.list) end
  from (select 1) one left join iasql.identity i on i.resource = part.ref_parent
$$;

create or replace function iasql.read_catalog(resource text) returns void
language sql as $$
  insert into iasql.field select * from iasql.catalog_field c where c.resource = read_catalog.resource;
  insert into iasql.reference select * from iasql.catalog_reference c where c.resource = read_catalog.resource;
  insert into iasql.identity select * from iasql.catalog_identity c where c.resource = read_catalog.resource;
  insert into iasql.arm_reference select * from iasql.catalog_arm_reference c where c.resource = read_catalog.resource;
  insert into iasql.part select * from iasql.catalog_part c where c.part = read_catalog.resource;
$$;

create or replace function iasql.add_list(owner text) returns void
language plpgsql as $$
declare
  part record;
begin
  for part in
    select p.* from iasql.part p
    where  p.resource = owner and not exists (select from pg_attribute a where a.attrelid = format('observed.%I', iasql.relation(owner))::regclass and a.attname = p.list)
  loop
    execute format('alter table observed.%I add column %I %s', iasql.relation(owner), part.list, case when part.is_ids then 'text[]' else 'jsonb' end);
    execute format('comment on column observed.%I.%I is %L', iasql.relation(owner), part.list, format('The rows of %s, as the cloud has them.', part.part));
  end loop;
end
$$;

create or replace function iasql.end_change(resource text) returns void
language plpgsql as $$
declare
  owner text := (select r.part_of from iasql.resource r where r.name = end_change.resource);
begin
  delete from iasql.part p where p.part = end_change.resource;
  delete from iasql.arm_reference r where r.resource = end_change.resource;
  delete from iasql.identity i where i.resource = end_change.resource;
  delete from iasql.reference r where r.resource = end_change.resource;
  delete from iasql.field f where f.resource = end_change.resource;
  perform iasql.read_catalog(resource);
  perform iasql.drop_triggers(resource);
  perform iasql.make_triggers(resource);
  if owner is null then
    perform iasql.change_observed(resource);
  else
    perform iasql.add_list(owner);
  end if;
  perform iasql.make_views(t) from iasql.types_about(resource) t;
  perform iasql.assemble();
  perform iasql.comment_columns();
  perform iasql.make_grants(t) from iasql.types_about(resource) t;
  perform iasql.make_grants(resource);
end
$$;

create or replace function iasql.forget(resource text) returns void
language plpgsql as $$
declare
  part iasql.part := (select p from iasql.part p where p.part = forget.resource);
begin
  delete from iasql.part p where p.part = forget.resource;
  delete from iasql.arm_reference r where r.resource = forget.resource;
  delete from iasql.identity i where i.resource = forget.resource;
  delete from iasql.reference r where r.resource = forget.resource;
  delete from iasql.field f where f.resource = forget.resource;
  delete from iasql.listing l where l.resource = forget.resource;
  delete from iasql.resource r where r.name = forget.resource;
  if part.part is not null then
    perform iasql.make_views(part.resource);
    perform iasql.assemble();
    execute format('alter table observed.%I drop column %I', iasql.relation(part.resource), part.list);
  end if;
end
$$;

create or replace function iasql.referrer_arms() returns text
language sql stable as $$
  select string_agg(arm, E'\nunion all\n') from (
    select format($sql$select %1$L::text, _d.row_id, _o.id, %2$s, %3$s, %4$s, %5$L::text, %6$L::boolean, _dp.row_id, _op.id, to_jsonb(_op.%7$I)
from %8$s _dp join observed.%9$I _op on _op.row_id = _dp.row_id join %1$s _d on %10$s join observed.%11$I _o on _o.row_id = _d.row_id and %12$s
where _dp.row_id = any (parents) and not _d.reference_only$sql$,
      r.resource, iasql.region_of(r.resource, '_d'), iasql.key_of(r.resource, '_d', false), iasql.name_of(r.resource, '_d', false), r.field, r.is_immutable,
      r.parent_identity, r.parent, iasql.relation(r.parent), iasql.equal('_d', r.child_fields, '_dp', r.parent_fields), iasql.relation(r.resource), iasql.observed_parent(r, '_o', '_op'))
    from iasql.arm_reference r join iasql.resource s on s.name = r.resource and s.part_of is null
    union all
    select format($sql$select %1$L::text, _d.row_id, _o.id, %2$s, %3$s, %4$s, %5$L::text, %6$L::boolean, _dp.row_id, _op.id, to_jsonb(_o.%5$I)
from %7$s _dp join observed.%8$I _op on _op.row_id = _dp.row_id join %9$s _p on %10$s join %1$s _d on %11$s join observed.%12$I _o on _o.row_id = _d.row_id
where _dp.row_id = any (parents) and not _d.reference_only$sql$,
      p.resource, iasql.region_of(p.resource, '_d'), iasql.key_of(p.resource, '_d', false), iasql.name_of(p.resource, '_d', false), p.list, p.is_immutable,
      p.ref_parent, iasql.relation(p.ref_parent), p.part, iasql.equal('_p', p.ref_child_fields, '_dp', p.ref_parent_fields), iasql.equal('_p', p.own_fields, '_d', p.owner_fields), iasql.relation(p.resource))
    from iasql.part p where p.ref_field is not null
  ) x (arm)
$$;

create or replace function iasql.holder_arms() returns text
language sql stable as $$
  select string_agg(arm, E'\nunion all\n') from (
    select format($sql$select _op.id, %1$L::text, coalesce(%2$s, '?') from observed.%3$I _op join observed.%4$I _o on %5$s
where _op.id = any (parents) and not _o.managed and not _o.implicit$sql$,
      r.resource, coalesce(format('_o.%I::text', i.field), 'null::text'), iasql.relation(r.parent), iasql.relation(r.resource), iasql.observed_parent(r, '_o', '_op'))
    from iasql.arm_reference r join iasql.resource s on s.name = r.resource and s.part_of is null join iasql.identity i on i.resource = r.resource
    where not r.is_cascade
    union all
    select format($sql$select _op.id, %1$L::text, coalesce(%2$s, '?') from observed.%3$I _op join observed.%4$I _o on _op.id = any (%5$s)
where _op.id = any (parents) and not _o.managed and not _o.implicit$sql$,
      p.resource, format('_o.%I::text', i.field), iasql.relation(p.ref_parent), iasql.relation(p.resource), iasql.held_by_list(p, '_o'))
    from iasql.part p join iasql.identity i on i.resource = p.resource where p.ref_field is not null
  ) x (arm)
$$;

comment on column iasql.part.ref_field is 'The list''s column that refers to something else.';
comment on column iasql.part.ref_parent is 'What that refers to.';
comment on column iasql.catalog_part.ref_field is 'The list''s column that refers to something else.';
comment on column iasql.catalog_part.ref_parent is 'What that refers to.';

delete from iasql.part;
insert into iasql.part select * from iasql.catalog_part;
select iasql.make_views(r.name) from iasql.resource r where r.part_of is null order by r.position;
select iasql.assemble_rest();
