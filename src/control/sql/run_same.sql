select id from control.run
where database = $1 and (request = $4 or (kind = $2 and asked_by = $3 and state = 'queued' and counter is null))
order by request = $4 desc nulls last
limit 1
