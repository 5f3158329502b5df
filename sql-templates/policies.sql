-- The one spelling that all policies of the same meaning share, whatever service they are for.

create function iasql.canonical_list(listed jsonb) returns jsonb
language sql immutable parallel safe
return (
  select coalesce(jsonb_agg(element.text order by element.text), '[]')
  from   (select distinct (member #>> '{}') collate "C" as text
          from   jsonb_array_elements(case jsonb_typeof(listed) when 'array' then listed else jsonb_build_array(listed) end) member) element
);
comment on function iasql.canonical_list is 'What may be written as one text or as a list of texts: a list, sorted, each member once.';

create function iasql.canonical_principal(principal jsonb) returns jsonb
language sql immutable parallel safe
return case
  when principal = '"*"' then '{"AWS": ["*"]}'
  when jsonb_typeof(principal) = 'object' then (
    select coalesce(jsonb_object_agg(kind.key, iasql.canonical_list(case
             -- an account may be named by its number alone; AWS answers with its root's name
             when kind.key = 'AWS' then (
               select coalesce(jsonb_agg(regexp_replace(member.value #>> '{}', '^([0-9]{12})$', 'arn:aws:iam::\1:root')), '[]')
               from   jsonb_array_elements(iasql.canonical_list(kind.value)) member)
             else kind.value end)), '{}')
    from   jsonb_each(principal) kind)
  else principal
end;
comment on function iasql.canonical_principal is 'Who a statement is about: * and the numbers of accounts spelled in full, all lists canonical.';

create function iasql.canonical_condition(condition jsonb) returns jsonb
language sql immutable parallel safe
return case when jsonb_typeof(condition) <> 'object' then condition else (
  select coalesce(jsonb_object_agg(operator.key, case when jsonb_typeof(operator.value) <> 'object' then operator.value else (
           select coalesce(jsonb_object_agg(key.key, iasql.canonical_list(key.value)), '{}') from jsonb_each(operator.value) key) end), '{}')
  from   jsonb_each(condition) operator)
end;
comment on function iasql.canonical_condition is 'The conditions of a statement, with all their values as canonical lists.';

create function iasql.canonical_statement(statement jsonb) returns jsonb
language sql immutable parallel safe
return case when jsonb_typeof(statement) <> 'object' then statement else (
  select coalesce(jsonb_object_agg(element.key, case
           when element.key in ('Action', 'NotAction', 'Resource', 'NotResource') then iasql.canonical_list(element.value)
           when element.key in ('Principal', 'NotPrincipal') then iasql.canonical_principal(element.value)
           when element.key = 'Condition' then iasql.canonical_condition(element.value)
           else element.value end), '{}')
  from   jsonb_each(statement) element
  where  not (element.key = 'Sid' and element.value = '""'))
end;
comment on function iasql.canonical_statement is 'One statement of a policy in its canonical spelling.';

-- The order of the statements stays, for it is the reader's, and AWS keeps it.
create function iasql.canonical_policy(policy jsonb) returns jsonb
language sql immutable parallel safe
return case
  when jsonb_typeof(policy) <> 'object' then policy
  else '{"Version": "2008-10-17"}' || case when policy -> 'Id' = '""' then policy - 'Id' else policy end
    || case when policy ? 'Statement' then jsonb_build_object('Statement', (
         select coalesce(jsonb_agg(iasql.canonical_statement(statement.value) order by statement.ordinality), '[]')
         from   jsonb_array_elements(case jsonb_typeof(policy -> 'Statement') when 'array' then policy -> 'Statement' else jsonb_build_array(policy -> 'Statement') end)
                with ordinality statement)) else '{}' end
end;
comment on function iasql.canonical_policy is 'The one spelling of a policy that all policies of the same meaning share. The engine spells what it reads in the same way.';

-- create trigger spell_policy before insert or update on iam.policy for each row execute function iasql.spell_policy('policy_document');
create function iasql.spell_policy() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  field text;
begin
  foreach field in array tg_argv loop
    new := jsonb_populate_record(new, jsonb_build_object(field, iasql.canonical_policy(to_jsonb(new) -> field)));
  end loop;
  return new;
end
$$;
comment on function iasql.spell_policy is 'Keeps the policies in the columns that are named in their canonical spelling: a trigger.';
