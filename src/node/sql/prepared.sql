select exists (select from pg_catalog.pg_prepared_xacts)
