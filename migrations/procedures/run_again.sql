-- description: Has a run looked at again after some seconds. The job that it has now ends by this, however that ends.
-- service: reconciler
-- mode: write
create or replace function control.run_again(run uuid, seconds double precision)
returns void
language sql as $$
  update control.run as r set look_at = clock_timestamp() + make_interval(secs => run_again.seconds) where r.id = run_again.run
$$;
