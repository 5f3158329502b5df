-- The arm of the plan for one resource type, written from the catalog.
--
-- It has two halves. The first finds the rows that differ, with one full join on row_id: all that a quiet plan costs, so it carries ids
-- only. The second looks closely at those few: what could be adopted by key, what they refer to, what would change. It is planned only
-- for the types that have any.
-- Aliases begin with an underscore, for an alias is shadowed by a column of the same name.

create function iasql.observed_parent(ref iasql.arm_reference, observed text, parent text) returns text
language sql immutable as $$
  select format('%s.%I = %s.%I', parent, ref.parent_identity, observed, ref.field)
      || case when ref.parent_is_regional then format(' and %s.region = %s.region', parent, observed) else '' end
$$;
comment on function iasql.observed_parent is 'The condition that finds the observed parent of an observed row, as SQL.';

-- Whether one field differs, as SQL over the aliases given. NULL asks for nothing, except where the column is @exact.
create function iasql.differs(resource text, field text, desired text, observed text) returns text
language sql stable as $$
  select case
    when ref.field is not null then
      -- the same row behind both; a parent that is about to be adopted counts as itself
      format('(%s_d%s.row_id is distinct from _o%2$s.row_id and (_o%2$s.id is null or _o%2$s.row_id is not null and exists (select from %7$s _g where _g.row_id = _o%2$s.row_id) or _o%2$s.superseded or _o%2$s.%4$I is distinct from %5$s.%6$I))',
             case when ref.is_optional then format('%s.%I is not null and ', desired, f.field) else '' end, ref.n, null, ref.parent_name, desired, f.field, ref.parent)
    when f.is_required or f.is_exact then
      format('%s.%I is distinct from %s.%2$I', desired, f.field, observed)
    else
      format('(%s.%I is not null and %1$s.%2$I is distinct from %3$s.%2$I)', desired, f.field, observed)
  end
  from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field
  where f.resource = differs.resource and f.field = differs.field
$$;
comment on function iasql.differs is 'The condition that one field differs, as SQL.';

-- One row of a list as the cloud shows it, as SQL: the id of what it refers to, or an object of its fields.
create function iasql.list_item(part iasql.part) returns text
language sql stable as $$
  select case when part.is_ids then id
              else format('jsonb_build_object(%s)', concat_ws(', ', (select string_agg(format('%L, _p.%I', f, f), ', ') from unnest(part.other_fields) f), format('%L, ', part.ref_field) || id)) end
  from   (select case when part.ref_field is not null then format('coalesce(_po.%I, ''('' || _p.%I || '')'')', i.field, part.ref_field) end
          from (select 1) one left join iasql.identity i on i.resource = part.ref_parent) x (id)
$$;
comment on function iasql.list_item is 'One row of a list as the cloud shows it, as SQL.';

-- The subquery that folds a list to one row per owner. It sorts all rows before it groups them: sorting each group costs several times as much.
create function iasql.folded(part iasql.part) returns text
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
comment on function iasql.folded is 'The rows of a list folded by owner, as SQL.';

-- The folded list of one desired row.
create function iasql.list_of(part iasql.part, desired text) returns text
language sql stable as $$
  select format('(select _l.list from (%s) _l where %s)', iasql.folded(part), iasql.equal(desired, part.owner_fields, '_l', part.own_fields))
$$;
comment on function iasql.list_of is 'The list of one desired row as the cloud would show it, as SQL.';

create function iasql.names_of(part iasql.part, desired text) returns text
language sql immutable as $$
  select format('(select %s from %s _p where %s)',
    case when part.is_ids then format('to_jsonb(array_agg(_p.%1$I order by _p.%1$I collate "C"))', part.ref_field)
         else format('jsonb_agg(jsonb_build_object(%1$s) order by jsonb_build_object(%1$s)::text collate "C")', string_agg(format('%L, _p.%I', f, f), ', ')) end,
    part.part, iasql.equal('_p', part.own_fields, desired, part.owner_fields))
  from unnest(part.other_fields || part.ref_field) f where f is not null
$$;
comment on function iasql.names_of is 'The list of one desired row as the user wrote it, as SQL.';

