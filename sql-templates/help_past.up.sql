-- What iasql.help() says of the past and of drift, put where the other calls stand.

do $$
declare
  line constant text := $line$             '  select iasql.set(''mode'', ''on_commit'');   every commit is carried out',$line$;
  said constant text := pg_get_functiondef('iasql.help(text)'::regprocedure);
begin
  if strpos(said, line) = 0 then
    raise exception 'iasql.help() says something else by now';
  end if;
  execute replace(said, line, line || $more$
             '  select iasql.because(''why'');   stands beside what a transaction changes, in iasql.history',
             '  select * from iasql.as_of(null::ec2.vpc, time);   a table as it was',
             '  call iasql.revert_to(time);    all rows as they were; look first: select * from iasql.revert_diff(time)',
             '  select * from iasql.drift;     what somebody changed past the tables; listen iasql_drift tells of it',$more$);
end
$$;
