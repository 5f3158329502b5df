-- Whether a standby has replayed all that was laid before it: only then does it wait.
select exists (
  select
  from pg_catalog.pg_stat_activity as a
  where a.backend_type = 'startup' and a.wait_event = 'RecoveryRetrieveRetryInterval'
)
