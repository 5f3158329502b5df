-- What is made of the arms: the difference of all types, who refers to whom, and the rows as a provider takes them.

-- The desired row as the cloud wants to hear it: names turned into the cloud's ids, lists folded in.
create function iasql.resolved(resource text) returns text
language plpgsql stable as $$
declare
  refs  text := (select string_agg(format(case when f.is_identity then '%1$L, _r%2$s.%3$I' else '%1$L, coalesce(_r%2$s.%3$I, _d.%1$I)' end, r.field, r.n, r.parent_identity), ', ')
                 from iasql.arm_reference r join iasql.field f on f.resource = r.parent and f.field = r.parent_identity where r.resource = resolved.resource);
  joins text := coalesce((select string_agg(format(' left join %s _d%s on %s left join observed.%I _r%2$s on _r%2$s.row_id = _d%2$s.row_id', r.parent, r.n, iasql.equal('_d', r.child_fields, '_d' || r.n, r.parent_fields), iasql.relation(r.parent)), '') from iasql.arm_reference r where r.resource = resolved.resource), '');
  lists text := (select string_agg(format('%L, %s', p.list, iasql.list_of(p, '_d')), ', ') from iasql.part p where p.resource = resolved.resource);
  lacks text := concat_ws(', ',
    (select string_agg(format('case when _d.%I is not null and _r%s.%I is null then %L || _d.%1$I end', r.field, r.n, r.parent_identity, r.parent || ' '), ', ') from iasql.arm_reference r where r.resource = resolved.resource),
    (select string_agg(format('(select %L || string_agg(_p.%I, '', '') from %s _p join %s _x on %s where %s and not exists (select from observed.%I _y where _y.row_id = _x.row_id))',
       p.ref_parent || ' ', p.ref_field, p.part, p.ref_parent, iasql.equal('_p', p.ref_child_fields, '_x', p.ref_parent_fields), iasql.equal('_d', p.owner_fields, '_p', p.own_fields), iasql.relation(p.ref_parent)), ', ')
     from iasql.part p where p.resource = resolved.resource and p.ref_field is not null), 'null::text');
begin
  return format($sql$
select _d.row_id, %1$s as region, to_jsonb(_d.*) - '{row_id,reference_only}'::text[] || jsonb_build_object(%2$s) as desired, array_remove(array[%3$s], null) as lacks
from   %4$s _d%5$s
    $sql$, iasql.region_of(resource, '_d'), concat_ws(', ', refs, lists), lacks, resource, joins);
end
$$;
comment on function iasql.resolved is 'The desired rows of a type as a provider takes them, as SQL; lacks says which parents are not there yet.';

create type iasql.differing as (
  resource text, row_id uuid, observed_id bigint, region text, key jsonb, name text,
  action text, changed jsonb, reason text, wants uuid[], holds bigint[], goes_with bigint[], blocked boolean
);
comment on type iasql.differing is 'A row that differs from the cloud, and what that means for itself.';

create function iasql.make_views(resource text) returns void
language plpgsql as $$
begin
  execute format('create or replace view iasql.%I as %s', 'found_of_' || iasql.relation(resource), iasql.found(resource));
  execute format('comment on view iasql.%I is %L', 'found_of_' || iasql.relation(resource), format('Which rows of %s differ from the cloud.', resource));
  execute format('create or replace function iasql.%I(row_ids uuid[], ids bigint[]) returns setof iasql.differing language sql stable begin atomic %s; end', 'difference_of_' || iasql.relation(resource), iasql.arm(resource));
  execute format('comment on function iasql.%I is %L', 'difference_of_' || iasql.relation(resource), format('How these rows of %s differ from the cloud.', resource));
  execute format('create or replace view iasql.%I as %s', 'resolved_' || iasql.relation(resource), iasql.resolved(resource));
  execute format('comment on view iasql.%I is %L', 'resolved_' || iasql.relation(resource), format('The rows of %s with names turned into the cloud''s ids.', resource));
end
$$;
comment on function iasql.make_views is 'Makes the views of a resource type, and what looks closely at its rows.';

-- Desired children of desired parents, as long as the cloud has both and ties them together.
create function iasql.referrer_arms() returns text
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
comment on function iasql.referrer_arms is 'The arms of iasql.referrers, as SQL.';

-- Observed children that are not ours and would be in the way of their parent's end.
create function iasql.holder_arms() returns text
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
comment on function iasql.holder_arms is 'The arms of iasql.holders, as SQL.';

create function iasql.assemble() returns void
language plpgsql as $$
declare
  nothing constant text := 'select null::text, null::uuid, null::bigint, null::text, null::jsonb, null::text, null::text, null::boolean, null::uuid, null::bigint, null::jsonb where false';
begin
  execute 'create or replace view iasql.found as ' ||
    (select string_agg(format('select %L::text as resource, row_id, id from iasql.%I', r.name, 'found_of_' || iasql.relation(r.name)), E'\nunion all\n' order by r.position) from iasql.resource r where r.part_of is null);
  execute format('create or replace function iasql.referrers(parents uuid[]) returns table (resource text, row_id uuid, observed_id bigint, region text, key jsonb, name text, field text, is_immutable boolean, parent_row_id uuid, parent_observed_id bigint, was jsonb) language sql stable as %L',
    coalesce(iasql.referrer_arms(), nothing));
  execute format('create or replace function iasql.holders(parents bigint[]) returns table (parent bigint, resource text, name text) language sql stable as %L',
    coalesce(iasql.holder_arms(), 'select null::bigint, null::text, null::text where false'));
end
$$;
comment on function iasql.assemble is 'Puts the arms of all types together.';

-- Before the first type is registered there is nothing to compare.
create view iasql.found as
select null::text as resource, null::uuid as row_id, null::bigint as id where false;
comment on view iasql.found is 'Which rows of all types differ from the cloud, by their ids.';

create function iasql.difference() returns setof iasql.differing
language plpgsql stable as $$
declare
  type record;
begin
  for type in select f.resource, array_agg(f.row_id) as row_ids, array_agg(f.id) as ids from iasql.found f group by f.resource loop
    return query execute format('select * from iasql.%I($1, $2)', 'difference_of_' || iasql.relation(type.resource)) using type.row_ids, type.ids;
  end loop;
end
$$;
comment on function iasql.difference is 'The rows of all types that differ from the cloud, each for itself.';

create function iasql.referrers(parents uuid[]) returns table (resource text, row_id uuid, observed_id bigint, region text, key jsonb, name text, field text, is_immutable boolean, parent_row_id uuid, parent_observed_id bigint, was jsonb)
language sql stable as $$ select null::text, null::uuid, null::bigint, null::text, null::jsonb, null::text, null::text, null::boolean, null::uuid, null::bigint, null::jsonb where false $$;
comment on function iasql.referrers is 'The desired rows that refer to any of these rows, in the tables and in the cloud.';

create function iasql.holders(parents bigint[]) returns table (parent bigint, resource text, name text)
language sql stable as $$ select null::bigint, null::text, null::text where false $$;
comment on function iasql.holders is 'The observed things, not ours, that stand on any of these observed things.';
