select id, database, kind, state, asked_by, asked_at, started_at, ended_at, outcome
from control.run
where database = $1
order by asked_at desc
limit $2
