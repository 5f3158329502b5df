-- What the engine calls as the owner, in version 1: the procedures of the same names are gone by now.

create function iasql.take(counter bigint) returns boolean
language sql as $$
  with taken as (update iasql.fence f set counter = take.counter where f.counter <= take.counter returning 1)
  select exists (select from taken)
$$;
comment on function iasql.take is 'Makes a lease the newest one; says no where a newer one has been here.';

create function iasql.observe(counter bigint, resource text, region text, rows jsonb, started timestamptz) returns bigint
language plpgsql set enable_nestloop = off as $$
declare
  twin    text   := format('observed.%I', iasql.relation(resource));
  columns text   := iasql.observed_columns(resource, '');
  -- as arrays, in which nothing equals nothing: that can be hashed, where "is not distinct from" compares every row with every other
  same    text   := (select format('array[%s] = array[%s]', string_agg(format('s.%I::text', k), ', '), string_agg(format('o.%I::text', k), ', ')) from unnest(iasql.observed_key(resource)) k);
  keys    text   := (select string_agg(quote_ident(k), ', ') from unnest(iasql.observed_key(resource)) k);
  changes bigint;
  gone    bigint;
begin
  perform iasql.hold(counter);
  execute format($sql$
    insert into %1$s as o (%2$s)
    select %2$s from (select distinct on (%3$s) * from jsonb_populate_recordset(null::%1$s, $1)) s
    -- not left to the conflict, which locks (and so writes) every row that it leaves as it is
    where  not exists (select from %1$s o where %7$s and o.made_at is null and (%6$s) is not distinct from (%8$s))
    on conflict on constraint %4$I do update set (%2$s, observed_at, made_at) = (%5$s, clock_timestamp(), null)
  $sql$, twin, columns, keys, iasql.relation(resource) || '_identity', iasql.observed_columns(resource, 'excluded.'), iasql.observed_columns(resource, 'o.'),
    same, iasql.observed_columns(resource, 's.')) using rows;
  get diagnostics changes = row_count;
  -- a thing made moments ago may not stand in the list yet: it is waited for, and gone only when the time is over
  execute format($sql$
    delete from %1$s o
    where  %2$s not exists (select from jsonb_populate_recordset(null::%1$s, $1) s where %3$s)
    and    (o.made_at is null or o.made_at < $2 - make_interval(secs => iasql.setting('list_delay_seconds')::integer))
  $sql$, twin, case when region = '' then '' else format('o.region = %L and', region) end, same) using rows, started;
  get diagnostics gone = row_count;
  execute format($sql$
    update %1$s o set pending = 'not in the list yet'
    where  %2$s o.made_at is not null and o.pending is null and not exists (select from jsonb_populate_recordset(null::%1$s, $1) s where %3$s)
  $sql$, twin, case when region = '' then '' else format('o.region = %L and', region) end, same) using rows;
  perform iasql.claim(resource);
  insert into iasql.listing (resource, region, listed_at) values (observe.resource, observe.region, started)
  on conflict on constraint listing_pkey do update set listed_at = excluded.listed_at, blind = null;
  return changes + gone;
end
$$;
comment on function iasql.observe is 'Takes in a whole list of one resource type in one region; answers how many rows it changed.';

create function iasql.blind(counter bigint, resource text, region text, said text) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  insert into iasql.listing (resource, region, blind) values (blind.resource, blind.region, said)
  on conflict on constraint listing_pkey do update set blind = excluded.blind;
end
$$;
comment on function iasql.blind is 'Notes that a resource type could not be read: it is left out of the plan.';

create function iasql.listings() returns table (resource text, region text)
language plpgsql stable as $$
declare
  type record;
