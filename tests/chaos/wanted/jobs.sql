select 'queue ' || name || ' ' || coalesce(visibility_timeout, 30) from sqs.queue where not reference_only
union all
select 'topic ' || name from sns.topic where not reference_only
