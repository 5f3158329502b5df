-- A policy that is attached to a role.

create table iam.role_policy_attachment (
  role          text not null,
  policy        text,
  policy_arn    text,
  attachment_id text,
  constraint a_policy_is_attached_to_a_role_once
    unique nulls not distinct (role, policy, policy_arn),
  foreign key (role) references iam.role (name) on update cascade,
  foreign key (policy) references iam.policy (name) on update cascade,
  constraint an_attachment_is_of_one_policy_or_one_arn
    check (num_nonnulls(policy, policy_arn) = 1),
  constraint a_policy_arn_is_that_of_one_of_aws_own_policies
    check (policy_arn ~ '^arn:[a-z-]+:iam::aws:policy/.+$')
);

comment on table iam.role_policy_attachment is 'A policy that is attached to a role: one of the account''s own, or one of AWS'' own.';
comment on column iam.role_policy_attachment.role is '@immutable The role.';
comment on column iam.role_policy_attachment.policy is '@immutable A policy of the account''s own.';
comment on column iam.role_policy_attachment.policy_arn is '@immutable One of AWS'' own policies, by its ARN: arn:aws:iam::aws:policy/ReadOnlyAccess.';
comment on column iam.role_policy_attachment.attachment_id is '@identity AWS gives attachments no ids, so this is the ARNs of both, with a comma in between.';

select iasql.register('iam.role_policy_attachment');
