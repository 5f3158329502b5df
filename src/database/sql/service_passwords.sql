-- what the server keeps of our services' passwords
select rolname::text, rolpassword from pg_catalog.pg_authid where rolname = any ($1)
