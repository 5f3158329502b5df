do $$
begin
  create role :"role" login noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
-- another database's upgrade may make it at the same moment
exception when duplicate_object or unique_violation then null;
end
$$;
