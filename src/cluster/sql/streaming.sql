select r.application_name from pg_catalog.pg_stat_replication as r where r.state = 'streaming' order by r.replay_lsn desc
