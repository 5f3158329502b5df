#!/usr/bin/env bash
# A row becomes a database that sleeps, on this machine and without an account: a bucket of the local S3, a machine that is a process, a name at a gateway.
# It shows that the machine stops by itself, that the next call starts it, and that the rows are there when its disk is lost. Nothing is left running.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${1:-.iasql/serverless}
iasql=$(realpath "${CARGO_TARGET_DIR:-target}/${PROFILE:-debug}/iasql")
python=.iasql/venv/bin/python
# users of databases and machines get there, and sockets' paths stay short
files=$(mktemp --directory /tmp/iasql-s-XXXXXX)
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
give_up() { printf 'serverless: %s\n' "$*" >&2; exit 1; }

started=()
finish() {
  local status=$? pid
  if [[ $status -ne 0 ]]; then
    tail -n 5 "$dir"/*.err "$files"/m/machines/*/log* >&2 2>/dev/null || :
  fi
  for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null && timeout 60 tail --pid="$pid" -f /dev/null || :; done
  scripts/stop.sh --quiet --dir "$dir" || :
  rm -rf "$files"
}
trap finish EXIT

# runs something beside, and waits for the line with which it says that it is ready
ready() {
  local log=$1
  shift
  setsid "$iasql" "$@" --json </dev/null >"$log" 2>"$log.err" &
  started+=($!)
  until grep -qs '"ready"\|"http"' "$log"; do
    kill -0 "${started[-1]}" 2>/dev/null || give_up "iasql $1 ended: $(tail -n 3 "$log.err")"
    sleep 0.02
  done
}
# one value of what something said when it was ready
said() { "$python" -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())[sys.argv[2]])' "$1" "$2"; }
running() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$dir/running.json" "$1"; }
sql() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 "$@"; }
shop() { PGPASSWORD='correct horse' sql --dbname "host=shop.db.localhost hostaddr=127.0.0.1 port=$port user=shop dbname=shop sslmode=verify-full sslrootcert=$authority" "$@"; }
now() { date +%s%3N; }
machine() { curl --silent --fail --header "Authorization: Bearer $FLY_API_TOKEN" "$FLY_FLAPS_BASE_URL/v1/apps/shop-here/machines" | "$python" -c 'import json, sys; print(json.load(sys.stdin)[0]["state"])'; }
until_stopped() { until [[ $(machine) == stopped ]]; do sleep 0.1; done; }
processes() { pgrep --count --full "$files/m/.*/data/instance" || :; }

scripts/stop.sh --quiet --dir "$dir"
rm -rf "$dir"
mkdir -p "$dir"

step "iasql machines, iasql up, iasql gateway: machines, the engine with a local cloud, and the door"
ready "$dir/machines.log" machines --listen 127.0.0.1:0 --home "$files/m" --images images --stop-machines
FLY_FLAPS_BASE_URL=$(said "$dir/machines.log" http)
export FLY_FLAPS_BASE_URL
setsid "$iasql" up --dir "$dir" --listen 127.0.0.1:0 </dev/null >"$dir/up.log" 2>&1 &
up=$!
until [[ -s $dir/running.json ]]; do
  kill -0 "$up" 2>/dev/null || give_up "iasql up ended: $(tail -n 3 "$dir/up.log")"
  sleep 0.02
done
"$iasql" setup shop --dir "$dir" --modules serverless >"$dir/setup.log" 2>&1 || give_up "$(cat "$dir/setup.log")"
ready "$dir/gateway.log" gateway --dir "$dir" --home "$files/gateway" --listen 127.0.0.1:0
port=$(said "$dir/gateway.log" port)
authority=$(said "$dir/gateway.log" authority)
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

step "insert into serverless.database, and call iasql.check()"
sql --set endpoint="$(running endpoint)" <<'END'
insert into serverless.database (name, role, app, idle_seconds, password, endpoint, access_key_id, secret_access_key)
values ('shop', 'shop', 'shop-here', 1, 'correct horse', :'endpoint', 'test', 'test');
END
began=$(now)
sql --command 'call iasql.check()' 2>/dev/null
checked=$(now)
shop --command 'select 1' >/dev/null
printf '  %s ms until the check was done, %s ms more until the first query was answered\n' $((checked - began)) $(($(now) - checked))
sql --command "select '  ' || host || ': machine ' || app || ', bucket ' || bucket from serverless.database"

step "a million rows, and everybody leaves"
shop --command 'create table t as select generate_series(1, 1000000) as n' --command "select '  ' || count(*) || ' rows' from t"
until_stopped
printf '  the machine is %s, and %s processes of it run\n' "$(machine)" "$(processes)"

step "somebody calls again"
began=$(now)
shop --command "select '  ' || count(*) || ' rows' from t"
printf '  %s ms from the call to its answer\n' $(($(now) - began))
until_stopped

step "its disk is lost, and somebody calls again"
rm -rf "$files"/m/volumes/*/data/instance
shop --command "select '  ' || count(*) || ' rows, the sum of which is ' || sum(n) from t"
until_stopped
