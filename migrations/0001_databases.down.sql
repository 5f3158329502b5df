-- Takes back the tables of the databases, and the schema, which is empty then.
drop table control.setting;
drop table control.database;
drop table control.shard;
drop schema control;
