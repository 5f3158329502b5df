-- description: The shell script that builds a blueprint's image and pushes it to the repository that the rows name.
-- service: http
-- mode: read

create or replace function iasql.build_and_push(blueprint text) returns text
language plpgsql stable as $$
declare
  script text;
begin
  if not exists (select from iasql.module m where m.name = build_and_push.blueprint) or to_regprocedure(format('%I.build_and_push()', build_and_push.blueprint)) is null then
    raise exception '% has nothing to build: it is no blueprint that is installed here', left(build_and_push.blueprint, 63) using errcode = 'invalid_parameter_value';
  end if;
  execute format('select %I.build_and_push()', build_and_push.blueprint) into script;
  return script;
end
$$;
