-- An Elastic IP address: a public IPv4 address that is the account's until it is released.

create table ec2.elastic_ip (
  region               text  not null default iasql.default_region(),
  name                 text  not null,
  network_border_group text,
  public_ipv4_pool     text,
  tags                 jsonb not null default '{}',
  allocation_id        text,
  public_ip            inet,
  primary key (region, name),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.elastic_ip is '@create_before_destroy An Elastic IP address: a public IPv4 address that is the account''s until its row is deleted. What it leads to: ec2.elastic_ip_association, ec2.nat_gateway.';
comment on column ec2.elastic_ip.region is 'The AWS region, as in us-east-1.';
comment on column ec2.elastic_ip.name is 'The Name tag. Renaming a row renames the thing, and leaves the address as it is.';
comment on column ec2.elastic_ip.network_border_group is '@immutable From where AWS announces it: the region, or the group of a local zone. NULL: the region.';
comment on column ec2.elastic_ip.public_ipv4_pool is '@immutable The pool that it is taken from: amazon, or one of your own: ipv4pool-ec2-0a1b2c…. NULL: Amazon''s.';
comment on column ec2.elastic_ip.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.elastic_ip.allocation_id is '@identity The id that AWS gave it: eipalloc-0a1b2c….';
comment on column ec2.elastic_ip.public_ip is '@cloud The address itself.';

select iasql.register('ec2.elastic_ip');