create function iasql.parents_of(part iasql.part, desired text) returns text
language sql immutable as $$
  select format('array(select _pd.row_id from %s _p join %s _pd on %s where %s)', part.part, part.ref_parent,
    iasql.equal('_p', part.ref_child_fields, '_pd', part.ref_parent_fields), iasql.equal('_p', part.own_fields, desired, part.owner_fields))
$$;
comment on function iasql.parents_of is 'The rows that the list of one desired row refers to, as SQL.';

-- Where the observed list's own ids lead, as an SQL array of observed ids.
create function iasql.held_by_list(part iasql.part, observed text) returns text
language sql stable as $$
  select format('array(select _h.id from observed.%I _h where _h.%I = any (%s)%s)',
    iasql.relation(part.ref_parent), i.field,
    case when part.is_ids then format('%s.%I', observed, part.list)
         else format('array(select _e ->> %L from jsonb_array_elements(%s.%I) _e)', part.ref_field, observed, part.list) end,
    case when i.is_regional then format(' and _h.region = %s.region', observed) else '' end)
  from iasql.identity i where i.resource = part.ref_parent
$$;
comment on function iasql.held_by_list is 'The observed things that an observed list refers to, as SQL.';

create function iasql.key_value(field iasql.field, ref iasql.arm_reference, alias text, is_observed boolean) returns text
language sql immutable as $$
  select case when is_observed and ref.field is not null then format('coalesce(_o%s.%I::text, %s.%I)', ref.n, ref.parent_name, alias, ref.field)
              else format('%s.%I', alias, field.field) end
$$;

-- The key of a row as jsonb and as text, as SQL; for an observed row with its parents' names where they are known.
create function iasql.key_of(resource text, alias text, is_observed boolean) returns text
language sql stable as $$
  select format('jsonb_build_object(%s)', string_agg(format('%L, %s', f.field, iasql.key_value(f, ref, alias, is_observed)), ', ' order by f.position))
  from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field
  where f.resource = key_of.resource and f.is_key
$$;

create function iasql.name_of(resource text, alias text, is_observed boolean) returns text
language sql stable as $$
  select format('concat_ws('' '', %s)', string_agg(iasql.key_value(f, ref, alias, is_observed) , ', ' order by f.position))
  from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field
  where f.resource = name_of.resource and f.is_key and not f.is_region
$$;
comment on function iasql.key_of is 'The key of a row as an object, as SQL.';
comment on function iasql.key_value is 'One field of a key, as SQL.';
comment on function iasql.name_of is 'The key of a row as text, without the region, as SQL.';

create function iasql.region_of(resource text, alias text) returns text
language sql stable as $$
  select case when exists (select from iasql.field f where f.resource = region_of.resource and f.is_region) then alias || '.region' else 'null::text' end
$$;
comment on function iasql.region_of is 'A row''s region as SQL; NULL for a resource without one.';

-- Which field of the changed object a field shows as, and what it shows: a secret shows by its name and as stars.
create function iasql.changed_item(field iasql.field, ref iasql.arm_reference) returns text
language sql immutable as $$
  select case
    when field.is_version then format('%L, ''["***", "***"]''::jsonb', regexp_replace(field.field, '_version$', ''))
    when ref.field is not null then format('%L, jsonb_build_array(coalesce(case when not _o%s.superseded then _o%2$s.%I::text end, (_n._o).%I), (_n._d).%4$I)', field.field, ref.n, ref.parent_name, field.field)
    else format('%L, jsonb_build_array((_n._o).%I, (_n._d).%2$I)', field.field, field.field)
  end
$$;
comment on function iasql.changed_item is 'One entry of the plan''s column changed, as SQL.';

-- What the plan shows for an observed list: the parents' names where they are known.
create function iasql.shown_list(part iasql.part) returns text
language sql stable as $$
  select case when part.is_ids then format(
    'to_jsonb(array(select coalesce(case when not _s.superseded then _s.%I::text end, _e) from unnest((_n._o).%I) _e left join observed.%I _s on _s.%I = _e%s order by 1))',
    part.ref_parent_fields[cardinality(part.ref_parent_fields)], part.list, iasql.relation(part.ref_parent), i.field,
    case when i.is_regional then ' and _s.region = (_n._o).region' else '' end)
    else format('to_jsonb((_n._o).%I)', part.list) end
  from (select 1) one left join iasql.identity i on i.resource = part.ref_parent
