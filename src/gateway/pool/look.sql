-- What a member says of itself: whether it follows another one, how far it is, and the timeline that it writes.
select
    pg_catalog.pg_is_in_recovery(),
    case
        when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
        else pg_catalog.pg_current_wal_insert_lsn()
    end,
    case
        -- a standby's own is known to its receiver only
        when not pg_catalog.pg_is_in_recovery() then pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn())
    end
