-- description: Finds a run as it is now. No row: there is none of that name.
-- service: reconciler
-- mode: write
-- callers: http
-- optional: started_at, ended_at, outcome
create or replace function control.run_find(run uuid)
returns table (
  id uuid, database text, kind text, state text, asked_by text,
  asked_at timestamptz, started_at timestamptz, ended_at timestamptz, outcome jsonb
)
language sql stable as $$
  select r.id, r.database, r.kind, r.state, r.asked_by, r.asked_at, r.started_at, r.ended_at, r.outcome
  from control.run as r
  where r.id = run_find.run
$$;
