-- A policy of the account's own: rights that can be attached to many.

create table iam.policy (
  name            text  not null,
  path            text,
  description     text,
  policy_document jsonb not null,
  arn             text,
  primary key (name),
  -- https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
  constraint a_policy_name_has_1_to_128_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9+=,.@_-]{1,128}$'),
  constraint a_path_begins_and_ends_with_a_slash
    check (path ~ '^/([!-~]+/)?$' and length(path) <= 512),
  constraint a_policy_description_has_at_most_1000_characters
    check (length(description) <= 1000),
  constraint a_policy_document_has_statements
    check (jsonb_typeof(policy_document) = 'object' and policy_document ? 'Statement')
);

create trigger spell_policy before insert or update on iam.policy for each row execute function iasql.spell_policy('policy_document');

comment on table iam.policy is 'A policy of the account''s own: rights that can be attached to many roles. AWS'' own policies need no row; they are named by their ARN where they are attached.';
comment on column iam.policy.name is '@immutable Its name.';
comment on column iam.policy.path is '@immutable The folder that it stands in, with a slash on both ends: /shop/. NULL: the cloud decides, which means /.';
comment on column iam.policy.description is '@immutable What it is for. NULL: the cloud decides, which means nothing.';
comment on column iam.policy.policy_document is 'The rights, in the one spelling of iasql.canonical_policy(). A change is a new version that counts from then on; of the old ones IAM keeps four.';
comment on column iam.policy.arn is '@identity The name that AWS gave it: arn:aws:iam::…:policy/….';

select iasql.register('iam.policy');
