-- description: The resource types and regions that a refresh reads: a service without regions has an empty one.
-- service: reconciler
-- mode: read

create or replace function iasql.listings() returns table (resource text, region text)
language plpgsql stable as $$
declare
  type record;
begin
  for type in select r.name, i.is_regional from iasql.resource r join iasql.identity i on i.resource = r.name order by r.position loop
    if type.is_regional then
      return query execute format(
        'select %L::text, x.region from (select d.region from %s d union select o.region from observed.%I o union select iasql.default_region() union select trim(s) from unnest(string_to_array(iasql.setting(''regions''), '','')) s) x (region) where x.region <> ''''',
        type.name, type.name, iasql.relation(type.name));
    else
      return query select type.name, '';
    end if;
  end loop;
end
$$;
