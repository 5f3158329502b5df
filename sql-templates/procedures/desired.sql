-- description: One desired row as a provider takes it.
-- service: reconciler
-- mode: read
-- optional: region

create or replace function iasql.desired(resource text, row_id uuid) returns table (region text, desired jsonb, lacks text[])
language plpgsql stable as $$
begin
  return query execute format('select r.region, r.desired, r.lacks from iasql.%I r where r.row_id = $1', 'resolved_' || iasql.relation(resource)) using row_id;
end
$$;
