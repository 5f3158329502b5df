-- Snapshots, through the whole loop. Nothing of one can drift but its tags.

-- ground
insert into rds.db_instance (name, engine, db_instance_class, allocated_storage, master_username, master_user_password, skip_final_snapshot)
values ('shop', 'postgres', 'db.t4g.micro', 20, 'shop', 'hunter2hunter2', true);

-- create: CreateDBSnapshot
insert into rds.db_snapshot (name, db_instance) values ('shop-before', 'shop');

-- update: AddTagsToResource
update rds.db_snapshot set tags = '{"team": "a"}';

-- drift: AddTagsToResource
{"tags": {"team": "b"}}

-- lost: CreateDBSnapshot

-- replace: CreateDBSnapshot DeleteDBSnapshot
update rds.db_snapshot set name = 'shop-after';
select iasql.allow_replace('rds.db_snapshot', 'shop-after');

-- delete: DeleteDBSnapshot
delete from rds.db_snapshot;

-- adopt: AddTagsToResource
insert into rds.db_snapshot (name, db_instance_identifier) values ('shop-kept', 'shop');
