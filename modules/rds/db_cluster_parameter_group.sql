-- The parameters that database clusters run with.

create table rds.db_cluster_parameter_group (
  region      text  not null default iasql.default_region(),
  name        text  not null,
  family      text  not null,
  description text,
  tags        jsonb not null default '{}',
  arn         text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html
  constraint a_cluster_parameter_group_name_has_small_letters_digits_and_hyphens
    check (length(name) <= 255 and name ~ '^([a-z](-?[a-z0-9])*|default\.[a-z0-9.-]+)$'),
  constraint a_description_is_not_empty
    check (description <> ''),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table rds.db_cluster_parameter_group is 'The parameters that database clusters run with: those in rds.db_cluster_parameter_group_parameter, and the family''s own values for the rest.';
comment on column rds.db_cluster_parameter_group.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_cluster_parameter_group.name is '@immutable Its name. Names in default.… are those of AWS'' own groups: with reference_only they can be referred to.';
comment on column rds.db_cluster_parameter_group.family is '@immutable What it is for, as in aurora-postgresql16 or postgres16.';
comment on column rds.db_cluster_parameter_group.description is '@immutable What it is for. NULL: as it is, at first the name.';
comment on column rds.db_cluster_parameter_group.tags is 'Tags by key.';
comment on column rds.db_cluster_parameter_group.arn is '@cloud The name that AWS gave it: arn:aws:rds:….';

select iasql.register('rds.db_cluster_parameter_group');

create table rds.db_cluster_parameter_group_parameter (
  region             text not null default iasql.default_region(),
  db_cluster_parameter_group text not null,
  name               text not null,
  value              text not null,
  primary key (region, db_cluster_parameter_group, name),
  foreign key (region, db_cluster_parameter_group) references rds.db_cluster_parameter_group (region, name) on update cascade on delete cascade,
  constraint a_parameter_name_is_of_letters_digits_and_signs
    check (name ~ '^[A-Za-z0-9._-]+$')
);

comment on table rds.db_cluster_parameter_group_parameter is 'The parameters of a group that differ from its family''s own values. Those that clusters take over only at a restart wait for one. Deleting one of several rows gives the parameter its family''s value again. No row: they stay as they are.';
comment on column rds.db_cluster_parameter_group_parameter.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_cluster_parameter_group_parameter.db_cluster_parameter_group is '@part parameters The parameter group.';
comment on column rds.db_cluster_parameter_group_parameter.name is 'The parameter, as in max_connections.';
comment on column rds.db_cluster_parameter_group_parameter.value is 'Its value, as AWS writes it: numbers without units, 1 and 0 for on and off.';

select iasql.register('rds.db_cluster_parameter_group_parameter');
