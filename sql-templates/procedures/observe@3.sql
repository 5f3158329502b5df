-- description: Takes in a whole list of one resource type in one region; answers how many rows it changed.
-- service: reconciler
-- mode: write

create or replace function iasql.observe(counter bigint, resource text, region text, rows jsonb, started timestamptz) returns bigint
language plpgsql set enable_nestloop = off as $$
declare
  is_nothing boolean := false;
begin
  perform iasql.hold(counter);
  -- most types have nothing in most accounts: what was and is nothing costs no more than a look
  if rows = '[]' then
    execute format('select not exists (select from observed.%I)', iasql.relation(resource)) into is_nothing;
  end if;
  if is_nothing then
    insert into iasql.listing (resource, region, listed_at) values (observe.resource, observe.region, started)
    on conflict on constraint listing_pkey do update set listed_at = excluded.listed_at, blind = null;
    return 0;
  end if;
  declare
    twin    text   := format('observed.%I', iasql.relation(resource));
    columns text   := iasql.observed_columns(resource, '');
    -- as arrays, in which nothing equals nothing: that can be hashed, where "is not distinct from" compares every row with every other
    same    text   := (select format('array[%s] = array[%s]', string_agg(format('s.%I::text', k), ', '), string_agg(format('o.%I::text', k), ', ')) from unnest(iasql.observed_key(resource)) k);
    keys    text   := (select string_agg(quote_ident(k), ', ') from unnest(iasql.observed_key(resource)) k);
    changes bigint;
    gone    bigint;
  begin
    rows := iasql.with_remembered_versions(resource, iasql.with_canonical_lists(resource, rows));
    execute format($sql$
      insert into %1$s as o (%2$s)
      -- of what was read twice the later one counts
      select %2$s from (select distinct on (%3$s) * from jsonb_populate_recordset(null::%1$s, $1) with ordinality order by %3$s, ordinality desc) s
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
  end;
end
$$;
