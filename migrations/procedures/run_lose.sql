-- description: Ends, as lost, what earlier holders of a database's lease left running beside this run; answers with their ids.
-- service: reconciler
-- mode: write
create or replace function control.run_lose(database text, run uuid, counter bigint)
returns setof uuid
language sql as $$
  update control.run as r set
    state = 'lost', ended_at = clock_timestamp(),
    outcome = jsonb_build_object('run', r.id, 'state', 'lost', 'errors', jsonb_build_array('the engine that ran it stopped in the middle'))
  where r.database = run_lose.database and r.state = 'running' and r.id <> run_lose.run and coalesce(r.counter, 0) < run_lose.counter
  returning r.id
$$;
