-- Only what is referred to comes first.

do $$
begin
  execute replace(pg_get_functiondef('iasql.arm(text)'::regprocedure),
    $word$from iasql.part p where p.resource = arm.resource), iasql.comes_after(arm.resource), '''{}''::uuid[]');$word$,
    $word$from iasql.part p where p.resource = arm.resource), '''{}''::uuid[]');$word$);
end
$$;
drop function iasql.comes_after(text);
