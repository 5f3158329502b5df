-- A policy that stands in a role itself.

create table iam.role_inline_policy (
  role             text  not null,
  name             text  not null,
  policy_document  jsonb not null,
  inline_policy_id text,
  primary key (role, name),
  foreign key (role) references iam.role (name) on update cascade,
  -- https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
  constraint an_inline_policy_name_has_1_to_128_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9+=,.@_-]{1,128}$'),
  constraint an_inline_policy_document_has_statements
    check (jsonb_typeof(policy_document) = 'object' and policy_document ? 'Statement')
);

create trigger spell_policy before insert or update on iam.role_inline_policy for each row execute function iasql.spell_policy('policy_document');

comment on table iam.role_inline_policy is 'A policy that stands in a role itself, and goes with it.';
comment on column iam.role_inline_policy.role is '@immutable The role.';
comment on column iam.role_inline_policy.name is '@immutable Its name within the role.';
comment on column iam.role_inline_policy.policy_document is 'The rights, in the one spelling of iasql.canonical_policy().';
comment on column iam.role_inline_policy.inline_policy_id is '@identity AWS gives inline policies no ids, so this is the role''s ARN and the name, with a comma in between.';

select iasql.register('iam.role_inline_policy');
