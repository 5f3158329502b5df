-- A security group: what traffic reaches the things that carry it, and what leaves them.

create table ec2.security_group (
  region      text  not null default iasql.default_region(),
  name        text  not null,
  group_name  text,
  description text  not null default 'Managed by iasql',
  vpc         text,
  tags        jsonb not null default '{}',
  group_id    text,
  primary key (region, name),
  foreign key (region, vpc) references ec2.vpc (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
  constraint a_group_name_has_1_to_255_plain_characters_and_no_sg_in_front
    check (group_name ~ '^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$' and group_name !~ '^sg-' and group_name <> 'default'),
  constraint a_group_description_has_1_to_255_plain_characters
    check (description ~ '^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table ec2.security_group is '@create_before_destroy A security group: its rules (ec2.security_group_rule) say what traffic reaches the things that carry it, and what leaves them.';
comment on column ec2.security_group.region is 'The AWS region, as in us-east-1.';
comment on column ec2.security_group.name is 'The Name tag. Renaming a row renames the thing.';
comment on column ec2.security_group.group_name is '@immutable AWS'' own name for it, one of its kind in the VPC. NULL: made up from name at its creation, so that a replacement can be there before the old one goes.';
comment on column ec2.security_group.description is '@immutable What it is for, in 1 to 255 plain characters.';
comment on column ec2.security_group.vpc is '@immutable The VPC that it belongs to. NULL: AWS takes the default VPC.';
comment on column ec2.security_group.tags is 'Tags by key, without Name (that is the column name).';
comment on column ec2.security_group.group_id is '@identity The id that AWS gave it: sg-0a1b2c….';

select iasql.register('ec2.security_group');
