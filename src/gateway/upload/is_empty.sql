select not exists (select from pg_catalog.pg_class where oid >= 16384)
  and not exists (select from pg_catalog.pg_proc where oid >= 16384)
  and not exists (select from pg_catalog.pg_type where oid >= 16384)
