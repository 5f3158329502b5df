select s.setrole <> 0 as of_role, s.setdatabase <> 0 as in_database, c.setting
from   pg_catalog.pg_db_role_setting s
cross  join lateral unnest(s.setconfig) with ordinality as c (setting, n)
left   join pg_catalog.pg_roles r on r.oid = s.setrole
left   join pg_catalog.pg_database d on d.oid = s.setdatabase
where  (r.rolname = $1 and (s.setdatabase = 0 or d.datname = $1)) or (s.setrole = 0 and d.datname = $1)
order  by 1, 2, c.n
