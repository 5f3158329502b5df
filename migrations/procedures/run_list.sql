-- description: Lists the last runs of a database, the newest first.
-- service: http
-- mode: read
-- optional: started_at, ended_at, outcome
create or replace function control.run_list(database text, at_most bigint)
returns table (
  id uuid, database text, kind text, state text, asked_by text,
  asked_at timestamptz, started_at timestamptz, ended_at timestamptz, outcome jsonb
)
language sql stable as $$
  select r.id, r.database, r.kind, r.state, r.asked_by, r.asked_at, r.started_at, r.ended_at, r.outcome
  from control.run as r
  where r.database = run_list.database
  order by r.asked_at desc
  limit run_list.at_most
$$;
