-- description: Writes down that a thing is gone, or on its way.
-- service: reconciler
-- mode: write
-- optional: change, observed_id, row

create or replace function iasql.record_gone(counter bigint, change bigint, resource text, observed_id bigint, "row" jsonb) returns void
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
