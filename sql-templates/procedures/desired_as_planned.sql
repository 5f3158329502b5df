-- description: One desired row as a provider takes it but for its secrets, which are sealed, and its hash: another one where the row was changed since it was planned.
-- service: reconciler
-- mode: read
-- optional: region

create or replace function iasql.desired_as_planned(resource text, row_id uuid) returns table (region text, desired jsonb, lacks text[], secrets jsonb, content text)
language plpgsql stable as $$
begin
  -- one statement, so both are of the same moment
  return query execute format('select r.region, r.desired, r.lacks, $3, c.content from iasql.%I r join iasql.contents($1, array[$2]) c on c.row_id = r.row_id where r.row_id = $2',
    'resolved_' || iasql.relation(resource))
    using resource, row_id, (select coalesce(jsonb_object_agg(f.field, f.type), '{}') from iasql.field f where f.resource = desired_as_planned.resource and f.is_secret);
end
$$;
