-- Which images of a repository are thrown away, and when.

create table ecr.lifecycle_policy (
  region           text  not null default iasql.default_region(),
  repository       text  not null,
  lifecycle_policy jsonb not null,
  primary key (region, repository),
  foreign key (region, repository) references ecr.repository (region, name) on update cascade,
  constraint a_lifecycle_policy_is_an_object_with_rules
    check (jsonb_typeof(lifecycle_policy) = 'object' and jsonb_typeof(lifecycle_policy -> 'rules') = 'array'
      and lifecycle_policy -> 'rules' -> 0 is not null)
);

comment on table ecr.lifecycle_policy is 'Which images of a repository are thrown away, and when.';
comment on column ecr.lifecycle_policy.region is 'The AWS region, as in us-east-1.';
comment on column ecr.lifecycle_policy.repository is '@immutable @cascade The repository.';
comment on column ecr.lifecycle_policy.lifecycle_policy is 'The rules, as ECR takes them: {"rules": [{"rulePriority": 1, "selection": {…}, "action": {"type": "expire"}}]}. Compared by meaning: their order does not matter, for they have priorities.';

create function ecr.sort_rules() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(new.lifecycle_policy -> 'rules') = 'array' then
    new.lifecycle_policy := jsonb_set(new.lifecycle_policy, '{rules}',
      (select coalesce(jsonb_agg(rule order by rule -> 'rulePriority'), '[]') from jsonb_array_elements(new.lifecycle_policy -> 'rules') rule));
  end if;
  return new;
end
$$;
comment on function ecr.sort_rules is 'Keeps the rules of a lifecycle policy in the order of their priorities: a trigger.';

create trigger sort_rules before insert or update on ecr.lifecycle_policy
  for each row execute function ecr.sort_rules();

select iasql.register('ecr.lifecycle_policy');
