-- Rows as statements that make them again, and the plan as a text that can be argued about.

-- The columns of a row under an alias as literals, by name. All of them, or those that an insert has to say: neither what is the default anyway
-- nor what the cloud fills. A secret is a placeholder for somebody to replace.
create function iasql.literals(resource text, alias text, are_all boolean) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  with said as (
    select a.attnum as position, a.attname::text as field,
           case when f.is_secret then format('case when %s.%I is not null then quote_literal(%L || %s || %L) else %s end', alias, a.attname, '<secret of ' || literals.resource || ' ',
                                        iasql.name_of(literals.resource, alias, false), ', ' || a.attname || '>', case when are_all then '''null''' else 'null::text' end)
                when f.is_identity then format('case when %s.reference_only then quote_literal(%1$s.%I) end', alias, a.attname)
                when are_all then format('quote_nullable(%s.%I::text)', alias, a.attname)
                when f.is_key then format('quote_literal(%s.%I::text)', alias, a.attname)
                else format('case when %s.%I is distinct from (%s) then quote_nullable(%1$s.%2$I::text) end', alias, a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid), 'null')) end as literal
    from   pg_attribute a
    left   join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left   join iasql.field f on f.resource = literals.resource and f.field = a.attname
    where  a.attrelid = to_regclass(literals.resource) and a.attnum > 0 and not a.attisdropped and a.attname <> 'row_id'
    and    (f.field is null or f.is_identity or not f.is_cloud and (are_all or not f.is_version))
    -- a list's row can't be somebody else's
    and    not (coalesce(f.is_identity, false) and exists (select from iasql.resource r where r.name = literals.resource and r.part_of is not null))
  )
  select format('jsonb_strip_nulls(jsonb_object(array[%s], array[%s]::text[]))', string_agg(quote_literal(s.field), ', ' order by s.position), string_agg(s.literal, ', ' order by s.position)) from said s
$$;
comment on function iasql.literals is 'The columns of a row as literals, as SQL.';

create function iasql.insert_of(resource text, literals jsonb, without text[]) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select format('insert into %s (%s) values (%s)', insert_of.resource, string_agg(quote_ident(l.key), ', ' order by a.attnum), string_agg(l.value, ', ' order by a.attnum))
  from   jsonb_each_text(literals) l join pg_attribute a on a.attrelid = to_regclass(insert_of.resource) and a.attname = l.key
  where  not l.key = any (without)
$$;
comment on function iasql.insert_of is 'The statement that inserts a row.';

-- Which row: by its key as it was, below parents as they are called by now.
create function iasql.where_of(resource text, literals jsonb, renamed jsonb) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select 'where ' || string_agg(case when v.value = 'NULL' then format('%I is null', f.field) else format('%I = %s', f.field, v.value) end, ' and ' order by f.position)
  from   iasql.field f
  left   join iasql.reference r on r.resource = f.resource and r.field = f.field
  cross  join lateral (select coalesce(renamed ->> concat_ws(' ', r.parent, literals ->> 'region', literals ->> f.field), literals ->> f.field, 'NULL')) v (value)
  where  f.resource = where_of.resource and f.is_key
$$;
comment on function iasql.where_of is 'The condition that finds a row by its key.';

create function iasql.update_of(resource text, was jsonb, now jsonb, renamed jsonb) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  with changed as (
    select distinct case when f.is_version then regexp_replace(f.field, '_version$', '') else k.key end as field
    from   jsonb_object_keys(was || now) k (key) left join iasql.field f on f.resource = update_of.resource and f.field = k.key
    left   join iasql.reference r on r.resource = f.resource and r.field = f.field
    where  was ->> k.key is distinct from now ->> k.key
    -- what its parent's new name has brought along
    and    renamed ->> concat_ws(' ', r.parent, was ->> 'region', was ->> k.key) is distinct from now ->> k.key
  )
  select format('update %s set %s ', update_of.resource, string_agg(format('%I = %s', c.field, coalesce(now ->> c.field, 'null')), ', ' order by a.attnum)) || iasql.where_of(resource, was, renamed)
  from   changed c join pg_attribute a on a.attrelid = to_regclass(update_of.resource) and a.attname = c.field
  having count(*) > 0
$$;
comment on function iasql.update_of is 'The statement that makes what a row was what it is; NULL where that is the same.';

