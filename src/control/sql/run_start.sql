-- a run that a dead engine left running starts again under the new counter
update control.run set state = 'running', started_at = coalesce(started_at, clock_timestamp()), counter = $2
where id = $1 and state in ('queued', 'running', 'waiting')
returning id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome
