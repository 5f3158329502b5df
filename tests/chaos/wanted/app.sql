select 'bucket ' || name from s3.bucket where not reference_only
union all
select 'role ' || name || ' ' || coalesce(description, '-') from iam.role where not reference_only
union all
select 'secret ' || name from secretsmanager.secret where not reference_only
