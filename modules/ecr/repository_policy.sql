-- Who, beyond the account's own, may do what with a repository.

create table ecr.repository_policy (
  region     text  not null default iasql.default_region(),
  repository text  not null,
  policy     jsonb not null,
  primary key (region, repository),
  foreign key (region, repository) references ecr.repository (region, name) on update cascade,
  constraint a_policy_is_an_object_with_statements
    check (jsonb_typeof(policy) = 'object' and policy -> 'Statement' -> 0 is not null)
);

comment on table ecr.repository_policy is 'Who may do what with a repository: other accounts, and services.';
comment on column ecr.repository_policy.region is 'The AWS region, as in us-east-1.';
comment on column ecr.repository_policy.repository is '@immutable @cascade The repository.';
comment on column ecr.repository_policy.policy is 'The policy, in AWS'' policy language. However it is written, it is kept in one spelling: lists sorted, names in full.';

create trigger spell_policy before insert or update on ecr.repository_policy
  for each row execute function iasql.spell_policy('policy');

select iasql.register('ecr.repository_policy');
