select current_user::text as administrator, r.rolsuper as is_superuser,
  pg_catalog.to_regclass('schema_versions.installed') is not null as has_books,
  array(select l.role from unnest($1::text[]) as l (role) where not exists (select from pg_catalog.pg_roles as k where k.rolname = l.role)) as roles_missing
from pg_catalog.pg_roles as r where r.rolname = current_user
