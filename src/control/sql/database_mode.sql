update control.database set mode = $2 where name = $1 and mode is distinct from $2
