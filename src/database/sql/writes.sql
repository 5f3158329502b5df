select datname::text, coalesce(tup_inserted + tup_updated + tup_deleted, 0)
from pg_catalog.pg_stat_database
where datname is not null
