-- Every registered table is changed, in nothing.
do $$
declare
  type record;
begin
  for type in select r.name from iasql.resource r order by r.position loop
    perform iasql.begin_change(type.name);
    perform iasql.end_change(type.name);
  end loop;
end
$$;
