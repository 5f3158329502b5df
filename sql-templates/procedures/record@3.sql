-- description: Writes down how the cloud shows a row after it was made or changed.
-- service: reconciler
-- mode: write
-- optional: row_id, observed_id

create or replace function iasql.record(counter bigint, change bigint, resource text, row_id uuid, observed_id bigint, "row" jsonb) returns void
language plpgsql as $$
declare
  twin    text := format('observed.%I', iasql.relation(resource));
  columns text := iasql.observed_columns(resource, '');
begin
  "row" := iasql.with_canonical_lists(resource, jsonb_build_array("row")) -> 0;
  perform iasql.conclude(counter, change, 'done', null);
  if observed_id is null then
    update iasql.change c set made = "row" ->> (select f.field from iasql.field f where f.resource = record.resource and f.is_identity) where c.id = change;
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
