-- description: Fills the @cloud columns of a type; answers how many rows it touched.
-- service: reconciler
-- mode: write

create or replace function iasql.fill(counter bigint, resource text) returns bigint
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
