select
  role.rolname::text as name,
  role.rolpassword as verifier,
  role.rolsuper as superuser,
  case when pg_catalog.isfinite(role.rolvaliduntil) then role.rolvaliduntil end as valid_until
from pg_catalog.pg_authid role
where role.rolcanlogin and role.rolpassword is not null
order by role.rolname
