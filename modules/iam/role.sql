-- A role: rights that somebody takes on for a while.

create table iam.role (
  name                        text    not null,
  path                        text,
  assume_role_policy_document jsonb   not null,
  description                 text,
  max_session_duration        integer,
  permissions_boundary        text,
  tags                        jsonb   not null default '{}',
  arn                         text,
  primary key (name),
  -- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  constraint a_role_name_has_1_to_64_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9+=,.@_-]{1,64}$'),
  constraint a_path_begins_and_ends_with_a_slash
    check (path ~ '^/([!-~]+/)?$' and length(path) <= 512),
  constraint the_paths_of_service_linked_roles_are_for_aws
    check (not starts_with(path, '/aws-service-role/') and not starts_with(path, '/aws-reserved/')),
  constraint a_trust_policy_has_statements
    check (jsonb_typeof(assume_role_policy_document) = 'object' and assume_role_policy_document ? 'Statement'),
  constraint a_role_description_has_at_most_1000_characters
    check (length(description) <= 1000),
  constraint a_session_lasts_1_to_12_hours
    check (max_session_duration between 3600 and 43200),
  constraint a_permissions_boundary_is_the_arn_of_a_policy
    check (permissions_boundary ~ '^(arn:[a-z-]+:iam::[^:]*:policy/.+)?$'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

create trigger spell_policy before insert or update on iam.role for each row execute function iasql.spell_policy('assume_role_policy_document');

comment on table iam.role is 'A role: rights that somebody (a service, an account, a user) takes on for a while. Which rights, say iam.role_policy_attachment and iam.role_inline_policy. One made moments ago may be refused by other services, for IAM takes a few seconds to tell them.';
comment on column iam.role.name is '@immutable Its name.';
comment on column iam.role.path is '@immutable The folder that it stands in, with a slash on both ends: /shop/. NULL: the cloud decides, which means /.';
comment on column iam.role.assume_role_policy_document is 'Who may take it on, in the one spelling of iasql.canonical_policy().';
comment on column iam.role.description is 'What it is for. NULL: as it is, at first nothing; an empty text: nothing.';
comment on column iam.role.max_session_duration is 'For how many seconds it can be taken on at a time, 3600 to 43200. NULL: as it is, at first 3600.';
comment on column iam.role.permissions_boundary is 'The policy that says what it can be given at most, by its ARN. NULL: as it is, at first none; an empty text: none.';
comment on column iam.role.tags is 'Tags by key.';
comment on column iam.role.arn is '@identity The name that AWS gave it: arn:aws:iam::…:role/….';

select iasql.register('iam.role');
