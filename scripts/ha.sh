#!/usr/bin/env bash
# A row becomes a highly available cluster, on this machine and without an account: machines that are processes, a bucket of the local S3, an engine that leads.
# It shows a write through the pooler with sslmode=verify-full, the primary's server killed, and a write again. Nothing is left running.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${1:-.iasql/ha}
iasql=$(realpath "${CARGO_TARGET_DIR:-target}/${PROFILE:-debug}/iasql")
python=.iasql/venv/bin/python
services=127.0.0.3
# users of machines get there, and sockets' paths stay short
files=$(mktemp --directory /tmp/iasql-h-XXXXXX)
chmod 711 "$files"
export FLY_API_TOKEN
FLY_API_TOKEN=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

bold=''
plain=''
if [[ -t 1 ]]; then
  bold=$'\e[1m'
  plain=$'\e[0m'
fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
give_up() { printf 'ha: %s\n' "$*" >&2; exit 1; }

machines=''
finish() {
  local status=$?
  if [[ $status -ne 0 ]]; then
    tail -n 5 "$dir"/*.err "$dir/up.log" "$files"/m/machines/*/log* >&2 2>/dev/null || :
  fi
  scripts/stop.sh --quiet --dir "$dir" || :
  [[ -z $machines ]] || { kill -TERM "$machines" 2>/dev/null && timeout 60 tail --pid="$machines" -f /dev/null || :; }
  rm -rf "$files"
}
trap finish EXIT

said() { "$python" -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())[sys.argv[2]])' "$1" "$2"; }
running() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$dir/running.json" "$1"; }
sql() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 "$@"; }
# through the pooler, as a client elsewhere would come
shop() { PGPASSWORD='correct horse' sql --dbname "host=shop-here.fly.dev hostaddr=$services port=6432 user=pooler dbname=main sslmode=verify-full sslrootcert=$dir/authority.crt" "$@"; }
now() { date +%s%3N; }
column() { sql --command "select $1 from observed.postgres_cluster"; }

scripts/stop.sh --quiet --dir "$dir"
rm -rf "$dir"
mkdir -p "$dir"

step "iasql machines and iasql up: machines, and the engine with a local cloud"
setsid "$iasql" machines --listen 127.0.0.1:0 --home "$files/m" --images images --services "$services" --stop-machines --json </dev/null >"$dir/machines.log" 2>"$dir/machines.err" &
machines=$!
until grep -qs '"http"' "$dir/machines.log"; do
  kill -0 "$machines" 2>/dev/null || give_up "iasql machines ended: $(tail -n 3 "$dir/machines.err")"
  sleep 0.02
done
FLY_FLAPS_BASE_URL=$(said "$dir/machines.log" http)
export FLY_FLAPS_BASE_URL
setsid "$iasql" up --dir "$dir" --listen 127.0.0.1:0 </dev/null >"$dir/up.log" 2>&1 &
up=$!
until [[ -s $dir/running.json ]]; do
  kill -0 "$up" 2>/dev/null || give_up "iasql up ended: $(tail -n 3 "$dir/up.log")"
  sleep 0.02
done
"$iasql" setup shop --dir "$dir" --modules postgres >"$dir/setup.log" 2>&1 || give_up "$(cat "$dir/setup.log")"
PGPORT=$(running metadata_url | sed -E 's#.*:([0-9]+)/.*#\1#')
export PGPASSFILE=$dir/pgpass PGHOST=127.0.0.1 PGPORT PGUSER=shop PGDATABASE=shop

# the local cloud loads what it needs when it is first asked for it, which would be most of what is measured
"$python" - "$(running endpoint)" <<'END'
import sys, boto3
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
s3.list_buckets()
s3.create_bucket(Bucket="warm")
s3.put_object(Bucket="warm", Key="warm", Body=b"")
s3.delete_object(Bucket="warm", Key="warm")
s3.delete_bucket(Bucket="warm")
END

# the engine listens to a database that was just set up within five seconds, which would be most of it, too
sql --command 'call iasql.check()' 2>/dev/null

step "insert into postgres.cluster, and call iasql.check()"
sql --set endpoint="$(running endpoint)" <<'END'
insert into postgres.cluster (name, app, standbys, password, endpoint, access_key_id, secret_access_key)
values ('shop', 'shop-here', 2, 'correct horse', :'endpoint', 'test', 'test');
END
began=$(now)
sql --command 'call iasql.check()' 2>"$dir/check.err" || give_up "$(tail -n 5 "$dir/check.err")"
checked=$(now)
sql --command 'select authority from postgres.cluster' >"$dir/authority.crt"
shop --command 'create table t (n integer primary key)' --command 'insert into t values (1)'
printf '  %s ms until three members and a pooler were there, %s ms more until a write was done\n' $((checked - began)) $(($(now) - checked))
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
shop --command "select '  rows: ' || string_agg(n::text, ' ' order by n) from t"
sql --command 'call iasql.check()' 2>/dev/null
sql --command "select '  ' || status || ', member ' || primary_member || ' leads in term ' || term from postgres.cluster"
[[ $(column primary_member) != "$leads" ]] || printf '  (the same one leads again)\n'

step "delete from postgres.cluster"
sql --command "select iasql.set('max_deletes_percent', '100')" >/dev/null
sql --command 'delete from postgres.cluster'
began=$(now)
sql --command 'call iasql.check()' 2>"$dir/check.err" || give_up "$(tail -n 5 "$dir/check.err")"
printf '  gone after %s ms; the bucket is there: %s\n' $(($(now) - began)) "$(sql --command 'select name from tigris.bucket')"
