-- description: The views that have to be asked before anything is applied, by name, and those (lost) that an upgrade could not put back.
-- service: reconciler
-- mode: read

create or replace function iasql.policies() returns table (policy text, lost boolean)
language plpgsql stable as $$
#variable_conflict use_column
begin
  -- their names only: nobody but the tenant reads what is theirs
  return query
  select c.relname::text, false from pg_class c where c.relnamespace = to_regnamespace('policy') and c.relkind = 'v' order by c.relname limit 101;
  if to_regclass('schema_versions.aside') is not null then
    return query execute 'select a.name, true from schema_versions.aside a where a.name ~ ''^policy\.'' order by a.name limit 101';
  end if;
end
$$;
