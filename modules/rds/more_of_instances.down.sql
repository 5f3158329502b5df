-- As version 1 has it.

select iasql.begin_change('rds.db_instance');

drop trigger follow_password_secret on rds.db_instance;

alter table rds.db_instance
  drop column password_secret,
  drop column password_secret_version,
  drop column manage_master_user_password,
  drop column db_cluster,
  drop column replicate_source,
  drop column max_allocated_storage,
  drop column iops,
  drop column preferred_backup_window,
  drop column preferred_maintenance_window,
  drop column iam_database_authentication_enabled,
  drop column copy_tags_to_snapshot,
  drop constraint if exists a_server_of_its_own_has_storage_and_a_master_user,
  add constraint a_server_of_its_own_has_storage_and_a_master_user
    check (engine ~ '^aurora' or allocated_storage is not null and master_username is not null);

select iasql.end_change('rds.db_instance');
