-- description: Takes a database's lease for some seconds; answers with its counter, which grows. No row: somebody holds it.
-- service: reconciler
-- mode: write
create or replace function control.lease_acquire(database text, holder text, seconds double precision)
returns table (counter bigint)
language sql as $$
  -- a holder that has it already asks for it anew like anybody else: it may have been restarted under the same name
  insert into control.lease as held (database, holder, counter, expires_at)
  values (lease_acquire.database, lease_acquire.holder, 1, clock_timestamp() + make_interval(secs => lease_acquire.seconds))
  on conflict (database) do update set
    holder = excluded.holder, counter = held.counter + 1, expires_at = excluded.expires_at
  where held.holder is null or held.expires_at <= clock_timestamp()
  returning held.counter
$$;
