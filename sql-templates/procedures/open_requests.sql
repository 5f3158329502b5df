-- description: What was asked for from inside this database and nobody has taken yet, oldest first.
-- service: scheduler
-- mode: read

create or replace function iasql.open_requests() returns table (id bigint, kind text, asked_by text)
language sql stable as $$
  -- a kind may be of any length where version 1 was asked
  select r.id, left(r.kind, 40), r.asked_by from iasql.request r where r.run is null and r.said is null order by r.id limit 100
$$;
