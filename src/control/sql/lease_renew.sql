update control.lease set expires_at = clock_timestamp() + make_interval(secs => $4)
where database = $1 and holder = $2 and counter = $3 and expires_at > clock_timestamp()
returning counter
