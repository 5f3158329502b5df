select not exists (select from pg_catalog.pg_database where datname = $1)
   and not exists (select from pg_catalog.pg_roles where rolname in ($1, $2))
