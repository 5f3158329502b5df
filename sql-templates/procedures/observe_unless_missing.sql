-- description: Takes in a whole list, unless something that somebody manages and that was there is not in it: then NULL says that it is to be read once more.
-- service: reconciler
-- mode: write
-- optional: result

create or replace function iasql.observe_unless_missing(counter bigint, resource text, region text, rows jsonb, started timestamptz) returns bigint
language plpgsql set enable_nestloop = off as $$
declare
  twin       text    := format('observed.%I', iasql.relation(resource));
  keys       text[]  := iasql.observed_key(resource);
  listed     text    := (select string_agg(format('%I text', k), ', ') from unnest(keys) k);
  same       text    := (select format('array[%s] = array[%s]', string_agg(format('s.%I', k), ', '), string_agg(format('o.%I::text', k), ', ')) from unnest(keys) k);
  is_missing boolean := false;
begin
  perform iasql.hold(counter);
  -- of lists that lag behind, and of pages that change while they are read, the next one mostly knows better
  execute format($sql$
    select exists (select from %1$s o
                   where  (o.row_id is not null and o.managed or o.superseded) and o.made_at is null and o.pending is null%2$s
                   and    not exists (select from jsonb_to_recordset($1) s (%3$s) where %4$s))
  $sql$, twin, case when region = '' then '' else format(' and o.region = %L', region) end, listed, same) into is_missing using rows;
  if is_missing then
    return null;
  end if;
  return iasql.observe(counter, resource, region, rows, started);
end
$$;
