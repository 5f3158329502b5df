# Writes rows through the door $1 again and again, whoever leads, for as long as the file $3 is there. Each row that was acknowledged is a line of the file $2.
while [ -e "$3" ]; do
    psql -XqAt -F ' ' -v ON_ERROR_STOP=1 "$1" >>"$2" 2>/dev/null <<SQL
insert into public.rows (number)
values (-(extract(epoch from clock_timestamp()) * 10000000)::bigint - $4)
returning number, ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint,
    host(inet_server_addr()) || ':' || inet_server_port(), (extract(epoch from clock_timestamp()) * 1000000)::bigint
\watch 0.03
SQL
    sleep 0.1
done
