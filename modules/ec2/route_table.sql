-- A route table: where the traffic of the subnets that use it goes.

create table ec2.route_table (
  region         text  not null default iasql.default_region(),
  name           text  not null,
  vpc            text  not null,
  tags           jsonb not null default '{}',
  route_table_id text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.route_table is 'A route table: its routes (ec2.route) say where the traffic of the subnets that use it (ec2.route_table_association) goes.';
comment on column ec2.route_table.region is 'The AWS region, as in us-east-1.';
comment on column ec2.route_table.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.route_table.vpc is '@immutable The VPC that it belongs to.';
comment on column ec2.route_table.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.route_table.route_table_id is '@identity The id that AWS gave it: rtb-0a1b2c….';

select iasql.register('ec2.route_table');
