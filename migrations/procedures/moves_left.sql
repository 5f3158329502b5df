-- description: Lists the databases whose move was begun, while nobody is at it: whoever was has died.
-- service: scheduler
-- mode: read
create or replace function control.moves_left()
returns setof text
language sql stable as $$
  select d.name
  from control.database as d
  left join control.lease as l on l.database = d.name and l.holder is not null and l.expires_at > clock_timestamp()
  where d.moving is not null and l.database is null
  order by d.name
$$;
