revoke all on database :"database" from public;
grant create on database :"database" to :"owner";
alter database :"database" with allow_connections true;
-- a failing statement would be logged with its values, and with them secrets
alter database :"database" set log_min_error_statement = panic;
alter database :"database" set log_error_verbosity = terse;
alter database :"database" set log_parameter_max_length = 0;
-- Compiling the plan's view takes a hundred times as long as running it.
alter database :"database" set jit = off;
