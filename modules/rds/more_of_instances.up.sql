-- Instances may stand in clusters, follow other instances, and have passwords that are kept in secrets.

select iasql.begin_change('rds.db_instance');

alter table rds.db_instance
  add column password_secret                     text,
  add column password_secret_version             uuid,
  add column manage_master_user_password         boolean,
  add column db_cluster                          text,
  add column replicate_source                    text,
  add column max_allocated_storage               integer,
  add column iops                                integer,
  add column preferred_backup_window             text,
  add column preferred_maintenance_window        text,
  add column iam_database_authentication_enabled boolean,
  add column copy_tags_to_snapshot               boolean,
  add foreign key (region, password_secret_version, password_secret) references secretsmanager.secret (region, value_version, name) on update cascade,
  add foreign key (region, db_cluster) references rds.db_cluster (region, name) on update cascade,
  add foreign key (region, replicate_source) references rds.db_instance (region, name) on update cascade,
  drop constraint a_server_of_its_own_has_storage_and_a_master_user,
  add constraint a_server_of_its_own_has_storage_and_a_master_user
    check (engine ~ '^aurora' or num_nonnulls(db_cluster, replicate_source) = 1 or allocated_storage is not null and master_username is not null),
  add constraint an_instance_stands_in_a_cluster_or_follows_another_or_neither
    check (num_nonnulls(db_cluster, replicate_source) <= 1),
  add constraint a_password_is_given_or_kept_in_a_secret_or_made_by_rds
    check (num_nonnulls(master_user_password, password_secret, nullif(manage_master_user_password, false)) <= 1),
  add constraint a_secret_that_is_a_password_has_a_value
    check ((password_secret is null) = (password_secret_version is null)),
  add constraint an_instance_of_a_cluster_has_the_users_and_storage_of_the_cluster
    check (db_cluster is null or num_nonnulls(allocated_storage, max_allocated_storage, iops, storage_type, master_username, master_user_password, password_secret,
      manage_master_user_password, db_name, port, backup_retention_period, preferred_backup_window, iam_database_authentication_enabled) = 0),
  add constraint an_instance_that_follows_another_has_the_users_of_that
    check (replicate_source is null or num_nonnulls(master_username, master_user_password, password_secret, manage_master_user_password, db_name) = 0),
  add constraint a_backup_window_is_like_03_00_dash_03_30
    check (preferred_backup_window ~ '^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$'),
  add constraint a_maintenance_window_is_like_mon_04_00_dash_mon_04_30
    check (preferred_maintenance_window ~ '^(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]$');

comment on column rds.db_instance.password_secret is 'The secret whose value is the password, or whose value is a JSON object with a password. It must have been given its value here. NULL: as it is.';
comment on column rds.db_instance.password_secret_version is 'Which write of that value; follows the secret by itself. Kept in a tag.';
comment on column rds.db_instance.manage_master_user_password is 'Whether RDS makes the password and keeps it in a secret of its own. NULL: as it is, at first where no password is given.';
comment on column rds.db_instance.db_cluster is '@immutable @exact The cluster it stands in. NULL: none, it is a server of its own.';
comment on column rds.db_instance.replicate_source is '@exact The instance it follows as a read replica; that of a new row only. NULL: none; unsetting it makes it a server of its own.';
comment on column rds.db_instance.max_allocated_storage is 'Up to how many GiB RDS lets the storage grow by itself. NULL: as it is, at first not.';
comment on column rds.db_instance.iops is 'I/O operations per second. NULL: as it is, at first what is usual for its storage.';
comment on column rds.db_instance.preferred_backup_window is 'When backups are made, in UTC, as in 03:00-03:30. NULL: as it is, at first RDS chooses.';
comment on column rds.db_instance.preferred_maintenance_window is 'When it may be worked on, in UTC, as in mon:04:00-mon:04:30. NULL: as it is, at first RDS chooses.';
comment on column rds.db_instance.iam_database_authentication_enabled is 'Whether roles of IAM can log in. NULL: as it is, at first not.';
comment on column rds.db_instance.copy_tags_to_snapshot is 'Whether its snapshots get its tags. NULL: as it is, at first not.';

create trigger follow_password_secret before insert or update on rds.db_instance
  for each row execute function rds.follow_password_secret();

select iasql.end_change('rds.db_instance');