begin
  for type in select r.name, i.is_regional from iasql.resource r join iasql.identity i on i.resource = r.name order by r.position loop
    if type.is_regional then
      return query execute format(
        'select %L::text, x.region from (select d.region from %s d union select o.region from observed.%I o union select iasql.default_region() union select trim(s) from unnest(string_to_array(iasql.setting(''regions''), '','')) s) x (region) where x.region <> ''''',
        type.name, type.name, iasql.relation(type.name));
    else
      return query select type.name, '';
    end if;
  end loop;
end
$$;
comment on function iasql.listings is 'The resource types and regions that a refresh reads: a service without regions has an empty one.';

create function iasql.named(resource text) returns setof jsonb
language plpgsql stable as $$
begin
  return query execute format($sql$
    select r.desired from iasql.%1$I r where r.lacks = '{}' or not $1
    union
    select to_jsonb(o.*) from observed.%2$I o where o.row_id is not null and not exists (select from iasql.%1$I r where r.row_id = o.row_id)
  $sql$, 'resolved_' || iasql.relation(resource), iasql.relation(resource)) using
    -- what is called by its parents' names can be looked for before these are known
    exists (select from iasql.arm_reference a join iasql.field f on f.resource = a.parent and f.is_identity where a.resource = named.resource);
end
$$;
comment on function iasql.named is 'The rows of a type that somebody manages: desired ones whose parents'' ids are known, and observed ones that are left.';

create function iasql.desired(resource text, row_id uuid) returns table (region text, desired jsonb, lacks text[])
language plpgsql stable as $$
begin
  return query execute format('select r.region, r.desired, r.lacks from iasql.%I r where r.row_id = $1', 'resolved_' || iasql.relation(resource)) using row_id;
end
$$;
comment on function iasql.desired is 'One desired row as a provider takes it.';

create function iasql.seen(resource text, id bigint) returns jsonb
language plpgsql stable as $$
declare
  found jsonb;
begin
  execute format('select to_jsonb(o.*) from observed.%I o where o.id = $1', iasql.relation(resource)) into found using id;
  return found;
end
$$;
comment on function iasql.seen is 'One observed row as a provider takes it.';

create function iasql.intend(counter bigint, run uuid, resource text, region text, name text, row_id uuid, action text) returns table (id bigint, token uuid)
language plpgsql as $$
begin
  perform iasql.hold(counter);
  return query
    insert into iasql.change as c (run, resource, region, name, row_id, action, token)
    values (intend.run, intend.resource, intend.region, intend.name, intend.row_id, intend.action,
            -- the same attempt again, where nobody knows how the first one ended
            coalesce((select u.token from iasql.change u where u.row_id = intend.row_id and u.action = intend.action and u.state in ('intent', 'unanswered') order by u.id desc limit 1), gen_random_uuid()))
    returning c.id, c.token;
end
$$;
comment on function iasql.intend is 'Writes down what is about to be done, before it is done.';

create function iasql.conclude(counter bigint, change bigint, state text, error text) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  update iasql.change c set state = conclude.state, error = conclude.error, ended_at = clock_timestamp() where c.id = conclude.change;
  -- what was left unanswered before is answered by this
  update iasql.change u set state = 'failed', ended_at = clock_timestamp(), error = 'its answer was lost; a later attempt settled it'
  from   iasql.change c
  where  c.id = conclude.change and u.id < c.id and u.row_id = c.row_id and u.resource = c.resource and u.state in ('intent', 'unanswered') and conclude.state in ('done', 'failed');
end
$$;
comment on function iasql.conclude is 'Writes down how a change ended.';

create function iasql.record(counter bigint, change bigint, resource text, row_id uuid, observed_id bigint, "row" jsonb) returns void
language plpgsql as $$
declare
  twin    text := format('observed.%I', iasql.relation(resource));
  columns text := iasql.observed_columns(resource, '');
begin
  perform iasql.conclude(counter, change, 'done', null);
  if observed_id is null then
    -- a new one in the place of an old one, which is still there; under the same name it is another thing all the same, with a number of its own
    execute format('update %s o set row_id = null, superseded = true, managed = true where o.row_id = $1', twin) using row_id;
    execute format($sql$
      insert into %1$s as o (%2$s, row_id, managed, made_at)
      select %2$s, $2, true, clock_timestamp() from jsonb_populate_record(null::%1$s, $1)
      on conflict on constraint %3$I do update set (id, %2$s, row_id, managed, superseded, observed_at, made_at) = (excluded.id, %4$s, $2, true, false, clock_timestamp(), clock_timestamp())
    $sql$, twin, columns, iasql.relation(resource) || '_identity', iasql.observed_columns(resource, 'excluded.')) using "row", row_id;
  else
    execute format($sql$
      update %1$s o set (%2$s, row_id, managed, observed_at) = (select %3$s, $2, true, clock_timestamp() from jsonb_populate_record(null::%1$s, $1) s) where o.id = $3
    $sql$, twin, columns, iasql.observed_columns(resource, 's.')) using "row", row_id, observed_id;
  end if;
end
$$;
comment on function iasql.record is 'Writes down how the cloud shows a row after it was made or changed.';

create function iasql.record_gone(counter bigint, change bigint, resource text, observed_id bigint, "row" jsonb) returns void
language plpgsql as $$
declare
  twin text := format('observed.%I', iasql.relation(resource));
begin
  if change is null then
    perform iasql.hold(counter);
  else
    perform iasql.conclude(counter, change, 'done', null);
  end if;
  if "row" is null then
    execute format('delete from %s o where o.id = $1', twin) using observed_id;
  else
    execute format('update %s o set pending = $2, observed_at = clock_timestamp() where o.id = $1', twin) using observed_id, "row" ->> 'pending';
  end if;
end
$$;
comment on function iasql.record_gone is 'Writes down that a thing is gone, or on its way.';

create function iasql.fill(counter bigint, resource text) returns bigint
language plpgsql as $$
declare
  twin   text   := format('observed.%I', iasql.relation(resource));
  fields text[] := array(select f.field from iasql.field f where f.resource = fill.resource and f.is_cloud order by f.position);
  filled bigint;
begin
  if cardinality(fields) = 0 then
    return 0;
  end if;
  perform iasql.hold(counter);
  execute format($sql$
    with due as (
      select d.row_id from %1$s d left join %2$s o on o.row_id = d.row_id
      where  not d.reference_only and (%3$s) is distinct from (%4$s)
      for update of d skip locked)
    update %1$s d set %5$s from due left join %2$s o on o.row_id = due.row_id where d.row_id = due.row_id
  $sql$, resource, twin,
    'row(' || (select string_agg(format('d.%I', f), ', ') from unnest(fields) f) || ')',
    'row(' || (select string_agg(format('o.%I', f), ', ') from unnest(fields) f) || ')',
    (select string_agg(format('%1$I = o.%1$I', f), ', ') from unnest(fields) f));
  get diagnostics filled = row_count;
  return filled;
end
$$;
comment on function iasql.fill is 'Fills the @cloud columns of a type; answers how many rows it touched.';

create function iasql.begin_run(counter bigint, id uuid, kind text, asked_by text) returns table (going_for double precision, applied integer)
language plpgsql as $$
#variable_conflict use_column
begin
  perform iasql.hold(counter);
  -- whatever an engine that is no more left running is lost: this lease is the newest
  update iasql.run r set state = 'lost', ended_at = clock_timestamp(), said = 'the engine that ran it is gone'
  where  r.state = 'running' and r.counter < begin_run.counter and r.id <> begin_run.id;
  update iasql.change c set state = 'unanswered' from iasql.run r where r.id = c.run and c.state = 'intent' and r.counter < begin_run.counter;
  -- a list that nobody asks for any more is no longer blind
  delete from iasql.listing l where not exists (select from iasql.listings() x where x.resource = l.resource and x.region = l.region);
  return query
  insert into iasql.run as r (id, kind, asked_by, counter) values (begin_run.id, begin_run.kind, begin_run.asked_by, begin_run.counter)
  on conflict on constraint run_pkey do update set state = 'running', ended_at = null, counter = excluded.counter
  returning extract(epoch from clock_timestamp() - r.started_at)::double precision, r.applied;
end
$$;
comment on function iasql.begin_run is 'Writes down that a run begins or goes on; answers for how many seconds it has been going, and how many changes it has made.';

create function iasql.end_run(counter bigint, id uuid, state text, applied integer, failed integer, said text) returns void
language plpgsql as $$
begin
  perform iasql.hold(counter);
  update iasql.run r set state = end_run.state, said = end_run.said, applied = end_run.applied, failed = end_run.failed,
         ended_at = case when end_run.state <> 'waiting' then clock_timestamp() end
  where  r.id = end_run.id;
end
$$;
comment on function iasql.end_run is 'Writes down how a run ended, or that it waits.';
