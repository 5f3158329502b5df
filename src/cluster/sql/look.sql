select
  pg_catalog.pg_is_in_recovery() as follows,
  (select c.timeline_id::bigint from pg_catalog.pg_control_checkpoint() as c) as checkpoint_timeline,
  case
    when pg_catalog.pg_is_in_recovery() then null
    else ('x' || left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::bigint
  end as timeline,
  (
    case
      -- what it was sent may be written further than it counts, and what it was salvaged is only replayed
      when pg_catalog.pg_is_in_recovery() then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
      else pg_catalog.pg_current_wal_flush_lsn()
    end - '0/0'::pg_lsn
  )::bigint as received,
  (
    case
      when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
      else pg_catalog.pg_current_wal_flush_lsn()
    end - '0/0'::pg_lsn
  )::bigint as replayed,
  exists (select from pg_catalog.pg_stat_activity as a where a.backend_type = 'walreceiver') as receives,
  -- it has read all that there is, and waits
  exists (
    select
    from pg_catalog.pg_stat_activity as a
    where a.backend_type = 'startup' and a.wait_event = 'RecoveryRetrieveRetryInterval'
  ) as idle,
  -- a setting was changed that only a restart brings about
  exists (select from pg_catalog.pg_settings as s where s.pending_restart) as outdated
