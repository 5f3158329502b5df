-- description: Makes a lease last some seconds from now on. False: it has been lost.
-- service: reconciler
-- mode: write
create or replace function control.lease_renew(database text, holder text, counter bigint, seconds double precision)
returns boolean
language sql as $$
  with kept as (
    update control.lease as l set expires_at = clock_timestamp() + make_interval(secs => lease_renew.seconds)
    where l.database = lease_renew.database and l.holder = lease_renew.holder and l.counter = lease_renew.counter
      and l.expires_at > clock_timestamp()
    returning 1
  )
  select exists (select from kept)
$$;
