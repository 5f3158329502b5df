-- What is in the cloud and in no row becomes rows: iasql setup --import, call iasql.import(), and the setting unknown_resources = adopt.
-- Nothing in the cloud is changed by that, not even a tag.

alter table iasql.setting drop constraint unknown_resources_are_shown_or_deleted;
alter table iasql.setting add constraint unknown_resources_are_shown_deleted_or_adopted
  check (name <> 'unknown_resources' or value in ('show', 'delete', 'adopt'));

alter table iasql.run drop constraint a_run_is_one_of_four_kinds;
alter table iasql.run add constraint a_run_is_one_of_five_kinds check (kind in ('refresh', 'plan', 'apply', 'check', 'import'));
comment on column iasql.run.kind is 'refresh, plan, apply, check or import.';
comment on column iasql.request.kind is 'refresh, plan, apply, check or import.';

create or replace function iasql.ask(kind text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  asked bigint;
begin
  if ask.kind in ('refresh', 'plan', 'apply', 'check', 'import') is not true then
    raise exception 'there is no run of the kind %', left(ask.kind, 40)
      using errcode = 'invalid_parameter_value', hint = 'There are: refresh, plan, apply, check, import.';
  end if;
  -- what nobody has taken yet begins after this, and serves whoever asks meanwhile
  select min(r.id) into asked from iasql.request r
  where  r.kind = ask.kind and r.asked_by = session_user and r.run is null and r.said is null;
  if asked is null then
    insert into iasql.request (kind, asked_by) values (ask.kind, session_user) returning id into asked;
  end if;
  perform pg_notify('iasql_request', '');
  return asked;
end
$$;

create procedure iasql.import() language plpgsql as $$ begin call iasql.runs_only_outside_a_transaction_block('import'); end $$;
comment on procedure iasql.import is 'Reads the cloud and makes rows of what is there and in no row; changes nothing in the cloud.';

-- What the cloud made by itself is imported only where something that is imported refers to it.
create function iasql.unknown_things() returns bigint[]
language plpgsql stable as $$
declare
  type   record;
  found  bigint[];
  more   bigint[];
  things bigint[] := '{}';
begin
  for type in select r.name from iasql.resource r where r.part_of is null loop
    execute format('select array_agg(o.id) from observed.%I o where o.row_id is null and not o.managed and not o.superseded and not o.implicit', iasql.relation(type.name)) into found;
    things := things || coalesce(found, '{}');
  end loop;
  loop
    more := '{}';
    for type in
      select r.name,
             array(select format('select _op.id from observed.%I _o join observed.%I _op on %s', iasql.relation(r.name), iasql.relation(f.parent), iasql.observed_parent(f, '_o', '_op'))
                   from iasql.arm_reference f where f.resource = r.name)
             || array(select format('select _op.id from observed.%I _o join observed.%I _op on _op.id = any (%s)', iasql.relation(r.name), iasql.relation(f.parent), iasql.held_by_reference(p, f, '_o'))
                   from iasql.part p join iasql.part_reference f on f.part = p.part where p.resource = r.name) as ways
      from   iasql.resource r where r.part_of is null
    loop
      continue when type.ways = '{}';
      execute format('select array_agg(distinct w.id) from (%s) w', (select string_agg(w || ' where _o.id = any ($1) and _op.row_id is null and _op.implicit and not _op.id = any ($1)', ' union all ') from unnest(type.ways) w))
        into found using things;
      more := more || coalesce(found, '{}');
    end loop;
    exit when more = '{}';
    things := things || more;
  end loop;
  return things;
end
$$;
comment on function iasql.unknown_things is 'The observed things that an import is about, by their numbers.';

-- One list of an observed thing _o as the rows that it is folded from, and what they lack, as SQL.
create function iasql.unfolded(part iasql.part) returns text
language sql stable as $$
  with ref as (
    select r.field, r.n, r.parent, r.parent_fields[cardinality(r.parent_fields)] as name, v.value,
           format(' left join observed.%I _s%s on _s%2$s.%I = %s%s left join %s _t%2$s on _t%2$s.row_id = _s%2$s.row_id', iasql.relation(r.parent), r.n, i.field, v.value,
             format(' and _s%s.region = ', r.n) || iasql.region_of_reference(unfolded.part, r, '_o', '_e'), r.parent) as beside,
           -- a foreign key's further columns, which are nobody's own
           (select string_agg(format(', %L, _t%s.%I', k.child_field, r.n, k.parent_field), '') from unnest(r.child_fields, r.parent_fields) k (child_field, parent_field)
            where k.child_field <> r.field and k.child_field <> 'region' and not k.child_field = any (unfolded.part.own_fields)
            and   not exists (select from iasql.part_reference x where x.part = r.part and x.field = k.child_field)) as more
    from   iasql.part_reference r join iasql.identity i on i.resource = r.parent
    cross  join lateral (select case when unfolded.part.is_ids then '_e' else format('(_e ->> %L)', r.field) end) v (value)
    where  r.part = unfolded.part.part
  ), said as (
    select string_agg(
             case when unfolded.part.is_ids then format('jsonb_build_object(%L, _t%s.%I%s)', r.field, r.n, r.name, r.more)
                  else format('case when %s is not null then jsonb_build_object(%L, _t%s.%I%s) else ''{}'' end', r.value, r.field, r.n, r.name, r.more) end, ' || ' order by r.n) as translated,
           format('nullif(concat_ws('', '', %s), '''')', coalesce(string_agg(format('case when %s is not null and _t%s.row_id is null then %L || %1$s end', r.value, r.n, r.parent || ' '), ', ' order by r.n), 'null')) as lack,
           coalesce(string_agg(r.beside, '' order by r.n), '') as beside
    from   ref r
  )
  select format('(select jsonb_build_object(''part'', %1$L::text, ''rows'', jsonb_agg(%2$s), ''lacks'', coalesce(jsonb_agg(%3$s) filter (where %3$s is not null), ''[]'')) from %4$s(_o.%5$I) _e%6$s)',
    unfolded.part.part, concat_ws(' || ', case when not unfolded.part.is_ids then '_e' end, s.translated), s.lack,
    case when unfolded.part.is_ids then 'unnest' else 'jsonb_array_elements' end, unfolded.part.list, s.beside)
  from   said s
$$;
comment on function iasql.unfolded is 'One list of an observed thing as the rows that it is folded from, as SQL.';

-- Observed things as the rows that they would be: references by their parents' names, lists unfolded; and what they lack.
create function iasql.importable(resource text) returns text
language sql stable as $$
  with ref as (
    select r.n, r.parent, format('_o.%I', r.field) as value, f.is_required or f.is_exact or r.is_key as is_needed,
           format('%L, _d%s.%I', r.field, r.n, r.parent_name)
           || coalesce((select string_agg(format(', %1$L, coalesce(_d%2$s.%3$I, _o.%1$I)', k.child_field, r.n, k.parent_field), '') from unnest(r.child_fields, r.parent_fields) k (child_field, parent_field)
                        where k.child_field <> r.field and k.child_field <> 'region'
                        and   not exists (select from iasql.arm_reference x where x.resource = r.resource and x.field = k.child_field)), '') as translated,
           format(' left join observed.%I _o%s on %s left join %s _d%2$s on _d%2$s.row_id = _o%2$s.row_id', iasql.relation(r.parent), r.n, iasql.observed_parent(r, '_o', '_o' || r.n), r.parent) as beside
    from   iasql.arm_reference r join iasql.field f on f.resource = r.resource and f.field = r.field
    where  r.resource = importable.resource
  ), lack as (
    select r.is_needed, string_agg(format('case when %s is not null and _d%s.row_id is null then %L || %1$s end', r.value, r.n, r.parent || ' '), ', ' order by r.n) as lacks
    from   ref r group by r.is_needed
  )
  select format($sql$
select _o.id, %1$s as name, to_jsonb(_o.*) || jsonb_build_object(%2$s) as row, _o.owner, _o.pending,
       array_remove(array[%3$s]::text[], null) as lacks, array_remove(array[%4$s]::text[], null) as wants, jsonb_build_array(%5$s) as lists,
       array(select t.name from unnest(array[%6$s]::text[]) with ordinality t (name, n) where t.name ~ '\S' and t.name !~ '[[:cntrl:]]' group by t.name order by min(t.n)) as names
from   observed.%7$I _o%8$s
where  _o.id = any ($1) and _o.row_id is null
order  by _o.id
    $sql$,
    iasql.name_of(resource, '_o', true), (select string_agg(r.translated, ', ' order by r.n) from ref r),
    (select l.lacks from lack l where l.is_needed), (select l.lacks from lack l where not l.is_needed),
    (select string_agg(iasql.unfolded(p), ', ' order by p.list) from iasql.part p where p.resource = importable.resource),
    '_o.name, _o.' || quote_ident(iasql.id_instead_of_name(resource)),
    iasql.relation(resource), coalesce((select string_agg(r.beside, '' order by r.n) from ref r), ''))
$$;
comment on function iasql.importable is 'The observed things of a type as the rows that they would be, as SQL.';

-- What may not be NULL, and of which nothing is known, gets its default.
create function iasql.write_row(resource text, "row" jsonb) returns void
language plpgsql as $$
declare
  columns text := (
    select string_agg(quote_ident(f.field), ', ' order by f.position) from iasql.field f
    where  f.resource = write_row.resource and not f.is_cloud and not f.is_secret and not f.is_version and (not f.is_required or coalesce("row" -> f.field, 'null') <> 'null'))
    || case when "row" ? 'row_id' and "row" ->> 'row_id' is not null then ', row_id' else '' end;
begin
  execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', resource, columns) using "row";
end
$$;
comment on function iasql.write_row is 'Inserts a row without what the cloud fills, and without secrets.';

-- All of a thing or nothing of it. Answers why it was not imported; NULL where it was.
create function iasql.import_thing(resource text, observed_id bigint, "row" jsonb, lists jsonb, names text[]) returns text
language plpgsql as $$
declare
  named  text;
  why    text;
  broken text;
  part   record;
begin
  -- the name it has, else the id
  foreach named in array case when names = '{}' then array["row" ->> 'name'] else names end loop
    begin
      "row" := "row" || jsonb_build_object('row_id', gen_random_uuid()) || case when names = '{}' then '{}' else jsonb_build_object('name', named) end;
      perform iasql.write_row(resource, "row");
      for part in
        select p.part, item.value || (select jsonb_object_agg(k.own_field, "row" -> k.owner_field) from unnest(p.own_fields, p.owner_fields) k (own_field, owner_field)) as row
        from   jsonb_array_elements(lists) l join iasql.part p on p.part = l.value ->> 'part'
        cross  join lateral jsonb_array_elements(case jsonb_typeof(l.value -> 'rows') when 'array' then l.value -> 'rows' else '[]' end) item
      loop
        perform iasql.write_row(part.part, part.row);
      end loop;
      execute format('update observed.%I o set row_id = d.row_id, managed = not d.reference_only from %s d where o.id = $1 and d.row_id = $2', iasql.relation(resource), resource)
        using observed_id, ("row" ->> 'row_id')::uuid;
      return null;
    exception when others then
      get stacked diagnostics why = message_text, broken = constraint_name;
    end;
  end loop;
  return coalesce('it breaks the rule: ' || replace(case when broken ~ '_(key|pkey|fkey|check)[0-9]*$' then null else nullif(broken, '') end, '_', ' '), why);
end
$$;
comment on function iasql.import_thing is 'Makes a row of one observed thing, with its lists; answers why that can not be.';

create type iasql.imported as (resource text, observed_id bigint, name text, said text);
comment on type iasql.imported is 'What came of one thing in an import.';

-- Whatever the plan would change is taken back: an import is no reason to change the cloud.
create function iasql.take_back(done iasql.imported[]) returns iasql.imported[]
language plpgsql as $$
declare
  type  record;
  wrong iasql.differing;
  taken iasql.imported[] := '{}';
begin
  for type in select d.resource, array_agg(d.observed_id) as ids from unnest(done) d join iasql.resource r on r.name = d.resource group by d.resource, r.position order by r.position desc loop
    for wrong in execute format(
      'select w.* from (select array_agg(f.row_id) as row_ids, array_agg(f.id) as ids from iasql.%I f where f.id = any ($1) and f.row_id is not null) f cross join lateral iasql.%I(f.row_ids, f.ids) w where w.action in (''update'', ''replace'')',
      'found_of_' || iasql.relation(type.resource), 'difference_of_' || iasql.relation(type.resource)) using type.ids
    loop
      begin
        execute format('delete from %s d where d.row_id = $1', type.resource) using wrong.row_id;
        execute format('update observed.%I o set row_id = null, managed = false where o.id = $1', iasql.relation(type.resource)) using wrong.observed_id;
        taken := taken || row(type.resource, wrong.observed_id, wrong.name, 'as a row it would be changed: ' || wrong.changed)::iasql.imported;
      exception when foreign_key_violation then
        taken := taken || row(type.resource, null, wrong.name, 'it is imported, for others refer to it, and would be changed: ' || wrong.changed)::iasql.imported;
      end;
    end loop;
  end loop;
  return taken;
end
$$;
comment on function iasql.take_back is 'Takes rows back that an import made and that differ from the cloud all the same.';

-- Rows that are asked for by their parents' names, for each parent that is there: with nothing in the columns that may not be NULL.
create function iasql.skeleton(resource text) returns text
language sql stable as $$
  select format('select jsonb_build_object(%s) from observed.%I _p where not _p.superseded and not exists (select from observed.%I _o where _o.%I = _p.%I and _o.row_id is not null%s)',
    concat_ws(', ', format('%L, _p.%I', r.field, r.parent_identity), case when r.parent_is_regional then '''region'', _p.region' end,
      -- a value that the column takes, whatever it is
      (select string_agg(format('%L, %s', f.field, case
         when d.oid is not null then pg_get_expr(d.adbin, d.adrelid)
         when f.type in ('text', 'character varying') then '''''' when f.type = 'boolean' then 'false' when f.type in ('smallint', 'integer', 'bigint', 'numeric', 'double precision') then '0'
         when f.type = 'jsonb' then '''{}''::jsonb' when f.type like '%[]' then '''[]''::jsonb' else 'null' end), ', ')
       from   iasql.field f
       left   join pg_attribute a on a.attrelid = to_regclass(f.resource) and a.attname = f.field
       left   join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where  f.resource = skeleton.resource and f.is_required and not f.is_key)),
    iasql.relation(r.parent), iasql.relation(resource), r.field, r.parent_identity, case when r.parent_is_regional then ' and _o.region = _p.region' else '' end)
  from   iasql.arm_reference r
  where  r.resource = skeleton.resource and r.is_key
  -- what has more to its name can't be guessed
  and    not exists (select from iasql.field f where f.resource = skeleton.resource and f.is_key and not f.is_region and f.field <> r.field)
$$;
comment on function iasql.skeleton is 'Rows that ask for what may stand on each observed parent, as SQL; NULL for a type that is not called by one parent alone.';

select iasql.close_types();