-- The rows of one type since then: as they were before it, and as they are. What was deleted and inserted again under its key is one row.
create function iasql.rows_since(resource text, since timestamptz, rows uuid[]) returns table (was jsonb, now_all jsonb, now jsonb)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return query execute format($sql$
    with touched as (
      select distinct on (h.row_id) h.row_id, h.id, h.operation, h.was from iasql.history h
      where  h.resource = %1$L and h.at > $1 and h.row_id is not null and ($2 is null or h.row_id = any ($2))
      order  by h.row_id, h.id
    ), state as (
      select t.id, case when t.operation <> 'insert' then %2$s end as was, case when _now.row_id is not null then %3$s end as now_all, case when _now.row_id is not null then %4$s end as now
      from   touched t
      left   join lateral jsonb_populate_record(null::%1$s, t.was) _was on true
      left   join %1$s _now on _now.row_id = t.row_id
    ), keyed as (
      select s.*, (select jsonb_object_agg(k, coalesce(s.now_all, s.was) -> k) from unnest($3::text[]) k) as key from state s
    )
    select coalesce(k.was, gone.was), k.now_all, k.now
    from   keyed k
    left   join keyed gone on k.was is null and gone.was is not null and gone.now is null and gone.key = k.key
    where  (k.was is not null or k.now is not null)
    and    not (k.now is null and exists (select from keyed again where again.was is null and again.now is not null and again.key = k.key))
    order  by k.id
  $sql$, resource, iasql.literals(resource, '_was', true), iasql.literals(resource, '_now', true), iasql.literals(resource, '_now', false))
  using since, rows, array(select f.field from iasql.field f where f.resource = rows_since.resource and f.is_key order by f.position);
end
$$;
comment on function iasql.rows_since is 'The rows of a type as they were then, and as they are, as literals.';

-- A list's rows since then: those that are gone, and those that have come.
create function iasql.list_rows_since(part text, since timestamptz, rows uuid[]) returns table (is_gone boolean, literals jsonb)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return query execute format($sql$
    with touched as (
      select distinct on (t.row) t.row, h.operation, h.id from iasql.history h cross join lateral (select coalesce(h.became, h.was)) t (row)
      where  h.resource = %1$L and h.at > $1 order by t.row, h.id
    ), state as (
      select t.operation, t.id, _p, exists (select from %1$s _c where to_jsonb(_c.*) = t.row) as is_there
      from   touched t
      cross  join lateral jsonb_populate_record(null::%1$s, t.row) _p
      left   join %2$s _d on %3$s
      -- its owner may be called otherwise by now
      where  $2 is null or _d.row_id = any ($2) or exists (select from iasql.history o where o.resource = %2$L and o.row_id = any ($2) and o.at > $1 and %5$s)
    )
    select not s.is_there, %4$s from state s cross join lateral (select (s._p).*) _x
    where  s.is_there = (s.operation = 'insert')
    order  by s.is_there, s.id
  $sql$, part, (select p.resource from iasql.part p where p.part = list_rows_since.part),
    (select iasql.equal('_p', p.own_fields, '_d', p.owner_fields) from iasql.part p where p.part = list_rows_since.part),
    iasql.literals(part, '_x', false),
    (select string_agg(format('o.was ->> %L = t.row ->> %L', k.owner_field, k.own_field), ' and ') from iasql.part p cross join unnest(p.own_fields, p.owner_fields) k (own_field, owner_field) where p.part = list_rows_since.part)) using since, rows;
end
$$;
comment on function iasql.list_rows_since is 'What has come and what has gone of a list, as literals.';

create function iasql.sql_of(since timestamptz, rows uuid[]) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  type    record;
  one     record;
  -- what can only be said when all rows are there: references to a row that comes later
  later   text[] := '{}';
  deletes text[] := '{}';
  renamed jsonb  := '{}';
begin
  for type in
    select r.name, r.part_of,
           array(select f.field from iasql.reference f join iasql.resource p on p.name = f.parent join iasql.field c on c.resource = f.resource and c.field = f.field
                 where f.resource = r.name and p.position >= r.position and not c.is_required) as forward,
           (select f.field from iasql.field f where f.resource = r.name and f.is_key and not f.is_region order by f.position desc limit 1) as named
    from   iasql.resource r order by r.position
  loop
    if type.part_of is not null then
      for one in select * from iasql.list_rows_since(type.name, since, rows) loop
        if one.is_gone then
          return next format('delete from %s %s;', type.name, iasql.where_of(type.name, one.literals, renamed));
        else
          return next iasql.insert_of(type.name, one.literals, '{}') || case when since = '-infinity' then ';' else ' on conflict do nothing;' end;
        end if;
      end loop;
      continue;
    end if;
    for one in select * from iasql.rows_since(type.name, since, rows) r order by r.was is null loop
      if one.now is null then
        deletes := format('delete from %s %s;', type.name, iasql.where_of(type.name, one.was, renamed)) || deletes;
      elsif one.was is null then
        return next iasql.insert_of(type.name, one.now, type.forward) || ';';
        later := later || array(
          select format('update %s set %I = %s ', type.name, f, one.now ->> f) || iasql.where_of(type.name, one.now, '{}') || ';' from unnest(type.forward) f where one.now ->> f is not null);
      else
        return next iasql.update_of(type.name, one.was, one.now_all, renamed) || ';';
        if one.was ->> type.named is distinct from one.now_all ->> type.named then
          renamed := renamed || jsonb_build_object(concat_ws(' ', type.name, one.was ->> 'region', one.was ->> type.named), one.now_all ->> type.named);
        end if;
      end if;
    end loop;
  end loop;
  return query select l from unnest(later) with ordinality l (l, n) order by n;
  return query select d from unnest(deletes) with ordinality d (d, n) order by n;
