-- description: Notes that a gateway or node is there, where others reach it if they do, whether it runs databases, where it is, and in which bucket they are; answers with its number, which is another one's when it was silent for an hour. 0: none is free.
-- service: gateway
-- mode: write
-- optional: location
create or replace function control.served_gateway_beat(holder text, address text, runs_databases boolean, location text, bucket uuid) returns integer
language plpgsql as $$
declare
  own integer;
begin
  update control.served_gateway as g
  set address = served_gateway_beat.address,
    runs_databases = served_gateway_beat.runs_databases,
    location = served_gateway_beat.location,
    bucket = served_gateway_beat.bucket,
    seen_at = clock_timestamp()
  where g.holder = served_gateway_beat.holder
  returning g.number into own;
  if found then
    return own;
  end if;
  -- of two who come at once one waits, and sees what the other took
  perform pg_advisory_xact_lock(hashtextextended('control.served_gateway', 0));
  delete from control.served_gateway as g where g.seen_at < clock_timestamp() - interval '1 hour';
  insert into control.served_gateway (number, holder, address, runs_databases, location, bucket)
  select
    free.number, served_gateway_beat.holder, served_gateway_beat.address, served_gateway_beat.runs_databases,
    served_gateway_beat.location, served_gateway_beat.bucket
  from generate_series(1, 1023) as free (number)
  where not exists (select from control.served_gateway as g where g.number = free.number)
  order by free.number
  limit 1
  returning control.served_gateway.number into own;
  return coalesce(own, 0);
end
$$;
