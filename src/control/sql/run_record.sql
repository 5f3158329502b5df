-- only the last holder's word counts
update control.run set
  state = $3, outcome = $4,
  ended_at = case when $3 in ('done', 'failed', 'refused', 'lost') then clock_timestamp() end
where id = $1 and counter = $2 and state = 'running'
