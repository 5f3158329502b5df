-- As release 0.1 left a login and its database.
alter role TENANT reset temp_file_limit;
alter role TENANT reset log_min_messages;
grant execute on function pg_catalog.lo_create(oid) to public;
