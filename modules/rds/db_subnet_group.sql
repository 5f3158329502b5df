-- The subnets that database instances may stand in.

create table rds.db_subnet_group (
  region      text  not null default iasql.default_region(),
  name        text  not null,
  description text,
  tags        jsonb not null default '{}',
  arn         text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
  constraint a_subnet_group_name_has_1_to_255_small_letters_digits_and_signs
    check (name ~ '^[a-z0-9 ._-]{1,255}$'),
  constraint a_description_is_not_empty
    check (description <> ''),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table rds.db_subnet_group is 'The subnets that database instances may stand in, in two availability zones at least.';
comment on column rds.db_subnet_group.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_subnet_group.name is '@immutable Its name.';
comment on column rds.db_subnet_group.description is 'What it is for. NULL: as it is, at first the name.';
comment on column rds.db_subnet_group.tags is 'Tags by key.';
comment on column rds.db_subnet_group.arn is '@cloud The name that AWS gave it: arn:aws:rds:….';

select iasql.register('rds.db_subnet_group');

create table rds.db_subnet_group_subnet (
  region          text not null default iasql.default_region(),
  db_subnet_group text not null,
  subnet          text not null,
  primary key (region, db_subnet_group, subnet),
  foreign key (region, db_subnet_group) references rds.db_subnet_group (region, name) on update cascade on delete cascade,
  foreign key (region, subnet) references ec2.subnet (region, name) on update cascade
);

comment on table rds.db_subnet_group_subnet is 'The subnets of a subnet group.';
comment on column rds.db_subnet_group_subnet.region is 'The AWS region, as in us-east-1.';
comment on column rds.db_subnet_group_subnet.db_subnet_group is '@part subnets The subnet group.';
comment on column rds.db_subnet_group_subnet.subnet is 'A subnet of it.';

select iasql.register('rds.db_subnet_group_subnet');
