# Runs a PostgreSQL of its own in the folder $1, with the programs in $2, until standard input closes; then nothing is left of it.
cd "$1" || exit 1
"$2/initdb" -D data -A trust -U postgres -N --locale=C.UTF-8 >log 2>&1 || exit 1
"$2/postgres" -D data -k "$1" -c listen_addresses= -c fsync=off -c max_connections=200 -c shared_buffers=16MB >>log 2>&1 &
until [ "$(sed -n '8s/ *$//p' data/postmaster.pid 2>/dev/null)" = ready ]; do
    kill -0 $! || exit 1
    sleep 0.05
done
echo ready
cat >/dev/null
kill -QUIT $!
wait
rm -rf "$1"
