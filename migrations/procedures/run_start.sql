-- description: Notes that the lease's holder is at a run now. No row: it has ended already, or never was.
-- service: reconciler
-- mode: write
-- optional: ended_at, outcome
create or replace function control.run_start(run uuid, counter bigint)
returns table (
  id uuid, database text, kind text, state text, asked_by text,
  asked_at timestamptz, started_at timestamptz, ended_at timestamptz, outcome jsonb
)
language sql as $$
  -- a run that a dead engine left running starts again under the new counter
  update control.run as r set state = 'running', started_at = coalesce(r.started_at, clock_timestamp()), counter = run_start.counter
  where r.id = run_start.run and r.state in ('queued', 'running', 'waiting')
  returning r.id, r.database, r.kind, r.state, r.asked_by, r.asked_at, r.started_at, r.ended_at, r.outcome
$$;
