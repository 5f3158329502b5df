-- Instances, with passwords that are kept in secrets, and one that follows another, through the whole loop.

-- ground
insert into secretsmanager.secret (name, value, recovery_window_in_days) values ('shop/database', '{"username": "shop", "password": "hunter2hunter2"}', 0), ('shop/next', 'hunter4hunter4', 0);

-- create: CreateDBInstance
insert into rds.db_instance (name, engine, engine_version, db_instance_class, allocated_storage, master_username, password_secret, skip_final_snapshot)
values ('shop', 'postgres', '16.4', 'db.t4g.micro', 20, 'shop', 'shop/database', true);

-- update: UpdateSecret ModifyDBInstance AddTagsToResource
update secretsmanager.secret set value = '{"username": "shop", "password": "hunter3hunter3"}' where name = 'shop/database';

-- update: ModifyDBInstance AddTagsToResource
update rds.db_instance set password_secret = 'shop/next', preferred_backup_window = '03:00-03:30', iam_database_authentication_enabled = true;

-- update: ModifyDBInstance AddTagsToResource RemoveTagsFromResource
update rds.db_instance set password_secret = null, master_user_password = 'hunter5hunter5';

-- update: ModifyDBInstance RemoveTagsFromResource
update rds.db_instance set master_user_password = null, manage_master_user_password = true;

-- drift: ModifyDBInstance
{"backup_retention_period": 9, "db_instance_class": "db.t4g.small"}

-- lost: CreateDBInstance

-- create: CreateDBInstanceReadReplica
insert into rds.db_instance (name, engine, db_instance_class, replicate_source, skip_final_snapshot) values ('shop-copy', 'postgres', 'db.t4g.micro', 'shop', true);

-- delete: DeleteDBInstance
delete from rds.db_instance where name = 'shop-copy';

-- replace: CreateDBInstance DeleteDBInstance
update rds.db_instance set db_name = 'shop';
select iasql.allow_replace('rds.db_instance', 'shop');

-- delete: DeleteDBInstance
delete from rds.db_instance;

-- adopt: AddTagsToResource
insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password) values ('store', 'postgres', 'db.t4g.micro', 20, 'shop', 'hunter2hunter2');
