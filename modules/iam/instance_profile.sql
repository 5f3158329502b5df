-- An instance profile: what hands a role to instances.

create table iam.instance_profile (
  name text not null,
  path text,
  role text,
  arn  text,
  primary key (name),
  foreign key (role) references iam.role (name) on update cascade,
  -- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
  constraint an_instance_profile_name_has_1_to_128_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9+=,.@_-]{1,128}$'),
  constraint a_path_begins_and_ends_with_a_slash
    check (path ~ '^/([!-~]+/)?$' and length(path) <= 512)
);

comment on table iam.instance_profile is 'An instance profile: what hands a role to instances. It holds one role, or none.';
comment on column iam.instance_profile.name is '@immutable Its name.';
comment on column iam.instance_profile.path is '@immutable The folder that it stands in, with a slash on both ends: /shop/. NULL: the cloud decides, which means /.';
comment on column iam.instance_profile.role is '@exact The role that it holds. NULL: none.';
comment on column iam.instance_profile.arn is '@identity The name that AWS gave it: arn:aws:iam::…:instance-profile/….';

select iasql.register('iam.instance_profile');
