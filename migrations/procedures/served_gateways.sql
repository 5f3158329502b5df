-- description: The gateways and nodes that were there within the last minute; those that others reach have an address.
-- service: gateway
-- mode: read
-- optional: location
create or replace function control.served_gateways()
returns table (number integer, holder text, address text, runs_databases boolean, location text, bucket uuid)
language sql stable as $$
  select g.number, g.holder, g.address, g.runs_databases, g.location, g.bucket
  from control.served_gateway as g
  where g.seen_at > clock_timestamp() - interval '1 minute'
  order by g.number
$$;
