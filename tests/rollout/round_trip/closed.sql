-- What a login may: temporary files, the server's log, large objects.
select current_setting('temp_file_limit') || ' ' || current_setting('log_min_messages') || ' ' || has_function_privilege('pg_catalog.lo_create(oid)', 'execute')
