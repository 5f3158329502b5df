update schema_versions.installed as i
set version = $2, upgraded_at = clock_timestamp()
-- a script that ended the transaction has let go of the row
where i.name = $1 and pg_catalog.pg_current_xact_id()::text = $3
