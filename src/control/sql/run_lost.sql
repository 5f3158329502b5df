update control.run set
  state = 'lost', ended_at = clock_timestamp(),
  outcome = jsonb_build_object('run', id, 'state', 'lost', 'errors', jsonb_build_array('the engine that ran it stopped in the middle'))
where database = $1 and state = 'running' and id <> $2 and coalesce(counter, 0) < $3
returning id
