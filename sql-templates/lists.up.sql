-- A list's rows may refer to any number of things, each by a column of its own that may be NULL.

-- A foreign key is one reference, however many columns it has. Its last one is named after the thing.
create or replace view iasql.catalog_reference as
select child.name as resource, f.field, parent.name as parent, fields.child_fields, fields.parent_fields,
       f.is_immutable, f.is_cascade, f.is_key, f.part_list
from   pg_constraint c
join   iasql.resource child  on child.name::regclass  = c.conrelid
join   iasql.resource parent on parent.name::regclass = c.confrelid
cross  join lateral (
         select array_agg(ca.attname::text order by u.i) as child_fields, array_agg(pa.attname::text order by u.i) as parent_fields,
                (array_agg(ca.attname::text order by u.i desc) filter (where ca.attname <> 'region'))[1] as named
         from   unnest(c.conkey, c.confkey) with ordinality u (cn, pn, i)
         join   pg_attribute ca on ca.attrelid = c.conrelid  and ca.attnum = u.cn
         join   pg_attribute pa on pa.attrelid = c.confrelid and pa.attnum = u.pn
       ) fields
join   iasql.field f on f.resource = child.name and f.field = fields.named
where  c.contype = 'f';

create or replace view iasql.catalog_part as
select r.part_of as resource, r.name as part, own.part_list as list, own.child_fields as own_fields, own.parent_fields as owner_fields,
       one.field as ref_field, one.parent as ref_parent, one.child_fields as ref_child_fields, one.parent_fields as ref_parent_fields,
       rest.is_immutable, rest.fields as other_fields, one.field is not null as is_ids
from   iasql.resource r
join   iasql.reference own on own.resource = r.name and own.parent = r.part_of and own.part_list is not null
cross  join lateral (
         select coalesce(array_agg(f.field order by f.position) filter (where ref.field is null), '{}') as fields,
                coalesce(bool_or(f.is_immutable and not f.is_region), false) as is_immutable,
                count(*) = 1 and bool_and(ref.field is not null and f.is_required) as is_ids
         from   iasql.field f
         left   join iasql.reference ref on ref.resource = r.name and ref.field = f.field and ref.part_list is null
         where  f.resource = r.name and not f.field = any (own.child_fields)
       ) rest
left   join iasql.reference one on one.resource = r.name and one.part_list is null and rest.is_ids;

comment on column iasql.part.ref_field is 'The column that the ids of a list of ids stand for.';
comment on column iasql.part.ref_parent is 'What the ids of a list of ids are the ids of.';
comment on column iasql.catalog_part.ref_field is 'The column that the ids of a list of ids stand for.';
comment on column iasql.catalog_part.ref_parent is 'What the ids of a list of ids are the ids of.';

create view iasql.catalog_part_reference as
select p.resource, p.part, p.list, r.field, r.parent, r.child_fields, r.parent_fields,
       row_number() over (partition by p.part order by f.position) as n, not f.is_required as is_optional
from   iasql.part p
join   iasql.reference r on r.resource = p.part and r.part_list is null
join   iasql.field f on f.resource = r.resource and f.field = r.field;
comment on view iasql.catalog_part_reference is 'What the rows of lists refer to, besides their owners.';
create table iasql.part_reference as select * from iasql.catalog_part_reference with no data;
comment on table iasql.part_reference is 'iasql.catalog_part_reference, kept since each type was registered: the catalog is slow to read.';

create or replace function iasql.read_catalog(resource text) returns void
language sql as $$
  insert into iasql.field select * from iasql.catalog_field c where c.resource = read_catalog.resource;
  insert into iasql.reference select * from iasql.catalog_reference c where c.resource = read_catalog.resource;
  insert into iasql.identity select * from iasql.catalog_identity c where c.resource = read_catalog.resource;
  insert into iasql.arm_reference select * from iasql.catalog_arm_reference c where c.resource = read_catalog.resource;
  insert into iasql.part select * from iasql.catalog_part c where c.part = read_catalog.resource;
  insert into iasql.part_reference select * from iasql.catalog_part_reference c where c.part = read_catalog.resource;
$$;

-- The region of what a list's row refers to, as SQL: the owner's own, or a column of the row. NULL where it has none.
create function iasql.region_of_reference(part iasql.part, ref iasql.part_reference, owner text, item text) returns text
language sql stable as $$
  select coalesce(
    (select format('%s.%I', owner, o.owner_field) from unnest(part.own_fields, part.owner_fields) o (own_field, owner_field) where o.own_field = k.child_field),
    format('(%s ->> %L)', item, k.child_field))
  from   iasql.identity i cross join unnest(ref.child_fields, ref.parent_fields) k (child_field, parent_field)
  where  i.resource = ref.parent and i.is_regional and k.parent_field = 'region'
$$;
comment on function iasql.region_of_reference is 'The region of what a list''s row refers to, as SQL.';

-- _pd1, _po1 are the desired and the observed parent of a list's row _p, and so on.
create function iasql.parents_beside(part iasql.part) returns text
language sql stable as $$
  select coalesce(string_agg(format('%s join %s _pd%s on %s left join observed.%I _po%3$s on _po%3$s.row_id = _pd%3$s.row_id',
    case when r.is_optional then ' left' else '' end, r.parent, r.n, iasql.equal('_p', r.child_fields, '_pd' || r.n, r.parent_fields), iasql.relation(r.parent)), '' order by r.n), '')
  from   iasql.part_reference r where r.part = part.part
$$;
comment on function iasql.parents_beside is 'The joins that put what they refer to beside the rows of a list, as SQL.';

-- One row of a list as an object without what is NULL. References show as the cloud's ids, or as the names that the user wrote.
create function iasql.object_of(part iasql.part, with_ids boolean) returns text
language sql stable as $$
  with said as (
    select f.position, f.field, f.is_required,
           case when r.field is not null and with_ids then format('coalesce(_po%s.%I, ''('' || _p.%I || '')'')', r.n, i.field, f.field) else format('_p.%I', f.field) end as value
    from   iasql.field f
    left   join iasql.part_reference r on r.part = f.resource and r.field = f.field
    left   join iasql.identity i on i.resource = r.parent
    where  f.resource = part.part and not f.field = any (part.own_fields)
  )
  select concat_ws(' || ',
    format('jsonb_build_object(%s)', (select string_agg(format('%L, %s', s.field, s.value), ', ' order by s.position) from said s where s.is_required)),
    (select string_agg(format('case when _p.%I is not null then jsonb_build_object(%1$L, %2$s) else ''{}'' end', s.field, s.value), ' || ' order by s.position) from said s where not s.is_required))
$$;
comment on function iasql.object_of is 'One row of a list as an object without what is NULL, as SQL.';

create or replace function iasql.list_item(part iasql.part) returns text
language sql stable as $$
  select case when part.is_ids then (
           select format('coalesce(_po%s.%I, ''('' || _p.%I || '')'')', r.n, i.field, r.field)
           from   iasql.part_reference r join iasql.identity i on i.resource = r.parent where r.part = part.part)
         else iasql.object_of(part, true) end
$$;

create or replace function iasql.folded(part iasql.part) returns text
language sql stable as $$
  select format('select %1$s, %2$s(_s.item) as list from (select %3$s, %4$s as item from %5$s _p%6$s order by %3$s, (%4$s)%7$s collate "C") _s group by %1$s',
    (select string_agg(format('_s.%I', f), ', ') from unnest(part.own_fields) f),
    case when part.is_ids then 'array_agg' else 'jsonb_agg' end,
    (select string_agg(format('_p.%I', f), ', ') from unnest(part.own_fields) f),
    iasql.list_item(part), part.part, iasql.parents_beside(part),
    case when part.is_ids then '' else '::text' end)
$$;

create or replace function iasql.names_of(part iasql.part, desired text) returns text
language sql stable as $$
  select format('(select %s from %s _p where %s)',
    case when part.is_ids then format('to_jsonb(array_agg(_p.%1$I order by _p.%1$I collate "C"))', part.ref_field)
         else format('jsonb_agg(%1$s order by (%1$s)::text collate "C")', iasql.object_of(part, false)) end,
    part.part, iasql.equal('_p', part.own_fields, desired, part.owner_fields))
$$;