$$;
comment on function iasql.shown_list is 'What the plan shows for an observed list, as SQL.';

create function iasql.compared(resource text) returns setof iasql.field
language sql stable as $$
  select f.* from iasql.field f where f.resource = compared.resource and not f.is_cloud and not f.is_secret order by f.position
$$;
comment on function iasql.compared is 'The fields that the plan compares.';

-- The first half: which desired and which observed rows don't match, by their ids.
create function iasql.found(resource text) returns text
language plpgsql stable as $$
declare
  twin      text := 'observed.' || quote_ident(iasql.relation(resource));
  parents   text := coalesce((select string_agg(format(' left join %s _d%s on %s', r.parent, r.n, iasql.equal('_d', r.child_fields, '_d' || r.n, r.parent_fields)), '') from iasql.arm_reference r where r.resource = found.resource), '');
  lists     text := coalesce((select string_agg(format(' left join (%s) _l%s on %s', iasql.folded(p), row_number, iasql.equal('_d', (p).owner_fields, '_l' || row_number, (p).own_fields)), '') from (select p, row_number() over (order by p.list) from iasql.part p where p.resource = found.resource) x (p, row_number)), '');
  seen      text := coalesce((select string_agg(format(' left join observed.%I _o%s on %s', iasql.relation(r.parent), r.n, iasql.observed_parent(r, '_o', '_o' || r.n)), '') from iasql.arm_reference r where r.resource = found.resource), '');
  -- whether anything differs at all, in the big join
  anything  text := concat_ws(' or ',
    (select string_agg(iasql.differs(found.resource, f.field, '_d', '_o'), ' or ' order by f.position) from iasql.compared(found.resource) f),
    (select string_agg(format('(_l%s.list is not null and _l%1$s.list is distinct from _o.%2$I)', row_number, list), ' or ') from (select p.list, row_number() over (order by p.list) from iasql.part p where p.resource = found.resource) x));
begin
  return format($sql$
select _d.row_id, _o.id
from   %1$s _d%2$s%3$s full join %4$s on _o.row_id = _d.row_id
where  _d.row_id is null or _o.id is null or not _d.reference_only and (_o.pending is not null or %5$s)
  $sql$, resource, parents, lists, case when seen = '' then twin || ' _o' else '(' || twin || ' _o' || seen || ')' end, anything);
end
$$;
comment on function iasql.found is 'What finds the rows of a resource type that differ, as SQL.';

