set local lock_timeout = :'lock_timeout';
set local search_path = pg_catalog, pg_temp;
set local client_min_messages = warning;
-- what a definition looks like must not depend on who asks
set local datestyle = 'ISO, YMD';
set local intervalstyle = postgres;
set local timezone = 'UTC';
set local bytea_output = hex;
set local extra_float_digits = 1;
set local quote_all_identifiers = off
