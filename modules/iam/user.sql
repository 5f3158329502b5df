-- A user: somebody who signs in, or a program outside of AWS.

create table iam.user (
  name                 text  not null,
  path                 text,
  permissions_boundary text,
  tags                 jsonb not null default '{}',
  arn                  text,
  primary key (name),
  -- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
  constraint a_user_name_has_1_to_64_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9+=,.@_-]{1,64}$'),
  constraint a_path_begins_and_ends_with_a_slash
    check (path ~ '^/([!-~]+/)?$' and length(path) <= 512),
  constraint a_permissions_boundary_is_the_arn_of_a_policy
    check (permissions_boundary ~ '^(arn:[a-z-]+:iam::[^:]*:policy/.+)?$'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table iam.user is 'A user: somebody who signs in, or a program outside of AWS. Programs in AWS have roles. What else belongs to it (a password, devices, groups) keeps it from being deleted.';
comment on column iam.user.name is '@immutable Its name.';
comment on column iam.user.path is '@immutable The folder that it stands in, with a slash on both ends: /shop/. NULL: the cloud decides, which means /.';
comment on column iam.user.permissions_boundary is 'The policy that says what it can be given at most, by its ARN. NULL: as it is, at first none; an empty text: none.';
comment on column iam.user.tags is 'Tags by key.';
comment on column iam.user.arn is '@identity The name that AWS gave it: arn:aws:iam::…:user/….';

select iasql.register('iam.user');
