-- The visitors with whom nobody is in, and the grant (if any) that says of each that somebody is about to come: it is another one for each visit.
-- Who has been in for five minutes was left behind by an engine that is gone: no visit lasts that long.
select v.name, coalesce(m.mark, '')
from   unnest($1::text[]) with ordinality as v (name, position)
left   join lateral (
  select string_agg(pg_catalog.concat_ws(' ', m.roleid, m.xmin), ',' order by m.roleid) as mark
  from   pg_catalog.pg_auth_members m
  join   pg_catalog.pg_roles r on r.oid = m.member
  where  r.rolname = v.name
) m on true
where  not exists (
  select from pg_catalog.pg_stat_activity a where a.usename = v.name and a.backend_start > clock_timestamp() - interval '5 minutes'
)
order  by v.position
