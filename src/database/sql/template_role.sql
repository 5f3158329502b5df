do $$
begin
  create role iasql_template_owner nologin;
exception when duplicate_object or unique_violation then null;
end
$$;
