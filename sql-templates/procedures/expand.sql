-- description: Has a blueprint expand into rows, all or none; answers with the statements that make the same rows, none where they stood already.
-- service: http
-- mode: write

create or replace function iasql.expand(blueprint text, parameters jsonb) returns setof text
language plpgsql as $$
begin
  -- only what was installed as a module: in their own schemas tenants may have functions of any name
  if not exists (select from iasql.module m where m.name = expand.blueprint) or to_regprocedure(format('%I.blueprint(jsonb)', expand.blueprint)) is null then
    raise exception '% is no blueprint', left(expand.blueprint, 63) using errcode = 'invalid_parameter_value';
  end if;
  perform set_config('iasql.because', 'blueprint ' || expand.blueprint, true);
  execute format('select %I.blueprint($1)', expand.blueprint) using parameters;
  return query select iasql.sql_of_transaction();
end
$$;
