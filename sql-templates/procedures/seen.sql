-- description: One observed row as a provider takes it.
-- service: reconciler
-- mode: read
-- optional: result

create or replace function iasql.seen(resource text, id bigint) returns jsonb
language plpgsql stable as $$
declare
  found jsonb;
begin
  execute format('select to_jsonb(o.*) from observed.%I o where o.id = $1', iasql.relation(resource)) into found using id;
  return found;
end
$$;
