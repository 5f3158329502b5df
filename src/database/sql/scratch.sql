-- What was made for a while, or what is left of it (a database, or the roles that were made before it), with no session that bears its name, and with
-- nobody in it: engines of release 0.1 bear no name.
select made.name
from (
  select datname::text from pg_catalog.pg_database where datname ~ '^iasql_(making|golden)_[0-9a-f]+$'
  union
  select rolname::text from pg_catalog.pg_roles where rolname ~ '^iasql_golden_[0-9a-f]+$'
) as made (name)
where not exists (select from pg_catalog.pg_stat_activity a where made.name in (a.application_name, a.datname))
order by made.name
