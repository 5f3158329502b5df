-- A snapshot of a database instance, taken when its row was inserted.

create table rds.db_snapshot (
  region                 text  not null default iasql.default_region(),
  name                   text  not null,
  db_instance            text,
  db_instance_identifier text,
  tags                   jsonb not null default '{}',
  engine                 text,
  engine_version         text,
  allocated_storage      integer,
  snapshot_create_time   timestamptz,
  status                 text,
  arn                    text,
  primary key (region, name),
  foreign key (region, db_instance) references rds.db_instance (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
  constraint a_snapshot_name_is_of_1_to_255_small_letters_digits_and_hyphens
    check (name ~ '^[a-z](-?[a-z0-9])*$' and length(name) <= 255),
  constraint a_snapshot_is_of_one_instance
    check (num_nonnulls(db_instance, db_instance_identifier) = 1),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table rds.db_snapshot is '@data A snapshot of a database instance, taken when its row was inserted. It stays what it is, whatever becomes of the instance.';
comment on column rds.db_snapshot.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_snapshot.name is '@immutable Its identifier.';
comment on column rds.db_snapshot.db_instance is 'The instance. It can''t become another''s.';
comment on column rds.db_snapshot.db_instance_identifier is 'The instance by its identifier, where it has no row or may lose it. It can''t become another''s.';
comment on column rds.db_snapshot.tags is 'Tags by key.';
comment on column rds.db_snapshot.engine is '@cloud What the instance ran.';
comment on column rds.db_snapshot.engine_version is '@cloud In which version.';
comment on column rds.db_snapshot.allocated_storage is '@cloud Its storage in GiB.';
comment on column rds.db_snapshot.snapshot_create_time is '@cloud When it was taken.';
comment on column rds.db_snapshot.status is '@cloud available, or creating.';
comment on column rds.db_snapshot.arn is '@cloud The name that AWS gave it: arn:aws:rds:….';

select iasql.register('rds.db_snapshot');
