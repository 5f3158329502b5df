-- For people: a policy pasted from anywhere, in the spelling that the tables keep.

create function iam.canonical_policy(policy text) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  read jsonb;
begin
  begin
    read := policy::jsonb;
  exception when invalid_text_representation then
    raise exception using errcode = 'invalid_parameter_value', message = 'this is no policy, for it is no JSON', detail = sqlerrm;
  end;
  if jsonb_typeof(read) <> 'object' or not read ? 'Statement' then
    raise exception using errcode = 'invalid_parameter_value', message = 'this is no policy, for it has no Statement',
      hint = 'A policy looks like {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}.';
  end if;
  return jsonb_pretty(iasql.canonical_policy(read));
end
$$;
comment on function iam.canonical_policy is 'A policy, given as text, in the one spelling that all policies of the same meaning share, and made easy to read. What is no policy is refused.';

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('iam');
