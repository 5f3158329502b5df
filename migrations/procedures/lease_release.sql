-- description: Gives a lease back, so that nobody has to wait for its end. What is lost already stays with whoever has it.
-- service: reconciler
-- mode: write
create or replace function control.lease_release(database text, holder text, counter bigint)
returns void
language sql as $$
  update control.lease as l set holder = null, expires_at = clock_timestamp()
  where l.database = lease_release.database and l.holder = lease_release.holder and l.counter = lease_release.counter
$$;