create or replace function iasql.parents_of(part iasql.part, desired text) returns text
language sql stable as $$
  select string_agg(format('array(select _pd.row_id from %s _p join %s _pd on %s where %s)', part.part, r.parent,
    iasql.equal('_p', r.child_fields, '_pd', r.parent_fields), iasql.equal('_p', part.own_fields, desired, part.owner_fields)), ' || ' order by r.n)
  from   iasql.part_reference r where r.part = part.part
$$;

-- Where one reference of the observed list leads.
create function iasql.held_by_reference(part iasql.part, ref iasql.part_reference, observed text) returns text
language sql stable as $$
  select format('array(select _h.id from observed.%I _h where _h.%I = any (%s)%s)',
    iasql.relation(ref.parent), i.field,
    case when part.is_ids then format('%s.%I', observed, part.list)
         else format('array(select _e ->> %L from jsonb_array_elements(%s.%I) _e)', ref.field, observed, part.list) end,
    -- a region of the row's own adds nothing: what is looked for by its id is looked for once
    ' and _h.region = ' || nullif(iasql.region_of_reference(part, ref, observed, '_e'), iasql.region_of_reference(part, ref, 'nobody', '_e')))
  from   iasql.identity i where i.resource = ref.parent
$$;
comment on function iasql.held_by_reference is 'The observed things that one column of an observed list refers to, as SQL.';

create or replace function iasql.held_by_list(part iasql.part, observed text) returns text
language sql stable as $$
  select string_agg(iasql.held_by_reference(held_by_list.part, r, observed), ' || ' order by r.n) from iasql.part_reference r where r.part = part.part
$$;

create or replace function iasql.shown_list(part iasql.part) returns text
language sql stable as $$
  with parent as (
    select r.field, r.n, r.parent_fields[cardinality(r.parent_fields)] as name,
           format(' left join observed.%I _s%s on _s%2$s.%I = %s%s', iasql.relation(r.parent), r.n, i.field,
             case when part.is_ids then '_e' else format('_e ->> %L', r.field) end,
             format(' and _s%s.region = ', r.n) || iasql.region_of_reference(shown_list.part, r, '(_n._o)', '_e')) as beside
    from   iasql.part_reference r join iasql.identity i on i.resource = r.parent where r.part = part.part
  ), told as (
    select string_agg(format(' || case when _e ? %1$L then jsonb_build_object(%1$L, coalesce(case when not _s%2$s.superseded then _s%2$s.%3$I::text end, _e ->> %1$L)) else ''{}'' end', p.field, p.n, p.name), '' order by p.n) as names,
           string_agg(p.beside, '' order by p.n) as beside
    from   parent p
  )
  select case
    when part.is_ids then (
      select format('to_jsonb(array(select coalesce(case when not _s%1$s.superseded then _s%1$s.%2$I::text end, _e) from unnest((_n._o).%3$I) _e%4$s order by 1))', p.n, p.name, part.list, p.beside) from parent p)
    when t.names is null then format('to_jsonb((_n._o).%I)', part.list)
    else format('(select jsonb_agg(_e%1$s order by (_e%1$s)::text collate "C") from jsonb_array_elements((_n._o).%2$I) _e%3$s)', t.names, part.list, t.beside) end
  from   told t
$$;

-- The observed owner has a column for each list, of the type that the list is of now.
create or replace function iasql.add_list(owner text) returns void
language plpgsql as $$
declare
  twin text := format('observed.%I', iasql.relation(owner));
  part record;
begin
  for part in
    select p.list, p.part, t.type, a.attname is not null as is_there
    from   iasql.part p
    cross  join lateral (select case when p.is_ids then 'text[]' else 'jsonb' end) t (type)
    left   join pg_catalog.pg_attribute a on a.attrelid = twin::regclass and a.attname = p.list and not a.attisdropped
    where  p.resource = owner and t.type is distinct from format_type(a.atttypid, a.atttypmod)
  loop
    if part.is_there then
      execute format('alter table %s drop column %I', twin, part.list);
    end if;
    execute format('alter table %s add column %I %s', twin, part.list, part.type);
    execute format('comment on column %s.%I is %L', twin, part.list, format('The rows of %s, as the cloud has them.', part.part));
  end loop;
