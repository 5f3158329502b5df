update control.database set ready = true, modules = $2, active_at = clock_timestamp() where name = $1
