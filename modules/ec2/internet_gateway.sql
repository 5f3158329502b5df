-- An internet gateway: the way from a VPC to the internet and back.

create table ec2.internet_gateway (
  region              text  not null default iasql.default_region(),
  name                text  not null,
  vpc                 text,
  tags                jsonb not null default '{}',
  internet_gateway_id text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  constraint a_vpc_has_one_internet_gateway
    unique (region, vpc),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.internet_gateway is 'An internet gateway: the way from a VPC to the internet and back.';
comment on column ec2.internet_gateway.region is 'The AWS region, as in us-east-1.';
comment on column ec2.internet_gateway.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.internet_gateway.vpc is 'The VPC that it is attached to. NULL: it stays where it is, at first nowhere.';
comment on column ec2.internet_gateway.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.internet_gateway.internet_gateway_id is '@identity The id that AWS gave it: igw-0a1b2c….';

select iasql.register('ec2.internet_gateway');
