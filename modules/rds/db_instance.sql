-- A database instance: a server that RDS runs. And the security groups that it carries.

create table rds.db_instance (
  region                       text    not null default iasql.default_region(),
  name                         text    not null,
  engine                       text    not null,
  engine_version               text,
  db_instance_class            text    not null,
  allocated_storage            integer,
  storage_type                 text,
  storage_encrypted            boolean,
  master_username              text,
  master_user_password         text,
  master_user_password_version uuid,
  db_name                      text,
  port                         integer,
  multi_az                     boolean,
  publicly_accessible          boolean,
  auto_minor_version_upgrade   boolean,
  backup_retention_period      integer,
  db_subnet_group              text,
  db_parameter_group           text,
  deletion_protection          boolean not null default false,
  skip_final_snapshot          boolean not null default false,
  tags                         jsonb   not null default '{}',
  endpoint_address             text,
  endpoint_port                integer,
  status                       text,
  master_user_secret           text,
  arn                          text,
  primary key (region, name),
  foreign key (region, db_subnet_group) references rds.db_subnet_group (region, name) on update cascade,
  foreign key (region, db_parameter_group) references rds.db_parameter_group (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
  constraint an_instance_name_is_of_1_to_63_small_letters_digits_and_hyphens
    check (name ~ '^[a-z](-?[a-z0-9])*$' and length(name) <= 63),
  constraint an_instance_class_starts_with_db
    check (db_instance_class ~ '^db\.[a-z0-9-]+\.[a-z0-9-]+'),
  constraint a_server_of_its_own_has_storage_and_a_master_user
    check (engine ~ '^aurora' or allocated_storage is not null and master_username is not null),
  constraint allocated_storage_is_5_to_65536_gib
    check (allocated_storage between 5 and 65536 or engine ~ '^aurora'),
  constraint storage_type_is_one_that_rds_knows
    check (storage_type in ('standard', 'gp2', 'gp3', 'io1', 'io2', 'aurora', 'aurora-iopt1')),
  constraint a_password_has_8_to_128_plain_characters_but_none_of_four
    check (length(master_user_password) between 8 and 128 and master_user_password ~ '^[!#-.0-?A-~]+$'),
  constraint a_port_is_1150_to_65535
    check (port between 1150 and 65535),
  constraint backups_are_kept_for_0_to_35_days
    check (backup_retention_period between 0 and 35),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table rds.db_instance is 'A database instance: a server that RDS runs. Changes are made at once, and some of them restart it.';
comment on column rds.db_instance.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_instance.name is '@immutable Its identifier.';
comment on column rds.db_instance.engine is '@immutable What it runs: postgres, mysql, mariadb, ….';
comment on column rds.db_instance.engine_version is 'The version in full, as in 16.4. NULL: as it is, at first the newest that is usual. While auto_minor_version_upgrade is on, RDS raises it by itself.';
comment on column rds.db_instance.db_instance_class is 'The hardware, as in db.t4g.micro.';
comment on column rds.db_instance.allocated_storage is 'Storage in GiB. It can only grow.';
comment on column rds.db_instance.storage_type is 'gp3, gp2, io1, io2 or standard. NULL: as it is, at first what is usual for the engine.';
comment on column rds.db_instance.storage_encrypted is '@immutable Whether the storage is encrypted. NULL: as it is, at first not.';
comment on column rds.db_instance.master_username is '@immutable The first user.';
comment on column rds.db_instance.master_user_password is '@secret The first user''s password, which is never read back. NULL: whatever it is; at first RDS makes one and keeps it in Secrets Manager (master_user_secret).';
comment on column rds.db_instance.master_user_password_version is '@version Another one at each write of the password; kept in a tag, since RDS keeps no version of it.';
comment on column rds.db_instance.db_name is '@immutable The database that is made with it. NULL: none, or what is usual for the engine.';
comment on column rds.db_instance.port is 'The port. NULL: as it is, at first the engine''s own.';
comment on column rds.db_instance.multi_az is 'Whether a standby waits in another availability zone. NULL: as it is, at first not.';
comment on column rds.db_instance.publicly_accessible is 'Whether its host name leads to a public address. NULL: as it is, at first what the subnets suggest.';
comment on column rds.db_instance.auto_minor_version_upgrade is 'Whether RDS upgrades to new minor versions by itself. NULL: as it is, at first yes.';
comment on column rds.db_instance.backup_retention_period is 'For how many days automated backups are kept; 0: there are none. NULL: as it is, at first 1.';
comment on column rds.db_instance.db_subnet_group is '@immutable The subnets it may stand in. NULL: those of the default VPC.';
comment on column rds.db_instance.db_parameter_group is 'The parameters it runs with. NULL: as it is, at first the engine''s own.';
comment on column rds.db_instance.deletion_protection is 'Whether RDS refuses to delete it.';
comment on column rds.db_instance.skip_final_snapshot is 'Whether nothing is kept of it at its end. Otherwise a snapshot named after it and the time is taken. Kept in a tag.';
comment on column rds.db_instance.tags is 'Tags by key.';
comment on column rds.db_instance.endpoint_address is '@cloud Its host name.';
comment on column rds.db_instance.endpoint_port is '@cloud The port at that name.';
comment on column rds.db_instance.status is '@cloud What it is doing: available, creating, modifying, stopped, ….';
comment on column rds.db_instance.master_user_secret is '@cloud The ARN of the secret in which RDS keeps a password of its own making.';
comment on column rds.db_instance.arn is '@cloud The name that AWS gave it: arn:aws:rds:….';

select iasql.register('rds.db_instance');

create table rds.db_instance_security_group (
  region         text not null default iasql.default_region(),
  db_instance    text not null,
  security_group text not null,
  primary key (region, db_instance, security_group),
  foreign key (region, db_instance) references rds.db_instance (region, name) on update cascade on delete cascade,
  foreign key (region, security_group) references ec2.security_group (region, name) on update cascade
);

comment on table rds.db_instance_security_group is 'The security groups that a database instance carries. No row: AWS gives it the default group of its VPC.';
comment on column rds.db_instance_security_group.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_instance_security_group.db_instance is '@part vpc_security_groups The database instance.';
comment on column rds.db_instance_security_group.security_group is 'A security group that it carries.';

select iasql.register('rds.db_instance_security_group');
