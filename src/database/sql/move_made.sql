select d.datcollate::text as lc_collate, d.datctype::text as lc_ctype, r.rolconnlimit as connections
from   pg_catalog.pg_database d
join   pg_catalog.pg_roles r on r.rolname = d.datname
where  d.datname = $1
