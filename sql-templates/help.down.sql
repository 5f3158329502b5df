-- Help as version 1 has it.

create or replace function iasql.help(about text default null) returns setof text
language sql stable as $$
  select line from (
    select 1, 'Write rows into the services'' tables (\dt ec2.*), then look at the plan and say go:' where about is null
    union all select 2, '  select * from iasql.plan;      what would be done; sees your own uncommitted rows' where about is null
    union all select 3, '  select iasql.diff();           the same as text' where about is null
    union all select 4, '  call iasql.check();            reads the cloud and makes it so' where about is null
    union all select 5, '  call iasql.refresh();          reads the cloud only' where about is null
    union all select 6, '  select iasql.set(''mode'', ''on_commit'');   every commit is carried out' where about is null
    union all select 7, '  select iasql.help(''ec2.vpc'');  what a table means' where about is null
    union all select 8, obj_description(to_regclass(about)) where to_regclass(about) is not null
    union all select 8 + f.position, format('  %s %s: %s', f.field, f.type, col_description(to_regclass(about), f.position)) from iasql.field f where f.resource = about
  ) x (position, line) order by position
$$;
comment on function iasql.help is 'What can be done here, or what a table means.';
