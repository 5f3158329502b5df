# Runs a primary a and two standbys b and c in the folder $1, with the programs in $2 and on the ports $3 to $5, until standard input closes; then nothing is
# left of it. A line of input is something to do, which is answered with a line: stop, kill, freeze, thaw and promote with a name, follow with two.
cd "$1" || exit 1
bin=$2
port_a=$3 port_b=$4 port_c=$5
port() { eval "echo \$port_$1"; }
pid() { head -1 "$1/postmaster.pid"; }
start() {
    "$bin/postgres" -D "$1" -k "$PWD" -p "$(port "$1")" >>log 2>&1 &
    until [ "$(sed -n '8s/ *$//p' "$1/postmaster.pid" 2>/dev/null)" = ready ]; do
        kill -0 $! || exit 1
        sleep 0.02
    done
}
sql() { "$bin/psql" -XqAt -h "$PWD" -p "$(port "$1")" -U postgres -d "${3:-postgres}" -c "$2" >>log 2>&1; }

"$bin/initdb" -D a -A trust -U postgres -N --locale=C.UTF-8 >log 2>&1 || exit 1
cat >>a/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
max_connections = 60
shared_buffers = 16MB
fsync = off
ssl = on
ssl_cert_file = '../shown.crt'
ssl_key_file = '../shown.key'
wal_retrieve_retry_interval = 100ms
max_standby_streaming_delay = 1s
CONF
cat >a/pg_hba.conf <<HBA
local all postgres trust
local replication postgres trust
hostssl all all 127.0.0.1/32 scram-sha-256
HBA
start a
for standby in b c; do
    "$bin/pg_basebackup" -h "$PWD" -p "$port_a" -U postgres -D $standby -R -c fast -X stream >>log 2>&1 || exit 1
    start $standby
done
echo ready
while read -r what name other; do
    case $what in
    stop) "$bin/pg_ctl" -D "$name" -w -m fast stop >>log 2>&1 ;;
    kill)
        # held first: a postmaster that sees its children die one by one has the others say goodbye
        kill -STOP "$(pid "$name")"
        all="$(cat "/proc/$(pid "$name")/task/$(pid "$name")/children") $(pid "$name")"
        kill -9 $all
        # one that is about to end may still be written to
        for one in $all; do
            while grep -q '^State:.[^ZX]' "/proc/$one/status" 2>/dev/null; do :; done
        done
        ;;
    freeze) kill -STOP $(cat "/proc/$(pid "$name")/task/$(pid "$name")/children") "$(pid "$name")" ;;
    thaw) kill -CONT $(cat "/proc/$(pid "$name")/task/$(pid "$name")/children") "$(pid "$name")" ;;
    promote) "$bin/pg_ctl" -D "$name" -w promote >>log 2>&1 ;;
    follow)
        sql "$name" "alter system set primary_conninfo = 'host=$PWD port=$(port "$other") user=postgres'"
        sql "$name" "select pg_reload_conf()"
        ;;
    esac
    echo "done"
done
for name in a b c; do
    kill -CONT $(cat "/proc/$(pid $name)/task/$(pid $name)/children") "$(pid $name)" 2>/dev/null
    kill -QUIT "$(pid $name)" 2>/dev/null
done
wait
rm -rf "$1"
