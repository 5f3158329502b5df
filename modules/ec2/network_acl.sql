-- A network ACL: what traffic may enter and leave the subnets that use it, packet by packet.

create table ec2.network_acl (
  region         text  not null default iasql.default_region(),
  name           text  not null,
  vpc            text  not null,
  tags           jsonb not null default '{}',
  network_acl_id text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.network_acl is '@create_before_destroy A network ACL: its rules (ec2.network_acl_rule) say what traffic enters and leaves the subnets that use it (ec2.network_acl_association). A new one lets nothing pass.';
comment on column ec2.network_acl.region is 'The AWS region, as in us-east-1.';
comment on column ec2.network_acl.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.network_acl.vpc is '@immutable The VPC that it belongs to.';
comment on column ec2.network_acl.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.network_acl.network_acl_id is '@identity The id that AWS gave it: acl-0a1b2c….';

select iasql.register('ec2.network_acl');
