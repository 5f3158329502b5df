insert into public.rows (number)
values ($1)
returning
    number,
    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint as line,
    host(inet_server_addr()) || ':' || inet_server_port() as server,
    (extract(epoch from clock_timestamp()) * 1000000)::bigint as served
