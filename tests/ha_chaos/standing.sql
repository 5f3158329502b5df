select
    pg_is_in_recovery() as follows,
    -- one that follows has a timeline only while it receives
    case
        when pg_is_in_recovery() then (select r.received_tli::bigint from pg_stat_wal_receiver as r where r.status = 'streaming')
        else ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
    end as line