-- The second half, for the rows found: row_ids and ids.
create function iasql.arm(resource text) returns text
language plpgsql stable as $$
declare
  twin      text := 'observed.' || quote_ident(iasql.relation(resource));
  -- what differs, field by field
  changed   text := concat_ws(' || ',
    (select string_agg(format('case when %s then jsonb_build_object(%s) else ''{}'' end', iasql.differs(arm.resource, f.field, '(_n._d)', '(_n._o)'), iasql.changed_item(f, ref)), ' || ' order by f.position)
     from iasql.compared(arm.resource) f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field),
    (select string_agg(format('case when _n.list%s is not null and _n.list%1$s is distinct from (_n._o).%2$I then jsonb_build_object(%2$L, jsonb_build_array(%3$s, %4$s)) else ''{}'' end', row_number, (p).list, iasql.shown_list(p), iasql.names_of(p, '(_n._d)')), ' || ')
     from (select p, row_number() over (order by p.list) from iasql.part p where p.resource = arm.resource) x (p, row_number)));
  immutable text := coalesce(nullif(concat_ws(' || ',
    (select string_agg(format('case when %s then array[%L] else ''{}''::text[] end', iasql.differs(arm.resource, f.field, '(_n._d)', '(_n._o)'), f.field), ' || ' order by f.position) from iasql.compared(arm.resource) f where f.is_immutable),
    (select string_agg(format('case when _n.list%s is not null and _n.list%1$s is distinct from (_n._o).%2$I then array[%2$L] else ''{}''::text[] end', row_number, list), ' || ') from (select p.*, row_number() over (order by p.list) from iasql.part p where p.resource = arm.resource) x where x.is_immutable)), ''), '''{}''::text[]');
  -- what a new row could adopt has the same key
  same_key  text := (select string_agg(case
      when ref.field is not null then format('(_a.%1$I in (select _k.%2$I from observed.%3$I _k where _k.row_id = _d%4$s.row_id or (_k.row_id is null or _k.managed and not exists (select from %8$s _g where _g.row_id = _k.row_id)) and _k.%5$I = (_m._d).%1$I%6$s)%7$s)',
        f.field, ref.parent_identity, iasql.relation(ref.parent), ref.n, ref.parent_name, case when ref.parent_is_regional then ' and _k.region = (_m._d).region' else '' end,
        case when f.is_required then '' else format(' or _a.%1$I is null and (_m._d).%1$I is null', f.field) end, ref.parent)
      when f.is_required then format('_a.%I = (_m._d).%1$I', f.field)
      else format('_a.%I is not distinct from (_m._d).%1$I', f.field) end, ' and ' order by f.position)
    from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field where f.resource = arm.resource and f.is_key);
  same_id   text := (select format(' or (_m._d).reference_only and _a.%I = (_m._d).%1$I', f.field) || case when i.is_regional then ' and _a.region = (_m._d).region' else '' end
    from iasql.field f join iasql.identity i on i.resource = f.resource where f.resource = arm.resource and f.is_identity);
  desired_l text := coalesce((select string_agg(format(' left join lateral (select _x.* from %s _x where %s limit 1) _d%s on true', r.parent, iasql.equal('(_m._d)', r.child_fields, '_x', r.parent_fields), r.n), '') from iasql.arm_reference r where r.resource = arm.resource), '');
  observed_l text := coalesce((select string_agg(format(' left join lateral (select _x.* from observed.%I _x where %s limit 1) _o%s on true', iasql.relation(r.parent), iasql.observed_parent(r, '(_n._o)', '_x'), r.n), '') from iasql.arm_reference r where r.resource = arm.resource), '');
  desired_n text := coalesce((select string_agg(format(' left join lateral (select _x.row_id from %s _x where %s limit 1) _d%s on true', r.parent, iasql.equal('(_n._d)', r.child_fields, '_x', r.parent_fields), r.n), '') from iasql.arm_reference r where r.resource = arm.resource), '');
  wants     text := concat_ws(' || ', (select format('array[%s]', string_agg(format('_d%s.row_id', r.n), ', ')) from iasql.arm_reference r where r.resource = arm.resource having count(*) > 0),
    (select string_agg(iasql.parents_of(p, '(_n._d)'), ' || ') from iasql.part p where p.resource = arm.resource and p.ref_field is not null), '''{}''::uuid[]');
  holds     text := concat_ws(' || ', (select format('array[%s]', string_agg(format('_o%s.id', r.n), ', ')) from iasql.arm_reference r where r.resource = arm.resource having count(*) > 0),
    (select string_agg(iasql.held_by_list(p, '(_n._o)'), ' || ') from iasql.part p where p.resource = arm.resource and p.ref_field is not null), '''{}''::bigint[]');
  goes_with text := coalesce((select format('array[%s]', string_agg(format('_o%s.id', r.n), ', ')) from iasql.arm_reference r where r.resource = arm.resource and r.is_cascade having count(*) > 0), '''{}''::bigint[]');
begin
  return format($sql$
with _m as (
  select _dd._d, _oo._o
  from   unnest(row_ids, ids) _f (row_id, id)
  left   join lateral (select _d from %1$s _d where _d.row_id = _f.row_id limit 1) _dd on true
  left   join lateral (select _o from %2$s _o where _o.id = _f.id limit 1) _oo on true
), _n as materialized (
  select _m.*, _a.id as adopts%3$s
  from   _m%4$s
  left   join lateral (
           select _a.id from %2$s _a
           where  (_m._o).id is null and (_m._d).row_id is not null and not _a.superseded
           -- nobody's, or ours whose row was deleted: a row deleted and inserted again keeps its thing
           and    (_a.row_id is null or _a.managed and not exists (select from %1$s _g where _g.row_id = _a.row_id))
           and    ((_a.owner is null or _a.managed) and %5$s%6$s)
           order by _a.id limit 1) _a on true
), _w as (
  select _n._d, case when _n.adopts is null then _n._o else (select _x from %2$s _x where _x.id = _n.adopts) end as _o, _n.adopts%7$s from _n
  where  (_n._d).row_id is not null
  or     not (_n._o).implicit and not exists (select from _n _b where _b.adopts = (_n._o).id)
)
select %8$L::text as resource, coalesce((_n._d).row_id, (_n._o).row_id) as row_id, (_n._o).id as observed_id,
       coalesce(%9$s, %10$s) as region,
       case when (_n._d).row_id is not null then %11$s else %12$s end as key,
       case when (_n._d).row_id is not null then %13$s else %14$s end as name,
       case when (_n._d).row_id is null and (_n._o).managed and (_n._o).pending is not null then 'wait'
            when (_n._d).row_id is null and ((_n._o).managed or (_n._o).owner is null and _settings.deletes_unknown) then 'delete'
            when (_n._d).row_id is null then 'unmanaged'
            when (_n._o).id is null then 'create'
            when (_n._o).pending is not null then 'wait'
            when _n.adopts is not null then 'adopt'
            when cardinality(_fields.immutable) > 0 then 'replace'
            else 'update' end as action,
       case when (_n._d).row_id is not null and (_n._o).id is not null and (_n._o).pending is null then nullif(_fields.changed, '{}') end as changed,
       case when (_n._o).pending is not null then (_n._o).pending
            when (_n._d).row_id is null and (_n._o).superseded then 'a new one has been made in its place'
            when (_n._d).row_id is null and (_n._o).managed then 'its row was deleted'
            when (_n._d).row_id is null and (_n._o).owner is not null then 'it belongs to ' || split_part((_n._o).owner, '/', 1)
            when (_n._d).row_id is null then 'no row asks for it'
            when (_n._d).reference_only then 'it is only referred to, and is not there'
            when (_n._o).id is null then 'it is not there'
            when _n.adopts is null and cardinality(_fields.immutable) > 0 then array_to_string(_fields.immutable, ', ') || ' cannot change in place'
                 || case when (_n._o).implicit then ', and the cloud made it by itself: it is never deleted' else '' end end as reason,
       array_remove(%15$s, null) as wants, array_remove(%16$s, null) as holds, array_remove(%17$s, null) as goes_with,
       -- what the cloud made by itself is never deleted, so it can't be replaced
       (_n._d).reference_only and (_n._o).id is null or coalesce((_n._o).implicit and _n.adopts is null and cardinality(_fields.immutable) > 0, false) as blocked
from   _w _n%18$s%19$s
cross  join lateral (select %20$s as changed, %21$s as immutable) _fields
cross  join (select iasql.setting('unknown_resources') = 'delete' as deletes_unknown) _settings
where  not coalesce((_n._d).reference_only and (_n._o).id is not null, false)
and    not exists (select from iasql.listing _s where _s.resource = %8$L and _s.region = %22$s and _s.blind is not null)
    $sql$, resource, twin,
    coalesce((select string_agg(format(', %s as list%s', iasql.list_of(p, '(_m._d)'), row_number), '') from (select p, row_number() over (order by p.list) from iasql.part p where p.resource = arm.resource) x (p, row_number)), ''),
    desired_l, same_key, coalesce(same_id, ''),
    coalesce((select string_agg(', _n.list' || row_number, '') from (select row_number() over (order by p.list) from iasql.part p where p.resource = arm.resource) x), ''),
    resource, iasql.region_of(resource, '(_n._d)'), iasql.region_of(resource, '(_n._o)'),
    iasql.key_of(resource, '(_n._d)', false), iasql.key_of(resource, '(_n._o)', true), iasql.name_of(resource, '(_n._d)', false), iasql.name_of(resource, '(_n._o)', true),
    wants, holds, goes_with, desired_n, observed_l, coalesce(nullif(changed, ''), '''{}''::jsonb'), immutable,
    -- a bucket has a region, and is listed without one
    case when (select i.is_regional from iasql.identity i where i.resource = arm.resource) then format('coalesce(%s, %s)', iasql.region_of(resource, '(_n._d)'), iasql.region_of(resource, '(_n._o)')) else '''''' end);
end
$$;
comment on function iasql.arm is 'The arm of the plan for one resource type, as SQL.';
