-- The arms of the plan, for lists whose rows refer to several things, and for things that have no name.

-- Where a name is but a tag, not all things have one. A row that is called by its own thing's id says nothing about that tag: neither is it
-- compared nor ever set.
create function iasql.id_instead_of_name(resource text) returns text
language sql stable as $$
  select i.field from iasql.field f join iasql.field i on i.resource = f.resource and i.is_identity
  where  f.resource = id_instead_of_name.resource and f.field = 'name' and f.is_key and not f.is_immutable and not f.is_identity
$$;
comment on function iasql.id_instead_of_name is 'The id that a row may be called by, where names are tags; else NULL.';

create or replace function iasql.differs(resource text, field text, desired text, observed text) returns text
language sql stable as $$
  select case
    when ref.field is not null then
      -- the same row behind both; a parent that is about to be adopted counts as itself
      format('(%s_d%s.row_id is distinct from _o%2$s.row_id and (_o%2$s.id is null or _o%2$s.row_id is not null and exists (select from %7$s _g where _g.row_id = _o%2$s.row_id) or _o%2$s.superseded or _o%2$s.%4$I is distinct from %5$s.%6$I%8$s))',
             case when ref.is_optional then format('%s.%I is not null and ', desired, f.field) else '' end, ref.n, null, ref.parent_name, desired, f.field, ref.parent,
             case when iasql.id_instead_of_name(ref.parent) is not null then format(' and _o%s.%I is distinct from %s.%I', ref.n, iasql.id_instead_of_name(ref.parent), desired, f.field) end)
    when f.field = 'name' and iasql.id_instead_of_name(f.resource) is not null then
      format('(%s.name is distinct from %s.name and %1$s.name is distinct from %2$s.%3$I)', desired, observed, iasql.id_instead_of_name(f.resource))
    when f.is_required or f.is_exact then
      format('%s.%I is distinct from %s.%2$I', desired, f.field, observed)
    else
      format('(%s.%I is not null and %1$s.%2$I is distinct from %3$s.%2$I)', desired, f.field, observed)
  end
  from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field
  where f.resource = differs.resource and f.field = differs.field
$$;

create or replace function iasql.key_value(field iasql.field, ref iasql.arm_reference, alias text, is_observed boolean) returns text
language sql stable as $$
  select case when is_observed and ref.field is not null then format('coalesce(nullif(_o%s.%I::text, ''''), %s.%I)', ref.n, ref.parent_name, alias, ref.field)
              when is_observed and field.field = 'name' and iasql.id_instead_of_name(field.resource) is not null then format('coalesce(nullif(%s.name, ''''), %1$s.%I)', alias, iasql.id_instead_of_name(field.resource))
              else format('%s.%I', alias, field.field) end
$$;

-- The same text each time, whatever order the catalog's rows lie in.
create or replace function iasql.found(resource text) returns text
language plpgsql stable as $$
declare
  twin      text := 'observed.' || quote_ident(iasql.relation(resource));
  parents   text := coalesce((select string_agg(format(' left join %s _d%s on %s', r.parent, r.n, iasql.equal('_d', r.child_fields, '_d' || r.n, r.parent_fields)), '' order by r.n) from iasql.arm_reference r where r.resource = found.resource), '');
  lists     text := coalesce((select string_agg(format(' left join (%s) _l%s on %s', iasql.folded(p), row_number, iasql.equal('_d', (p).owner_fields, '_l' || row_number, (p).own_fields)), '' order by row_number) from (select p, row_number() over (order by p.list) from iasql.part p where p.resource = found.resource) x (p, row_number)), '');
  seen      text := coalesce((select string_agg(format(' left join observed.%I _o%s on %s', iasql.relation(r.parent), r.n, iasql.observed_parent(r, '_o', '_o' || r.n)), '' order by r.n) from iasql.arm_reference r where r.resource = found.resource), '');
  -- whether anything differs at all, in the big join
  anything  text := concat_ws(' or ',
    (select string_agg(iasql.differs(found.resource, f.field, '_d', '_o'), ' or ' order by f.position) from iasql.compared(found.resource) f),
    (select string_agg(format('(_l%s.list is not null and _l%1$s.list is distinct from _o.%2$I)', row_number, list), ' or ' order by row_number) from (select p.list, row_number() over (order by p.list) from iasql.part p where p.resource = found.resource) x));
