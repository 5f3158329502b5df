-- Takes back the list of backups, and what completes what a row says of them; they stay where they are.

select iasql.unregister('postgres.backup');
drop function postgres.choose_backup() cascade;
