-- description: How many things in the cloud are managed here.
-- service: reconciler
-- mode: read

create or replace function iasql.managed_things() returns bigint
language plpgsql stable as $$
declare
  type  record;
  many  bigint;
  total bigint := 0;
begin
  for type in select r.name from iasql.resource r where r.part_of is null loop
    execute format('select count(*) from observed.%I o where o.managed', iasql.relation(type.name)) into many;
    total := total + many;
  end loop;
  return total;
end
$$;
