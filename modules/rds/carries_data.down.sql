-- It is replaced as everything else is.

comment on table rds.db_instance is 'A database instance: a server that RDS runs. Changes are made at once, and some of them restart it.';
