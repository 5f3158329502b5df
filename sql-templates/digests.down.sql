-- What has no version of ours in the cloud has none.

do $$
begin
  execute replace(pg_get_functiondef('iasql.help(text)'::regprocedure),
    $word$case when m.marks ~ '@digest ' then 'tells whether the secret is still the same' end,
             case when m.marks ~ '@exact ' then$word$,
    $word$case when m.marks ~ '@exact ' then$word$);
end
$$;
drop function iasql.with_remembered_versions(text, jsonb);
drop function iasql.digest_of(text);
