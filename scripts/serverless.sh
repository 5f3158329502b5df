#!/usr/bin/env bash
# A row becomes a database that sleeps, on this machine and without an account: a bucket of the local S3, a machine that is a process, a name at a gateway.
# It shows that the machine stops by itself, that the next call starts it, and that the rows are there when its disk is lost. Nothing is left running.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${1:-.iasql/serverless}
source scripts/with_machines.sh

shop() { PGPASSWORD='correct horse' sql --dbname "host=shop.db.localhost hostaddr=127.0.0.1 port=$port user=shop dbname=shop sslmode=verify-full sslrootcert=$authority" "$@"; }
machine() { curl --silent --fail --header "Authorization: Bearer $FLY_API_TOKEN" "$FLY_FLAPS_BASE_URL/v1/apps/shop-here/machines" | "$python" -c 'import json, sys; print(json.load(sys.stdin)[0]["state"])'; }
until_stopped() { until [[ $(machine) == stopped ]]; do sleep 0.1; done; }
processes() { pgrep --count --full "$files/m/.*/data/instance" || :; }

step "iasql machines, iasql up, iasql gateway: machines, the engine with a local cloud, and the door"
begin_with serverless
ready "$dir/gateway.log" gateway --dir "$dir" --home "$files/gateway" --listen 127.0.0.1:0
port=$(said "$dir/gateway.log" port)
authority=$(said "$dir/gateway.log" authority)
warm_up

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
