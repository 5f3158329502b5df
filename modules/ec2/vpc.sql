-- A virtual private cloud: an isolated network.

create table ec2.vpc (
  region                text    not null default iasql.default_region(),
  name                  text    not null,
  cidr_block            cidr    not null,
  instance_tenancy      text,
  tags                  jsonb   not null default '{}',
  vpc_id                text,
  primary key (region, name),
  constraint a_vpc_has_16_to_65536_ipv4_addresses
    check (family(cidr_block) = 4 and masklen(cidr_block) between 16 and 28),
  constraint tenancy_is_default_or_dedicated
    check (instance_tenancy in ('default', 'dedicated')),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.vpc is 'A virtual private cloud: an isolated network of your own.';
comment on column ec2.vpc.region is 'The AWS region, as in us-east-1.';
comment on column ec2.vpc.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.vpc.cidr_block is '@immutable The IPv4 range of the network, from /16 to /28.';
comment on column ec2.vpc.instance_tenancy is '@immutable What instances run on: default (shared hardware) or dedicated. NULL: the cloud decides, which means default.';
comment on column ec2.vpc.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.vpc.vpc_id is '@identity The id that AWS gave it: vpc-0a1b2c….';

select iasql.register('ec2.vpc');
