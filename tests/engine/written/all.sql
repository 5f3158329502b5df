-- All rows but their numbers, and secrets but for their being there.
select t || ': ' || (r - '{row_id,user_data,user_data_version,value_version}'::text[] - case when t = 'secretsmanager.secret' then 'value' else '' end)::text
from   (
  select 'ec2.vpc' as t, to_jsonb(x.*) as r from ec2.vpc x
  union all
  select 'ec2.subnet' as t, to_jsonb(x.*) as r from ec2.subnet x
  union all
  select 'ec2.security_group' as t, to_jsonb(x.*) as r from ec2.security_group x
  union all
  select 'ec2.security_group_rule' as t, to_jsonb(x.*) as r from ec2.security_group_rule x
  union all
  select 'ec2.instance' as t, to_jsonb(x.*) as r from ec2.instance x
  union all
  select 'ec2.instance_security_group' as t, to_jsonb(x.*) as r from ec2.instance_security_group x
  union all
  select 's3.bucket' as t, to_jsonb(x.*) as r from s3.bucket x
  union all
  select 's3.bucket_policy' as t, to_jsonb(x.*) as r from s3.bucket_policy x
  union all
  select 'secretsmanager.secret' as t, to_jsonb(x.*) as r from secretsmanager.secret x
  union all
  select 'rds.db_parameter_group' as t, to_jsonb(x.*) as r from rds.db_parameter_group x
  union all
  select 'rds.db_parameter_group_parameter' as t, to_jsonb(x.*) as r from rds.db_parameter_group_parameter x
) a
order  by 1
