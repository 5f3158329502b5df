-- As if the observed tables, and what the cloud filled in, had been lost.
do $$
declare
  type record;
begin
  for type in select r.name, (select string_agg(format('%I = null', f.field), ', ') from iasql.field f where f.resource = r.name and f.is_cloud) as fields
              from iasql.resource r where r.part_of is null loop
    execute format('truncate observed.%I', iasql.relation(type.name));
    if type.fields is not null then
      execute format('update %s set %s', type.name, type.fields);
    end if;
  end loop;
end
$$;
