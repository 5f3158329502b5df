select id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome from control.run where id = $1
