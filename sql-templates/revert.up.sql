-- The way back: all desired rows as they were, in one transaction and with the rights of whoever asks. The plan follows by itself.
--
-- What is wrong is looked for anew after each round of writing, so it does not matter in which order rows can be written: parents come first, what
-- refers to something later, to itself or in a circle comes in the next round, and where two rows have swapped names one of them steps aside.

-- Which columns of a row are compared and written. The version of a secret stands for its value.
create function iasql.columns_of(resource text, is_compared boolean, is_only_referred_to boolean) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
  select array_agg(a.attname::text order by a.attnum)
  from   pg_attribute a left join iasql.field f on f.resource = columns_of.resource and f.field = a.attname
  where  a.attrelid = to_regclass(columns_of.resource) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  and    case when f.field is null then a.attname = 'reference_only' or a.attname = 'row_id' and not is_compared
              when f.is_secret then false
              when f.is_version then is_compared
              when f.is_identity then is_only_referred_to
              else not f.is_cloud end
$$;
comment on function iasql.columns_of is 'The columns of a desired table that somebody writes.';

-- A row of a table that is not as it was. `was` and `is` are NULL where it was or is not there.
create type iasql.strayed as (resource text, mark jsonb, row_id uuid, is_part boolean, "is" jsonb, was jsonb, kept jsonb);
comment on type iasql.strayed is 'A desired row that is not as it was at some time; kept is what the history has of it then, with columns that are gone.';

create function iasql.strayed_of(resource text, "time" timestamptz) returns setof iasql.strayed
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  is_part  boolean := (select r.part_of is not null from iasql.resource r where r.name = strayed_of.resource);
  ours     text[]  := iasql.columns_of(resource, true, false);
  referred text[]  := iasql.columns_of(resource, true, true);
begin
  return query execute format($sql$
    select %1$L::text, coalesce(o.mark, s.mark), case when not %2$L then coalesce(o.row ->> 'row_id', s.row ->> 'row_id')::uuid end, %2$L::boolean, o.row, s.row, s.kept
    from   (select %3$s as mark, r.row from %1$s d cross join lateral (select to_jsonb(d.*)) r (row)) o
    full   join (select %4$s as mark, n.row, s.row as kept from (%5$s) s cross join lateral (select to_jsonb(p.*) from jsonb_populate_record(null::%1$s, s.row) p) n (row)) s on s.mark = o.mark
    where  o.mark is null or s.mark is null
    or     exists (select from unnest(case when (o.row ->> 'reference_only')::boolean and (s.row ->> 'reference_only')::boolean then $3 else $2 end) c where o.row -> c is distinct from s.row -> c)
  $sql$, resource, is_part, iasql.mark_of(resource, 'r.row'), iasql.mark_of(resource, 'n.row'), iasql.state_at(resource)) using "time", ours, referred;
end
$$;
comment on function iasql.strayed_of is 'The rows of a desired table that are not as they were then.';

-- Tables that nobody has written to since are not looked at.
create function iasql.written_since("time" timestamptz) returns setof text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select distinct h.resource
  from   iasql.history h left join iasql.transaction t on t.id = h.transaction
  where  (case when h.transaction is null then h.at else t.committed_at end <= "time") is not true
$$;
comment on function iasql.written_since is 'The desired tables that were written to since then.';

-- The secrets of a row whose value at that time nobody has any more.
create function iasql.lost_secrets(it iasql.strayed) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(f.field order by f.position), '{}')
  from   iasql.field f
  where  f.resource = it.resource and f.is_secret and it.was is not null
  and    it.was ->> (f.field || '_version') is not null and it.was ->> (f.field || '_version') is distinct from it.is ->> (f.field || '_version')
$$;
comment on function iasql.lost_secrets is 'The secrets of a row that had another value then.';

-- What was in columns that are no more.
create function iasql.lost_columns(it iasql.strayed) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(k.key order by k.key), '{}') from jsonb_each(it.kept) k where k.value <> 'null' and not it.was ? k.key
$$;
comment on function iasql.lost_columns is 'The columns of a row as it was that its table no longer has.';

-- Of a secret only that there is none can be put back.
create function iasql.astray(it iasql.strayed) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(case when f.is_version then regexp_replace(c, '_version$', '') else c end,
           case when f.is_version then case when it.was ->> c is null then '["***", null]' else '["***", "***"]' end::jsonb else jsonb_build_array(it.is -> c, it.was -> c) end), '{}')
  from   unnest(iasql.columns_of(it.resource, true, coalesce((it.is ->> 'reference_only')::boolean and (it.was ->> 'reference_only')::boolean, false))) c
  left   join iasql.field f on f.resource = it.resource and f.field = c
  where  it.is is not null and it.was is not null and it.is -> c is distinct from it.was -> c
$$;
comment on function iasql.astray is 'The columns of a row that are not as they were: {column: [is, was]}.';

create function iasql.name_of_row(resource text, "row" jsonb) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  name text;
begin
  execute format('select %s from jsonb_populate_record(null::%s, $1) d', iasql.name_of(resource, 'd', false), resource) into name using "row";
  return coalesce(name, '');
end
$$;
comment on function iasql.name_of_row is 'The key of a row as text, without the region.';

create function iasql.revert_diff("time" timestamptz)
returns table (resource text, region text, name text, row_id uuid, operation text, changed jsonb, lost text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  type record;
begin
  if "time" is null or "time" > clock_timestamp() or "time" < (select min(h.at) from iasql.history h) then
    raise exception 'nothing is known of the tables at %', coalesce("time"::text, 'no time') using errcode = 'invalid_parameter_value',
      hint = 'Times from ' || (select min(h.at) from iasql.history h) || ' until now can be gone back to.';
  end if;
  for type in
    select w.name, r.name is not null as is_there from iasql.written_since("time") w (name) left join iasql.resource r on r.name = w.name order by r.position, w.name
  loop
    if type.is_there then
      return query
        select s.resource, coalesce(s.was, s.is) ->> 'region', iasql.name_of_row(s.resource, coalesce(s.was, s.is)), s.row_id,
               case when s.is is null then 'insert' when s.was is null then 'delete' else 'update' end, nullif(iasql.astray(s), '{}'),
               nullif(concat_ws('; ',
                 (select 'the value that ' || string_agg(l, ', ') || ' had then was kept nowhere' from unnest(iasql.lost_secrets(s)) l having count(*) > 0),
                 (select 'there is no column ' || string_agg(l, ', ') || ' any more' from unnest(iasql.lost_columns(s)) l having count(*) > 0)), '')
        from   iasql.strayed_of(type.name, "time") s
        order  by 3;
    else
      return query
        select type.name, null::text, null::text, null::uuid, 'insert', null::jsonb, 'its table is no longer here'
        from   iasql.history h where h.resource = type.name and h.operation <> 'delete' and h.at <= "time" limit 1;
    end if;
  end loop;
end
$$;
comment on function iasql.revert_diff is 'What iasql.revert_to(time) would do to the rows, and what of them is lost; changes nothing.';