end
$$;

create or replace function iasql.end_change(resource text) returns void
language plpgsql as $$
declare
  owner text := (select r.part_of from iasql.resource r where r.name = end_change.resource);
begin
  delete from iasql.part_reference r where r.part = end_change.resource;
  delete from iasql.part p where p.part = end_change.resource;
  delete from iasql.arm_reference r where r.resource = end_change.resource;
  delete from iasql.identity i where i.resource = end_change.resource;
  delete from iasql.reference r where r.resource = end_change.resource;
  delete from iasql.field f where f.resource = end_change.resource;
  perform iasql.read_catalog(resource);
  perform iasql.drop_triggers(resource);
  perform iasql.make_triggers(resource);
  -- a list that is called otherwise now has left a column behind
  perform iasql.change_observed(coalesce(owner, resource));
  perform iasql.add_list(coalesce(owner, resource));
  perform iasql.make_views(t) from iasql.types_about(resource) t;
  perform iasql.make_grants(t) from iasql.types_about(resource) t;
  perform iasql.make_grants(resource);
  insert into iasql.unsettled default values;
end
$$;

create or replace function iasql.forget(resource text) returns void
language plpgsql as $$
declare
  part iasql.part := (select p from iasql.part p where p.part = forget.resource);
begin
  delete from iasql.part_reference r where r.part = forget.resource;
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
from %7$s _dp join observed.%8$I _op on _op.row_id = _dp.row_id join lateral (select distinct %13$s from %9$s _q where %10$s) _p on true join %1$s _d on %11$s join observed.%12$I _o on _o.row_id = _d.row_id
where _dp.row_id = any (parents) and not _d.reference_only$sql$,
      p.resource, iasql.region_of(p.resource, '_d'), iasql.key_of(p.resource, '_d', false), iasql.name_of(p.resource, '_d', false), p.list, p.is_immutable,
      r.parent, iasql.relation(r.parent), p.part, iasql.equal('_q', r.child_fields, '_dp', r.parent_fields), iasql.equal('_p', p.own_fields, '_d', p.owner_fields), iasql.relation(p.resource),
      (select string_agg(format('_q.%I', f), ', ') from unnest(p.own_fields) f))
    from iasql.part p join iasql.part_reference r on r.part = p.part
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
      p.resource, format('_o.%I::text', i.field), iasql.relation(r.parent), iasql.relation(p.resource), iasql.held_by_reference(p, r, '_o'))
    from iasql.part p join iasql.part_reference r on r.part = p.part join iasql.identity i on i.resource = p.resource
  ) x (arm)
$$;

-- What the cloud shows of lists, in the one spelling that is compared: in order, and without what is null.
create function iasql.canonical_items(items jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(i.item order by (i.item #>> '{}') collate "C"), '[]')
  from   (select case when jsonb_typeof(e) = 'object' then (select coalesce(jsonb_object_agg(m.key, m.value) filter (where m.value <> 'null'), '{}') from jsonb_each(e) m) else e end
          from   jsonb_array_elements(items) e) i (item)
$$;
comment on function iasql.canonical_items is 'An observed list in order, its objects without what is null.';

create function iasql.with_canonical_lists(resource text, rows jsonb) returns jsonb
language plpgsql stable as $$
declare
  lists text[] := array(select p.list from iasql.part p where p.resource = with_canonical_lists.resource);
begin
  if cardinality(lists) = 0 then
    return rows;
  end if;
  return (
    select coalesce(jsonb_agg(r.value || coalesce((
             select jsonb_object_agg(l, iasql.canonical_items(r.value -> l)) from unnest(lists) l where jsonb_typeof(r.value -> l) = 'array'), '{}') order by r.ordinality), '[]')
    from   jsonb_array_elements(rows) with ordinality r);
end
$$;
comment on function iasql.with_canonical_lists is 'Rows of a type as the cloud shows them, with their lists in the one spelling that is compared.';

delete from iasql.part;
insert into iasql.part select * from iasql.catalog_part;
insert into iasql.part_reference select * from iasql.catalog_part_reference;
select iasql.comment_columns();
select iasql.close_types();
