-- Writes the rows that stray from a time, until none does.

create function iasql.write_back(it iasql.strayed, without text[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  all_columns text[] := iasql.columns_of(it.resource, false, coalesce((it.was ->> 'reference_only')::boolean, false));
  columns     text   := (select string_agg(quote_ident(c), ', ') from unnest(all_columns) c where not c = any (without));
  key         text   := (select string_agg(format('d.%I is not distinct from k.%1$I', f.field), ' and ') from iasql.field f where f.resource = it.resource
                         and (f.is_key or not exists (select from iasql.field x where x.resource = it.resource and x.is_key)));
begin
  if it.is_part then
    if it.is is not null then
      execute format('delete from %1$s d using jsonb_populate_record(null::%1$s, $1) k where %2$s', it.resource, key) using it.is;
    end if;
    if it.was is not null then
      execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', it.resource, columns) using it.was;
    end if;
  elsif it.was is null then
    execute format('delete from %s d where d.row_id = $1', it.resource) using it.row_id;
  elsif it.is is null then
    execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', it.resource, columns) using it.was;
  else
    -- only what differs: a column that is set to what it is may be refused all the same
    columns := (select string_agg(format('%I = s.%1$I', c), ', ') from unnest(all_columns) c where it.is -> c is distinct from it.was -> c);
    columns := concat_ws(', ', columns, (select string_agg(format('%I = null', f.field), ', ') from iasql.field f where f.resource = it.resource and f.is_secret
                 and it.was ->> (f.field || '_version') is null and it.is ->> (f.field || '_version') is not null));
    execute format('update %1$s d set %2$s from jsonb_populate_record(null::%1$s, $1) s where d.row_id = $2', it.resource, columns) using it.was, it.row_id;
  end if;
end
$$;
comment on function iasql.write_back is 'Writes one row as it was.';

-- Answers what is in the way; NULL where it was written. What refers to something that comes later is written without that at first.
create function iasql.try_back(it iasql.strayed) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  later  text[] := array(select f.field from iasql.reference r join iasql.field f on f.resource = r.resource and f.field = r.field where r.resource = it.resource and not f.is_required and r.part_list is null);
  state  text;
  said   text;
  detail text;
begin
  begin
    perform iasql.write_back(it, '{}');
    return null;
  exception when others then
    get stacked diagnostics state = returned_sqlstate, said = message_text, detail = pg_exception_detail;
    -- a deadlock, a server that stops, no room: nothing that another order would help
    if left(state, 2) not in ('23', 'P0', '42', '22') then
      raise;
    end if;
  end;
  if state = '23503' and it.is is null and cardinality(later) > 0 then
    begin
      perform iasql.write_back(it, later);
      return null;
    exception when integrity_constraint_violation or raise_exception then
      null;
    end;
  end if;
  return concat_ws(': ', said, nullif(detail, ''));
end
$$;
comment on function iasql.try_back is 'Tries to write one row as it was; answers what is in the way.';

-- Whoever has the key of another row, and can't have it for good, steps aside for a moment. What refers to it goes along. And what is to go lets go of
-- what it refers to: it may be in a circle of those that all go.
create function iasql.step_aside(it iasql.strayed) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  named text := (select f.field from iasql.field f left join iasql.reference r on r.resource = f.resource and r.field = f.field
                 where f.resource = it.resource and f.is_key and not f.is_region and r.field is null and f.type in ('text', 'character varying') order by f.position desc limit 1);
  keys  text := (select string_agg(format('d.%I is not distinct from k.%1$I', f.field), ' and ') from iasql.field f where f.resource = it.resource and f.is_key);
  held  text[] := array(select f.field from iasql.reference r join iasql.field f on f.resource = r.resource and f.field = r.field where r.resource = it.resource and not f.is_required and it.is ->> f.field is not null);
  moved bigint := 0;
begin
  if it.was is null and cardinality(held) > 0 then
    execute format('update %s d set %s where d.row_id = $1', it.resource, (select string_agg(format('%I = null', h), ', ') from unnest(held) h)) using it.row_id;
    get diagnostics moved = row_count;
  elsif it.was is not null and named is not null and not it.is_part then
    execute format('update %1$s d set %2$I = ''iasql-aside-'' || left(md5(d.row_id::text), 8) from jsonb_populate_record(null::%1$s, $1) k where %3$s and d.row_id <> $2', it.resource, named, keys)
      using it.was, it.row_id;
    get diagnostics moved = row_count;
  end if;
  return moved > 0;
exception when integrity_constraint_violation or raise_exception then
  return false;
end
$$;
comment on function iasql.step_aside is 'Gives the row that has the key of another one a name of its own for a moment, or has one that goes let go; answers whether it could.';

-- One round: parents first, the rows of lists among them, and at last what was not there then, children first. Answers what is left to do.
create function iasql.round_back("time" timestamptz, leave_what_is_lost boolean, out left_over integer, out done integer, out said text[], out in_the_way iasql.strayed[])
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  type record;
  it   iasql.strayed;
  why  text;
begin
  select 0, 0, '{}', '{}' into left_over, done, said, in_the_way;
  for type in
    select r.name, d.deletes from iasql.resource r join (select distinct w.name from iasql.written_since("time") w (name)) w on w.name = r.name
    cross  join (values (false), (true)) d (deletes)
    order  by d.deletes, case when d.deletes then -r.position else r.position end
  loop
    for it in select s.* from iasql.strayed_of(type.name, "time") s where (s.was is null and not s.is_part) = type.deletes loop
      continue when leave_what_is_lost and it.is is not null and it.was is not null
        and not exists (select from jsonb_each(iasql.astray(it)) a where a.value <> '["***", "***"]');
      left_over := left_over + 1;
      why := iasql.try_back(it);
      if why is null then
        done := done + 1;
      else
        said := said || format('%s %s: %s', it.resource, iasql.name_of_row(it.resource, coalesce(it.was, it.is)), why);
        in_the_way := in_the_way || it;
      end if;
    end loop;
  end loop;
end
$$;
comment on function iasql.round_back is 'Tries to write each row that is not as it was; answers how many there were, how many it wrote, and what was in the way of the others.';

create procedure iasql.revert_to("time" timestamptz, leave_what_is_lost boolean default false)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  because text := current_setting('iasql.because', true);
  lost    text := (select string_agg(concat_ws(' ', d.resource, d.name) || ': ' || d.lost, E'\n') from iasql.revert_diff("time") d where d.lost is not null);
  written integer := 0;
  round   record;
begin
  if lost is not null and not leave_what_is_lost then
    raise exception 'not all of it can be put back as it was at %', "time" using errcode = 'data_exception', detail = lost,
      hint = 'Nothing was changed. call iasql.revert_to(time, leave_what_is_lost => true) puts back the rest: a secret stays as it is, and is NULL in a row that comes back. Write it then.';
  end if;
  perform set_config('iasql.because', format('reverted to %s', "time"), true);
  for i in 1 .. 50 loop
    select * into round from iasql.round_back("time", leave_what_is_lost);
    written := written + round.done;
    exit when round.left_over = 0;
    if round.done = 0 and not (select coalesce(bool_or(iasql.step_aside(s)), false) from unnest(round.in_the_way) s) then
      raise exception 'the tables can''t be put back as they were at %', "time" using errcode = 'integrity_constraint_violation', detail = array_to_string(round.said, E'\n'),
        hint = 'Nothing was changed. Take out of the way what is named there, or write these rows yourself, and call it again.';
    end if;
  end loop;
  if round.left_over > 0 then
    raise exception 'the tables can''t be put back as they were at %', "time" using errcode = 'serialization_failure', hint = 'Nothing was changed. Somebody else writes to them; call it again.';
  end if;
  perform set_config('iasql.because', coalesce(because, ''), true);
  raise notice '%', case written when 0 then 'the tables are as they were' when 1 then '1 row put back; select iasql.diff() says what that means for the cloud'
                    else written || ' rows put back; select iasql.diff() says what that means for the cloud' end;
end
$$;
comment on procedure iasql.revert_to is 'Puts all desired rows back as they were at a time, or none of them. It does not commit: in BEGIN … COMMIT the plan can be looked at first.';
