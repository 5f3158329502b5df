-- description: Takes a request for a run; no where somebody else was quicker.
-- service: scheduler
-- mode: write

create or replace function iasql.take_request(id bigint, run uuid) returns boolean
language sql as $$
  with taken as (update iasql.request r set run = take_request.run where r.id = take_request.id and r.run is null returning 1)
  select exists (select from taken)
$$;
