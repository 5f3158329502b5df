select r.rolname::text from pg_catalog.pg_roles as r
where  (r.rolname like replace($1, '_', '\_') || '\_%' or r.rolname like replace($2, '_', '\_') || '\_%')
  and  not exists (select from pg_catalog.pg_database as d where d.datname in (r.rolname, regexp_replace(r.rolname, '_owner$', '')))
