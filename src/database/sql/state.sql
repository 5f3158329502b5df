-- which version of what a database has; null where it was laid before there were versions
select s.name, i.version
from   (select 'iasql' as name union all select m.name from iasql.module m) s
left   join schema_versions.installed i on i.name = s.name
