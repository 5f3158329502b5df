-- description: Notes how far a run has come. What is said under an older lease than the last is not heard.
-- service: reconciler
-- mode: write
-- optional: outcome
create or replace function control.run_record(run uuid, counter bigint, state text, outcome jsonb default null)
returns void
language sql as $$
  -- only the last holder's word counts
  update control.run as r set
    state = run_record.state, outcome = run_record.outcome,
    ended_at = case when run_record.state in ('done', 'failed', 'refused', 'lost') then clock_timestamp() end
  where r.id = run_record.run and r.counter = run_record.counter and r.state = 'running'
$$;
