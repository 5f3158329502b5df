-- A database cluster: Aurora, or instances in three zones that RDS keeps alike. And the security groups that it carries.

create table rds.db_cluster (
  region                              text    not null default iasql.default_region(),
  name                                text    not null,
  engine                              text    not null,
  engine_version                      text,
  master_username                     text,
  master_user_password                text,
  master_user_password_version        uuid,
  password_secret                     text,
  password_secret_version             uuid,
  manage_master_user_password         boolean,
  database_name                       text,
  port                                integer,
  db_subnet_group                     text,
  db_cluster_parameter_group          text,
  db_cluster_instance_class           text,
  allocated_storage                   integer,
  storage_type                        text,
  iops                                integer,
  storage_encrypted                   boolean,
  serverless_v2_min_capacity          numeric,
  serverless_v2_max_capacity          numeric,
  backup_retention_period             integer,
  preferred_backup_window             text,
  preferred_maintenance_window        text,
  iam_database_authentication_enabled boolean,
  copy_tags_to_snapshot               boolean,
  deletion_protection                 boolean not null default false,
  skip_final_snapshot                 boolean not null default false,
  tags                                jsonb   not null default '{}',
  endpoint                            text,
  reader_endpoint                     text,
  status                              text,
  master_user_secret                  text,
  arn                                 text,
  primary key (region, name),
  foreign key (region, db_subnet_group) references rds.db_subnet_group (region, name) on update cascade,
  foreign key (region, db_cluster_parameter_group) references rds.db_cluster_parameter_group (region, name) on update cascade,
  -- with the write of the value, so that each new one arrives here
  foreign key (region, password_secret_version, password_secret) references secretsmanager.secret (region, value_version, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
  constraint a_cluster_name_is_of_1_to_63_small_letters_digits_and_hyphens
    check (name ~ '^[a-z](-?[a-z0-9])*$' and length(name) <= 63),
  constraint a_password_has_8_to_128_plain_characters_but_none_of_four
    check (length(master_user_password) between 8 and 128 and master_user_password ~ '^[!#-.0-?A-~]+$'),
  constraint a_password_is_given_or_kept_in_a_secret_or_made_by_rds
    check (num_nonnulls(master_user_password, password_secret, nullif(manage_master_user_password, false)) <= 1),
  constraint a_secret_that_is_a_password_has_a_value
    check ((password_secret is null) = (password_secret_version is null)),
  constraint a_port_is_1150_to_65535
    check (port between 1150 and 65535),
  constraint instances_that_rds_keeps_have_storage_and_aurora_has_its_own
    check (engine !~ '^aurora' or num_nonnulls(db_cluster_instance_class, allocated_storage, iops) = 0),
  constraint serverless_capacity_goes_upwards_from_0_to_256_by_halves
    check (serverless_v2_min_capacity between 0 and serverless_v2_max_capacity and serverless_v2_max_capacity <= 256
      and mod(serverless_v2_min_capacity, 0.5) = 0 and mod(serverless_v2_max_capacity, 0.5) = 0),
  constraint both_ends_of_serverless_capacity_are_said
    check ((serverless_v2_min_capacity is null) = (serverless_v2_max_capacity is null)),
  constraint backups_are_kept_for_1_to_35_days
    check (backup_retention_period between 1 and 35),
  constraint a_backup_window_is_like_03_00_dash_03_30
    check (preferred_backup_window ~ '^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$'),
  constraint a_maintenance_window_is_like_mon_04_00_dash_mon_04_30
    check (preferred_maintenance_window ~ '^(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]$'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table rds.db_cluster is '@data A database cluster: Aurora, whose instances are rows of rds.db_instance, or (with db_cluster_instance_class) three instances that RDS makes by itself. Changes are made at once.';
comment on column rds.db_cluster.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_cluster.name is '@immutable Its identifier.';
comment on column rds.db_cluster.engine is '@immutable What it runs: aurora-postgresql, aurora-mysql, postgres or mysql.';
comment on column rds.db_cluster.engine_version is 'The version, as in 16.4. NULL: as it is, at first what is usual.';
comment on column rds.db_cluster.master_username is '@immutable The first user.';
comment on column rds.db_cluster.master_user_password is '@secret The first user''s password, which is never read back. NULL: whatever it is; at first that of password_secret, or one that RDS makes (master_user_secret).';
comment on column rds.db_cluster.master_user_password_version is '@version Another one at each write of the password; kept in a tag, since RDS keeps no version of it.';
comment on column rds.db_cluster.password_secret is 'The secret whose value is the password, or whose value is a JSON object with a password. It must have been given its value here. NULL: as it is.';
comment on column rds.db_cluster.password_secret_version is 'Which write of that value; follows the secret by itself. Kept in a tag.';
comment on column rds.db_cluster.manage_master_user_password is 'Whether RDS makes the password and keeps it in a secret of its own. NULL: as it is, at first where no password is given.';
comment on column rds.db_cluster.database_name is '@immutable The database that is made with it. NULL: none.';
comment on column rds.db_cluster.port is 'The port. NULL: as it is, at first the engine''s own.';
comment on column rds.db_cluster.db_subnet_group is '@immutable The subnets it may stand in. NULL: those of the default VPC.';
comment on column rds.db_cluster.db_cluster_parameter_group is 'The parameters it runs with. NULL: as it is, at first the engine''s own.';
comment on column rds.db_cluster.db_cluster_instance_class is 'The hardware of instances that RDS makes by itself, as in db.m6gd.large. NULL: as it is; Aurora''s are rows of rds.db_instance.';
comment on column rds.db_cluster.allocated_storage is 'Storage in GiB of instances that RDS makes by itself. NULL: as it is.';
comment on column rds.db_cluster.storage_type is 'aurora or aurora-iopt1; io1, io2 or gp3 with instances that RDS makes by itself. NULL: as it is, at first what is usual.';
comment on column rds.db_cluster.iops is 'I/O operations per second of instances that RDS makes by itself. NULL: as it is.';
comment on column rds.db_cluster.storage_encrypted is '@immutable Whether the storage is encrypted. NULL: as it is, at first what is usual.';
comment on column rds.db_cluster.serverless_v2_min_capacity is 'The least capacity of its db.serverless instances, in steps of 0.5; 0: they pause. NULL: as it is.';
comment on column rds.db_cluster.serverless_v2_max_capacity is 'The greatest capacity of its db.serverless instances, in steps of 0.5. NULL: as it is.';
comment on column rds.db_cluster.backup_retention_period is 'For how many days automated backups are kept, 1 to 35. NULL: as it is, at first 1.';
comment on column rds.db_cluster.preferred_backup_window is 'When backups are made, in UTC, as in 03:00-03:30. NULL: as it is, at first RDS chooses.';
comment on column rds.db_cluster.preferred_maintenance_window is 'When it may be worked on, in UTC, as in mon:04:00-mon:04:30. NULL: as it is, at first RDS chooses.';
comment on column rds.db_cluster.iam_database_authentication_enabled is 'Whether roles of IAM can log in. NULL: as it is, at first not.';
comment on column rds.db_cluster.copy_tags_to_snapshot is 'Whether its snapshots get its tags. NULL: as it is, at first not.';
comment on column rds.db_cluster.deletion_protection is 'Whether RDS refuses to delete it.';
comment on column rds.db_cluster.skip_final_snapshot is 'Whether nothing is kept of it at its end. Otherwise a snapshot named after it and the time is taken. Kept in a tag.';
comment on column rds.db_cluster.tags is 'Tags by key.';
comment on column rds.db_cluster.endpoint is '@cloud The host name for writing.';
comment on column rds.db_cluster.reader_endpoint is '@cloud The host name for reading.';
comment on column rds.db_cluster.status is '@cloud What it is doing: available, creating, modifying, stopped, ….';
comment on column rds.db_cluster.master_user_secret is '@cloud The ARN of the secret in which RDS keeps a password of its own making.';
comment on column rds.db_cluster.arn is '@cloud The name that AWS gave it: arn:aws:rds:….';

create trigger follow_password_secret before insert or update on rds.db_cluster
  for each row execute function rds.follow_password_secret();

select iasql.register('rds.db_cluster');

create table rds.db_cluster_security_group (
  region         text not null default iasql.default_region(),
  db_cluster     text not null,
  security_group text not null,
  primary key (region, db_cluster, security_group),
  foreign key (region, db_cluster) references rds.db_cluster (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table rds.db_cluster_security_group is 'The security groups that a database cluster carries. No row: AWS gives it the default group of its VPC.';
comment on column rds.db_cluster_security_group.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_cluster_security_group.db_cluster is '@part vpc_security_groups The database cluster.';
comment on column rds.db_cluster_security_group.security_group is 'A security group that it carries.';

select iasql.register('rds.db_cluster_security_group');
