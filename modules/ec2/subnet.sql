-- A subnet: a range of a VPC's addresses in one availability zone.

create table ec2.subnet (
  region                  text    not null default iasql.default_region(),
  name                    text    not null,
  vpc                     text    not null,
  cidr_block              cidr    not null,
  availability_zone       text,
  map_public_ip_on_launch boolean not null default false,
  tags                    jsonb   not null default '{}',
  subnet_id               text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  constraint a_subnet_has_16_to_65536_ipv4_addresses
    check (family(cidr_block) = 4 and masklen(cidr_block) between 16 and 28),
  constraint an_availability_zone_is_one_of_its_region
    check (starts_with(availability_zone, region) and availability_zone <> region),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.subnet is 'A subnet: a range of a VPC''s addresses in one availability zone.';
comment on column ec2.subnet.region is 'The AWS region, as in us-east-1.';
comment on column ec2.subnet.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.subnet.vpc is '@immutable The VPC that it is a part of.';
comment on column ec2.subnet.cidr_block is '@immutable The IPv4 range of the subnet, from /16 to /28, inside the VPC''s.';
comment on column ec2.subnet.availability_zone is '@immutable The zone, as in us-east-1a. NULL: AWS chooses one.';
comment on column ec2.subnet.map_public_ip_on_launch is 'Whether an instance started in it gets a public IPv4 address.';
comment on column ec2.subnet.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.subnet.subnet_id is '@identity The id that AWS gave it: subnet-0a1b2c….';

select iasql.register('ec2.subnet');
