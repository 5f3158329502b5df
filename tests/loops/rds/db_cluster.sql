-- Clusters of Aurora and the instances in them, through the whole loop. The emulator keeps a snapshot of each
-- cluster by its name and the minute, and refuses another cluster of the name in that minute: so none is lost here.

-- ground
insert into secretsmanager.secret (name, value, recovery_window_in_days) values ('shop/database', 'hunter2hunter2', 0);

-- create: CreateDBCluster
insert into rds.db_cluster (name, engine, engine_version, master_username, password_secret, serverless_v2_min_capacity, serverless_v2_max_capacity, skip_final_snapshot)
values ('shop', 'aurora-postgresql', '16.4', 'shop', 'shop/database', 0.5, 4, true);

-- update: UpdateSecret ModifyDBCluster AddTagsToResource
update secretsmanager.secret set value = 'hunter3hunter3' where name = 'shop/database';

-- update: ModifyDBCluster AddTagsToResource
update rds.db_cluster set backup_retention_period = 3, tags = '{"team": "a"}';

-- drift: ModifyDBCluster
{"preferred_maintenance_window": "mon:04:00-mon:04:30", "backup_retention_period": 9}

-- replace: CreateDBCluster DeleteDBCluster
update rds.db_cluster set name = 'bazaar';
select iasql.allow_replace('rds.db_cluster', 'bazaar');

-- delete: DeleteDBCluster
delete from rds.db_cluster;

-- adopt: AddTagsToResource
insert into rds.db_cluster (name, engine, master_username, master_user_password) values ('store', 'aurora-postgresql', 'shop', 'hunter2hunter2');