begin
  return format($sql$
select _d.row_id, _o.id
from   %1$s _d%2$s%3$s full join %4$s on _o.row_id = _d.row_id
where  _d.row_id is null or _o.id is null or not _d.reference_only and (_o.pending is not null or %5$s)
  $sql$, resource, parents, lists, case when seen = '' then twin || ' _o' else '(' || twin || ' _o' || seen || ')' end, anything);
end
$$;

create or replace function iasql.arm(resource text) returns text
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
      when ref.field is not null then format('(_a.%1$I in (select _k.%2$I from observed.%3$I _k where _k.row_id = _d%4$s.row_id or (_k.row_id is null or _k.managed and not exists (select from %8$s _g where _g.row_id = _k.row_id)) and %9$s%6$s)%7$s)',
        f.field, ref.parent_identity, iasql.relation(ref.parent), ref.n, ref.parent_name, case when ref.parent_is_regional then ' and _k.region = (_m._d).region' else '' end,
        case when f.is_required then '' else format(' or _a.%1$I is null and (_m._d).%1$I is null', f.field) end, ref.parent,
        case when iasql.id_instead_of_name(ref.parent) is null then format('_k.%I = (_m._d).%I', ref.parent_name, f.field)
             else format('(_k.%I = (_m._d).%I or _k.%I = (_m._d).%2$I)', ref.parent_name, f.field, iasql.id_instead_of_name(ref.parent)) end)
      when f.field = 'name' and iasql.id_instead_of_name(f.resource) is not null then format('(_a.name = (_m._d).name or _a.%I = (_m._d).name)', iasql.id_instead_of_name(f.resource))
      when f.is_required then format('_a.%I = (_m._d).%1$I', f.field)
      else format('_a.%I is not distinct from (_m._d).%1$I', f.field) end, ' and ' order by f.position)
    from iasql.field f left join iasql.arm_reference ref on ref.resource = f.resource and ref.field = f.field where f.resource = arm.resource and f.is_key);
  same_id   text := (select format(' or (_m._d).reference_only and _a.%I = (_m._d).%1$I', f.field) || case when i.is_regional then ' and _a.region = (_m._d).region' else '' end
    from iasql.field f join iasql.identity i on i.resource = f.resource where f.resource = arm.resource and f.is_identity);
  desired_l text := coalesce((select string_agg(format(' left join lateral (select _x.* from %s _x where %s limit 1) _d%s on true', r.parent, iasql.equal('(_m._d)', r.child_fields, '_x', r.parent_fields), r.n), '' order by r.n) from iasql.arm_reference r where r.resource = arm.resource), '');
  observed_l text := coalesce((select string_agg(format(' left join lateral (select _x.* from observed.%I _x where %s limit 1) _o%s on true', iasql.relation(r.parent), iasql.observed_parent(r, '(_n._o)', '_x'), r.n), '' order by r.n) from iasql.arm_reference r where r.resource = arm.resource), '');
  desired_n text := coalesce((select string_agg(format(' left join lateral (select _x.row_id from %s _x where %s limit 1) _d%s on true', r.parent, iasql.equal('(_n._d)', r.child_fields, '_x', r.parent_fields), r.n), '' order by r.n) from iasql.arm_reference r where r.resource = arm.resource), '');
  wants     text := concat_ws(' || ', (select format('array[%s]', string_agg(format('_d%s.row_id', r.n), ', ' order by r.n)) from iasql.arm_reference r where r.resource = arm.resource having count(*) > 0),
    (select string_agg(iasql.parents_of(p, '(_n._d)'), ' || ' order by p.part) from iasql.part p where p.resource = arm.resource), '''{}''::uuid[]');
  holds     text := concat_ws(' || ', (select format('array[%s]', string_agg(format('_o%s.id', r.n), ', ' order by r.n)) from iasql.arm_reference r where r.resource = arm.resource having count(*) > 0),
    (select string_agg(iasql.held_by_list(p, '(_n._o)'), ' || ' order by p.part) from iasql.part p where p.resource = arm.resource), '''{}''::bigint[]');
  goes_with text := coalesce((select format('array[%s]', string_agg(format('_o%s.id', r.n), ', ' order by r.n)) from iasql.arm_reference r where r.resource = arm.resource and r.is_cascade having count(*) > 0), '''{}''::bigint[]');
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

create or replace function iasql.resolved(resource text) returns text
language plpgsql stable as $$
declare
  refs  text := (select string_agg(format(case when f.is_identity then '%1$L, _r%2$s.%3$I' else '%1$L, coalesce(_r%2$s.%3$I, _d.%1$I)' end, r.field, r.n, r.parent_identity), ', ' order by r.n)
                 from iasql.arm_reference r join iasql.field f on f.resource = r.parent and f.field = r.parent_identity where r.resource = resolved.resource);
  joins text := coalesce((select string_agg(format(' left join %s _d%s on %s left join observed.%I _r%2$s on _r%2$s.row_id = _d%2$s.row_id', r.parent, r.n, iasql.equal('_d', r.child_fields, '_d' || r.n, r.parent_fields), iasql.relation(r.parent)), '' order by r.n) from iasql.arm_reference r where r.resource = resolved.resource), '');
  lists text := (select string_agg(format('%L, %s', p.list, iasql.list_of(p, '_d')), ', ' order by p.list) from iasql.part p where p.resource = resolved.resource);
  id    text := iasql.id_instead_of_name(resource);
  named text := case when id is not null then format('''name'', case when _own.id is not null then _own.name else _d.name end') end;
  own   text := case when id is not null then format(' left join observed.%I _own on _own.%I = _d.name%s and (_own.row_id = _d.row_id or _own.row_id is null)', iasql.relation(resource), id,
             (select ' and _own.region = _d.region' from iasql.identity i where i.resource = resolved.resource and i.is_regional)) else '' end;
  lacks text := concat_ws(', ',
    (select string_agg(format('case when _d.%I is not null and _r%s.%I is null then %L || _d.%1$I end', r.field, r.n, r.parent_identity, r.parent || ' '), ', ' order by r.n) from iasql.arm_reference r where r.resource = resolved.resource),
    (select string_agg(format('(select %L || string_agg(_p.%I, '', '') from %s _p join %s _x on %s where %s and not exists (select from observed.%I _y where _y.row_id = _x.row_id))',
       r.parent || ' ', r.field, p.part, r.parent, iasql.equal('_p', r.child_fields, '_x', r.parent_fields), iasql.equal('_d', p.owner_fields, '_p', p.own_fields), iasql.relation(r.parent)), ', ' order by p.part, r.n)
     from iasql.part p join iasql.part_reference r on r.part = p.part where p.resource = resolved.resource), 'null::text');
begin
  return format($sql$
select _d.row_id, %1$s as region, to_jsonb(_d.*) - '{row_id,reference_only}'::text[] || jsonb_build_object(%2$s) as desired, array_remove(array[%3$s], null) as lacks
from   %4$s _d%5$s%6$s
    $sql$, iasql.region_of(resource, '_d'), concat_ws(', ', refs, lists, named), lacks, resource, joins, own);
end
$$;

select iasql.make_views(r.name) from iasql.resource r where r.part_of is null order by r.position;
select iasql.assemble_rest();
