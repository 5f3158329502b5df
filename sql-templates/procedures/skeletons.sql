-- description: Rows of a type that is asked for by its parent's name, one for each observed parent that nobody has a row for.
-- service: reconciler
-- mode: read

create or replace function iasql.skeletons(resource text) returns setof jsonb
language plpgsql stable as $$
begin
  if iasql.skeleton(resource) is not null then
    return query execute iasql.skeleton(resource);
  end if;
end
$$;
