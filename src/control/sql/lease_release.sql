update control.lease set holder = null, expires_at = clock_timestamp() where database = $1 and holder = $2 and counter = $3
