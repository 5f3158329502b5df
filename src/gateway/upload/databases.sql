select datname::text from pg_catalog.pg_database where datallowconn and not datistemplate order by datname limit 100
