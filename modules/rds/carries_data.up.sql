-- A replacement loses what is in it, and needs a yes: docs/guards.md.

comment on table rds.db_instance is '@data A database instance: a server that RDS runs. Changes are made at once, and some of them restart it.';
