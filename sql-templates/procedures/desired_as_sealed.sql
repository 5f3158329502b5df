-- description: One desired row as a provider takes it but for its secrets, which are sealed; with the types of those by their columns.
-- service: reconciler
-- mode: read
-- optional: region

create or replace function iasql.desired_as_sealed(resource text, row_id uuid) returns table (region text, desired jsonb, lacks text[], secrets jsonb)
language plpgsql stable as $$
begin
  return query execute format('select r.region, r.desired, r.lacks, $2 from iasql.%I r where r.row_id = $1', 'resolved_' || iasql.relation(resource))
    using row_id, (select coalesce(jsonb_object_agg(f.field, f.type), '{}') from iasql.field f where f.resource = desired_as_sealed.resource and f.is_secret);
end
$$;
