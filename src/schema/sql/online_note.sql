update schema_versions.online as o
set cursor = $4, rows = $5, done = $4::text is null
where o.name = $1 and o.version = $2 and o.position = $3
