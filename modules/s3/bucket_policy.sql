-- Who may do what with a bucket, and the one spelling that all policies of the same meaning share.

create function s3.canonical_list(listed jsonb) returns jsonb
language sql immutable parallel safe
return (
  select coalesce(jsonb_agg(element.text order by element.text), '[]')
  from   (select distinct (member #>> '{}') collate "C" as text
          from   jsonb_array_elements(case jsonb_typeof(listed) when 'array' then listed else jsonb_build_array(listed) end) member) element
);
comment on function s3.canonical_list is 'What may be written as one text or as a list of texts: a list, sorted, each member once.';

create function s3.canonical_principal(principal jsonb) returns jsonb
language sql immutable parallel safe
return case
  when principal = '"*"' then '{"AWS": ["*"]}'
  when jsonb_typeof(principal) = 'object' then (
    select coalesce(jsonb_object_agg(kind.key, s3.canonical_list(case
             -- an account may be named by its number alone; S3 answers with its root's name
             when kind.key = 'AWS' then (
               select coalesce(jsonb_agg(regexp_replace(member.value #>> '{}', '^([0-9]{12})$', 'arn:aws:iam::\1:root')), '[]')
               from   jsonb_array_elements(s3.canonical_list(kind.value)) member)
             else kind.value end)), '{}')
    from   jsonb_each(principal) kind)
  else principal
end;
comment on function s3.canonical_principal is 'Who a statement is about: * and the numbers of accounts spelled in full, all lists canonical.';

create function s3.canonical_condition(condition jsonb) returns jsonb
language sql immutable parallel safe
return case when jsonb_typeof(condition) <> 'object' then condition else (
  select coalesce(jsonb_object_agg(operator.key, case when jsonb_typeof(operator.value) <> 'object' then operator.value else (
           select coalesce(jsonb_object_agg(key.key, s3.canonical_list(key.value)), '{}') from jsonb_each(operator.value) key) end), '{}')
  from   jsonb_each(condition) operator)
end;
comment on function s3.canonical_condition is 'The conditions of a statement, with all their values as canonical lists.';

create function s3.canonical_statement(statement jsonb) returns jsonb
language sql immutable parallel safe
return case when jsonb_typeof(statement) <> 'object' then statement else (
  select coalesce(jsonb_object_agg(element.key, case
           when element.key in ('Action', 'NotAction', 'Resource', 'NotResource') then s3.canonical_list(element.value)
           when element.key in ('Principal', 'NotPrincipal') then s3.canonical_principal(element.value)
           when element.key = 'Condition' then s3.canonical_condition(element.value)
           else element.value end), '{}')
  from   jsonb_each(statement) element
  where  not (element.key = 'Sid' and element.value = '""'))
end;
comment on function s3.canonical_statement is 'One statement of a policy in its canonical spelling.';

-- The order of the statements stays, for it is the reader's, and S3 keeps it.
create function s3.canonical_policy(policy jsonb) returns jsonb
language sql immutable parallel safe
return case
  when jsonb_typeof(policy) <> 'object' then policy
  else '{"Version": "2008-10-17"}' || case when policy -> 'Id' = '""' then policy - 'Id' else policy end
    || case when policy ? 'Statement' then jsonb_build_object('Statement', (
         select coalesce(jsonb_agg(s3.canonical_statement(statement.value) order by statement.ordinality), '[]')
         from   jsonb_array_elements(case jsonb_typeof(policy -> 'Statement') when 'array' then policy -> 'Statement' else jsonb_build_array(policy -> 'Statement') end)
                with ordinality statement)) else '{}' end
end;
comment on function s3.canonical_policy is 'The one spelling of a policy that all policies of the same meaning share. The engine spells what it reads in the same way.';

create table s3.bucket_policy (
  bucket text  not null primary key references s3.bucket (name) on update cascade,
  policy jsonb not null,
  constraint a_policy_is_an_object_with_statements
    check (jsonb_typeof(policy) = 'object' and policy -> 'Statement' -> 0 is not null)
);

comment on table s3.bucket_policy is 'Who may do what with a bucket.';
comment on column s3.bucket_policy.bucket is '@immutable @cascade The bucket.';
comment on column s3.bucket_policy.policy is 'The policy, in AWS'' policy language. However it is written, it is kept in one spelling: lists sorted, names in full.';

create function s3.spell_bucket_policy() returns trigger
language plpgsql as $$
begin
  new.policy := s3.canonical_policy(new.policy);
  return new;
end
$$;
comment on function s3.spell_bucket_policy is 'Keeps a bucket''s policy in its canonical spelling.';

create trigger spell_bucket_policy before insert or update of policy on s3.bucket_policy
  for each row execute function s3.spell_bucket_policy();

select iasql.register('s3.bucket_policy');
