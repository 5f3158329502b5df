select o.version, o.position, o.migration, o.cursor, o.rows
from schema_versions.online as o
where o.name = $1 and o.version <= $2 and not o.done
order by o.version, o.position
limit 1
for update