end
$$;
comment on function iasql.sql_of is 'What was done to these rows since then, as statements.';

create function iasql.sql_since("time" timestamptz) returns setof text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select s from iasql.sql_of(sql_since.time, null) s where s is not null
$$;
comment on function iasql.sql_since is 'What was done to the tables since then, as statements that do it to others: since -infinity, those that make all rows in an empty database. Secrets are placeholders.';

create function iasql.sql_for_run(id uuid) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  run   iasql.run := (select r from iasql.run r where r.id = sql_for_run.id);
  since timestamptz;
  rows  uuid[];
begin
  if run.id is null then
    raise exception 'there is no run %', sql_for_run.id using errcode = 'no_data_found';
  end if;
  if run.kind = 'import' then
    since := run.started_at;
    rows := array(select h.row_id from iasql.history h where h.operation = 'insert' and h.row_id is not null and h.at between run.started_at and coalesce(run.ended_at, h.at));
  else
    -- whatever was written after the run before it had ended, this one carried out
    since := coalesce((select max(b.ended_at) from iasql.run b where b.started_at < run.started_at and b.kind in ('check', 'apply') and b.state in ('done', 'failed')), '-infinity');
    rows := array(select c.row_id from iasql.change c where c.run = run.id and c.state = 'done' and c.row_id is not null);
  end if;
  return query select s from iasql.sql_of(since, rows) s where s is not null;
end
$$;
comment on function iasql.sql_for_run is 'What was done to the rows that a run carried out, as statements. Secrets are placeholders.';

create function iasql.sql_of_transaction() returns setof text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select s
  from   iasql.sql_of(
           (select min(h.at) - interval '1 microsecond' from iasql.history h where h.txid = pg_current_xact_id()),
           array(select distinct h.row_id from iasql.history h where h.txid = pg_current_xact_id() and h.row_id is not null)) s
  where  s is not null
$$;
comment on function iasql.sql_of_transaction is 'What this transaction has done to the tables so far, as statements. Secrets are placeholders.';

-- A value within a table of Markdown.
create function iasql.in_markdown(value text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select '`' || replace(replace(regexp_replace(left(coalesce(value, 'null'), 200), '\s+', ' ', 'g'), '`', ''''), '|', '\|') || case when length(value) > 200 then '…' else '' end || '`'
$$;
comment on function iasql.in_markdown is 'A value as it can stand in a table of Markdown.';

create function iasql.review() returns setof text
language sql stable set search_path = pg_catalog, pg_temp as $$
  with plan as materialized (select p.*, row_number() over () as n from iasql.plan p where p.action <> 'unmanaged'),
  line as (
    select 1 as part, 0::bigint as n, said.line, said.i from unnest(array['| | what | changes | why |', '|---|---|---|---|']) with ordinality said (line, i) where exists (select from plan)
    union  all
    select 1, p.n, format('| `%s` | %s%s | %s | %s |',
             case p.action when 'create' then '+' when 'adopt' then '=' when 'update' then '~' when 'replace' then '-/+' when 'delete' then '-' else '…' end,
             iasql.in_markdown(p.resource || ' ' || p.name), coalesce(' in ' || p.region, ''),
             case when p.action = 'wait' then '' else coalesce((select string_agg(c.key || ': ' || iasql.in_markdown(c.value ->> 0) || ' → ' || iasql.in_markdown(c.value ->> 1), '<br>' order by c.key) from jsonb_each(p.changed) c), '') end,
             case when p.blocked or p.action not in ('create', 'delete') then replace(coalesce(p.reason, ''), '|', '\|') else '' end), 3
    from   plan p
    union  all
    select 2, p.n, format('- **%s** %s%s', case when p.blocked then 'can''t be done:' when p.action = 'replace' then 'is replaced, and what is in it is lost:' else 'is deleted:' end,
             iasql.in_markdown(p.resource || ' ' || p.name), case when p.blocked then ': ' || coalesce(p.reason, '') else '' end), 1
    from   plan p where p.blocked or p.action in ('replace', 'delete')
    union  all
    select 3, 0, '- **can''t be seen:** ' || iasql.in_markdown(l.resource) || case when l.region = '' then '' else ' in ' || l.region end || ': ' || l.blind, 1 from iasql.listing l where l.blind is not null
    union  all
    select 0, 0, '**' || (select d from iasql.diff() with ordinality d (d, i) order by i desc limit 1) || '**', 1
  ), spaced as (
    select l.part, l.n, l.i, l.line from line l
    union  all
    -- an empty line between the parts
    select distinct l.part, -1::bigint, 0::bigint, '' from line l where l.part in (1, 2)
  )
  select s.line from spaced s order by s.part, s.n, s.i, s.line
$$;
comment on function iasql.review is 'The plan as Markdown, for a review: what changes and why, and below it what is replaced, deleted or in the way.';
