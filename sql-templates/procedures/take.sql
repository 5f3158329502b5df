-- description: Makes a lease the newest one; says no where a newer one has been here.
-- service: reconciler
-- mode: write

create or replace function iasql.take(counter bigint) returns boolean
language sql as $$
  with taken as (update iasql.fence f set counter = take.counter where f.counter <= take.counter returning 1)
  select exists (select from taken)
$$;
