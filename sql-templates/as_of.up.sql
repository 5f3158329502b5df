-- Desired tables as they were: what the history says of their rows, in the columns that they have now.

-- What rows have in columns that were added after they were written.
create function iasql.defaults_of(resource text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(format('(select to_jsonb(_x.*) from (select %s) _x)', string_agg(format('%s as %I', pg_get_expr(d.adbin, d.adrelid), a.attname), ', ' order by a.attnum)), '''{}''::jsonb')
  from   pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where  a.attrelid = to_regclass(defaults_of.resource) and not a.attisdropped and a.attgenerated = '' and a.attname <> 'row_id'
$$;
comment on function iasql.defaults_of is 'The defaults of a table''s columns as an object, as SQL.';

-- What distinguishes the rows of a table: row_id, or for a list its key (all of its columns, where it has none).
create function iasql.mark_of(resource text, "row" text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select case when r.part_of is null then format('%s -> ''row_id''', mark_of.row)
              else format('jsonb_build_array(%s)', string_agg(format('%s -> %L', mark_of.row, f.field), ', ' order by f.position) filter (where f.is_key or not k.has_key)) end
  from   iasql.resource r
  left   join iasql.field f on f.resource = r.name
  cross  join lateral (select exists (select from iasql.field x where x.resource = r.name and x.is_key)) k (has_key)
  where  r.name = mark_of.resource
  group  by r.part_of
$$;
comment on function iasql.mark_of is 'What distinguishes a row, given as an object, from the others of its table, as SQL.';

-- With the time as $1. What was not committed by then was not to be seen: not even by the transaction itself that asks.
create function iasql.state_at(resource text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select format($sql$
    select s.mark, s.row_id, s.row from (
      select distinct on (%1$s) %1$s as mark, h.row_id, h.id, h.operation, e.row
      from   iasql.history h
      left   join iasql.transaction t on t.id = h.transaction
      cross  join lateral (select %2$s || coalesce(h.became, h.was)%4$s) e (row)
      where  h.resource = %3$L and case when h.transaction is null then h.at else t.committed_at end <= $1
      order  by %1$s, h.id desc) s
    where s.operation <> 'delete'
  $sql$, iasql.mark_of(resource, 'e.row'), iasql.defaults_of(resource), resource,
    -- a secret that had no value had no version
    (select string_agg(format(' || case when coalesce(h.became, h.was) ->> %L is null then jsonb_build_object(%L, null) else ''{}'' end', f.field || '_version', f.field), '') from iasql.field f where f.resource = state_at.resource and f.is_secret))
$$;
comment on function iasql.state_at is 'The rows of a desired table as they were at a time, as SQL.';

create function iasql.as_of("of" anyelement, "time" timestamptz) returns setof anyelement
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  resource text := (select r.name from iasql.resource r join pg_type t on t.typrelid = to_regclass(r.name) where t.oid = pg_typeof("of"));
begin
  if resource is null then
    raise exception '% is no desired table', pg_typeof("of") using errcode = 'undefined_table', hint = 'For example: select * from iasql.as_of(null::ec2.vpc, now() - interval ''1 day'').';
  end if;
  return query execute format('select p.* from (%s) s cross join lateral jsonb_populate_record(null::%s, s.row) p', iasql.state_at(resource), resource) using "time";
end
$$;
comment on function iasql.as_of(anyelement, timestamptz) is 'The rows of a desired table as they were: select * from iasql.as_of(null::ec2.vpc, time). What the cloud fills is NULL, secrets are three stars.';

create function iasql.as_of(resource text, "time" timestamptz) returns setof jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from iasql.resource r where r.name = as_of.resource) then
    raise exception '% is no desired table', left(resource, 100) using errcode = 'undefined_table', hint = 'For example: select * from iasql.as_of(''ec2.vpc'', now() - interval ''1 day'').';
  end if;
  return query execute format('select to_jsonb(p.*) from (%s) s cross join lateral jsonb_populate_record(null::%s, s.row) p', iasql.state_at(resource), resource) using "time";
end
$$;
comment on function iasql.as_of(text, timestamptz) is 'The rows of a desired table as they were, as objects: select iasql.as_of(''ec2.vpc'', time).';
