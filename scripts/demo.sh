#!/usr/bin/env bash
# One round of the loop, on this machine and without an account: insert, plan, apply, look, drift, repair.
# It leaves everything running in .iasql/demo, so that one can go on with psql; `make stop` ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=.iasql/demo
iasql=${CARGO_TARGET_DIR:-target}/debug/iasql
python=.iasql/venv/bin/python

bold=''
plain=''
if [[ -t 1 ]]; then
  bold=$'\e[1m'
  plain=$'\e[0m'
fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
give_up() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# each demo begins with an empty cloud and an empty server; what a former one left running is ended first
fresh() {
  local others
  others=$(cut -d : -f 3 "$dir/pgpass" 2>/dev/null | grep -vx demo | sort -u | paste -sd ' ' || true)
  if [[ -n $others && -z ${FRESH:-} ]]; then
    give_up "it begins anew, and $PWD/$dir has databases of yours: $others. FRESH=1 make demo removes them; $iasql up --dir $dir runs them again"
  fi
  scripts/stop.sh --quiet
  rm -rf "$dir" 2>/dev/null || give_up "$PWD/$dir belongs to another user: run this as them, or remove the folder"
  mkdir -p "$dir"
}

start() {
  setsid "$iasql" up --dir "$dir" --listen 127.0.0.1:0 </dev/null >"$dir/up.log" 2>&1 &
  local up=$!
  until [[ -s $dir/running.json ]]; do
    kill -0 "$up" 2>/dev/null || give_up "iasql up ended: $(tail -n 3 "$dir/up.log")"
    sleep 0.05
  done
  cat "$dir/up.log"
}

# one value of what `iasql up` tells about itself
running() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$dir/running.json" "$1"; }

sql() { psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 "$@"; }

look() {
  AWS_ENDPOINT_URL=$(running endpoint) AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 \
    "$python" scripts/demo_look.py "$@"
}

fresh

step "iasql up: PostgreSQL, a local cloud and the engine, all in $dir"
start

step "iasql setup demo: a database with the tables of four services"
"$iasql" setup demo --dir "$dir" --modules ec2,s3,secretsmanager,rds >"$dir/setup.log" 2>&1 || give_up "$(cat "$dir/setup.log")"
PGPORT=$(running metadata_url | sed -E 's#.*:([0-9]+)/.*#\1#')
export PGPASSFILE=$dir/pgpass PGHOST=127.0.0.1 PGPORT PGUSER=demo PGDATABASE=demo
sql --command "select '  ' || name from iasql.module order by name"

step "psql -f scripts/demo.sql: a network, who may reach what, a bucket, a secret, a database server"
sql --file scripts/demo.sql

step "select iasql.diff();"
sql --command 'select iasql.diff()'

step "iasql check demo: carries it out"
"$iasql" check demo --dir "$dir"

step "What boto3 finds in the cloud now"
look

step "Somebody changes the cloud behind our back, with boto3"
look meddle

step "iasql plan demo: the drift"
"$iasql" plan demo --dir "$dir" && give_up "the plan does not show the drift" || [[ $? -eq 2 ]] || give_up "the plan could not be made"

step "call iasql.check(); repairs it, this time from psql"
sql --command 'call iasql.check()'
look

step "Port 22 was never ours, so it was only shown. With unknown_resources = delete the tables are the whole truth:"
sql --command "select from iasql.set('unknown_resources', 'delete')" --command 'call iasql.check()'
look

step "iasql plan demo: nothing is left"
"$iasql" plan demo --dir "$dir"

cat <<END

Everything still runs. Go on with:

  ${bold}PGPASSFILE=$PWD/$dir/pgpass psql -h 127.0.0.1 -p $PGPORT -U demo demo$plain

there for instance: update ec2.vpc set name = 'store'; select iasql.diff(); call iasql.check();
A database of your own, as the README has it (in this account, the demo's things are shown in its plan as unmanaged):

  ${bold}export PATH=$(realpath "$(dirname "$iasql")"):\$PATH IASQL_DIR=$PWD/$dir; iasql setup shop$plain

Stop it with: ${bold}make stop$plain
END
