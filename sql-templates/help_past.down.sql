-- iasql.help() says what version 2 says.

do $$
begin
  execute replace(pg_get_functiondef('iasql.help(text)'::regprocedure), $more$
             '  select iasql.because(''why'');   stands beside what a transaction changes, in iasql.history',
             '  select * from iasql.as_of(null::ec2.vpc, time);   a table as it was',
             '  call iasql.revert_to(time);    all rows as they were; look first: select * from iasql.revert_diff(time)',
             '  select * from iasql.drift;     what somebody changed past the tables; listen iasql_drift tells of it',$more$, '');
end
$$;
