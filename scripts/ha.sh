#!/usr/bin/env bash
# A row becomes a highly available cluster, on this machine and without an account: machines that are processes, a bucket of the local S3, an engine that leads.
# It shows a write through the pooler with sslmode=verify-full, the primary's server killed, and a write again. Nothing is left running.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${1:-.iasql/ha}
services=127.0.0.3
source scripts/with_machines.sh

# through the pooler, as a client elsewhere would come
shop() { PGPASSWORD='correct horse' sql --dbname "host=shop-here.fly.dev hostaddr=$services port=6432 user=pooler dbname=main sslmode=verify-full sslrootcert=$dir/authority.crt" "$@"; }
column() { sql --command "select $1 from observed.postgres_cluster"; }

step "iasql machines and iasql up: machines, and the engine with a local cloud"
begin_with postgres --services "$services"
warm_up

step "insert into postgres.cluster, and call iasql.check()"
sql --set endpoint="$(running endpoint)" <<'END'
insert into postgres.cluster (name, app, standbys, password, endpoint, access_key_id, secret_access_key)
values ('shop', 'shop-here', 2, 'correct horse', :'endpoint', 'test', 'test');
END
began=$(now)
sql --command 'call iasql.check()' 2>"$dir/check.err" &
checking=$!
# the first write is tried again and again while members come
until sql --command 'select authority from postgres.cluster where authority is not null' >"$dir/authority.crt" && [[ -s $dir/authority.crt ]] &&
  shop --command 'create table if not exists t (n integer primary key)' --command 'insert into t values (1) on conflict do nothing' 2>/dev/null; do
  (($(now) - began < 120000)) || give_up "nobody takes a write"
done
written=$(now)
wait "$checking" || give_up "$(tail -n 5 "$dir/check.err")"
printf '  %s ms until a write was done, %s ms until the pooler and all three members were there, with all that the primary has\n' $((written - began)) $(($(now) - began))
sql --command "select '  ' || host || ': ' || status || ', member ' || primary_member || ' leads in term ' || term from postgres.cluster"

step "kill -9 of the primary's server"
leads=$(column primary_member)
pid=''
for found in "$files"/m/volumes/*/data/member/data/postmaster.pid; do
  # who leads has no standby.signal beside it
  [[ -e ${found%/*}/standby.signal ]] || pid=$(head -n 1 "$found")
done
[[ -n $pid ]] || give_up "no server of a member was found"
began=$(now)
kill -9 "$pid"
until shop --command 'insert into t values (2) on conflict do nothing' 2>/dev/null; do :; done
printf '  %s ms from the kill to the next write\n' $(($(now) - began))
# a session finds what it has written itself; another one may read at a standby that is a moment behind
shop --command 'insert into t values (3)' --command "select '  rows: ' || string_agg(n::text, ' ' order by n) from t"
sql --command 'call iasql.check()' 2>/dev/null
sql --command "select '  ' || status || ', member ' || primary_member || ' leads in term ' || term from postgres.cluster"
[[ $(column primary_member) != "$leads" ]] || printf '  (the same one leads again)\n'

step "delete from postgres.cluster"
sql --command "select iasql.set('max_deletes_percent', '100')" >/dev/null
sql --command 'delete from postgres.cluster'
began=$(now)
sql --command 'call iasql.check()' 2>"$dir/check.err" || give_up "$(tail -n 5 "$dir/check.err")"
printf '  gone after %s ms; the bucket is there: %s\n' $(($(now) - began)) "$(sql --command 'select name from tigris.bucket')"
