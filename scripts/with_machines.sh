# What `make serverless` and `make ha` begin with, for them to read: an engine with a local cloud, machines that are processes, and a user's database with a module.
# They have said before: dir, where all of it is kept.

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
give_up() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; exit 1; }

started=()
finish() {
  local status=$? pid
  if [[ $status -ne 0 ]]; then
    tail -n 5 "$dir"/*.err "$dir/up.log" "$files"/m/machines/*/log* >&2 2>/dev/null || :
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
now() { date +%s%3N; }

# machines with these options, the engine, and the database shop with this module
begin_with() {
  local module=$1 up
  shift
  scripts/stop.sh --quiet --dir "$dir"
  rm -rf "$dir"
  mkdir -p "$dir"
  ready "$dir/machines.log" machines --listen 127.0.0.1:0 --home "$files/m" --images images --stop-machines "$@"
  FLY_FLAPS_BASE_URL=$(said "$dir/machines.log" http)
  export FLY_FLAPS_BASE_URL
  setsid "$iasql" up --dir "$dir" --listen 127.0.0.1:0 </dev/null >"$dir/up.log" 2>&1 &
  up=$!
  until [[ -s $dir/running.json ]]; do
    kill -0 "$up" 2>/dev/null || give_up "iasql up ended: $(tail -n 3 "$dir/up.log")"
    sleep 0.02
  done
  "$iasql" setup shop --dir "$dir" --modules "$module" >"$dir/setup.log" 2>&1 || give_up "$(cat "$dir/setup.log")"
  PGPORT=$(running metadata_url | sed -E 's#.*:([0-9]+)/.*#\1#')
  export PGPASSFILE=$dir/pgpass PGHOST=127.0.0.1 PGPORT PGUSER=shop PGDATABASE=shop
}

# what would be most of what is measured, and is no part of it
warm_up() {
  # the local cloud loads what it needs when it is first asked for it
  "$python" - "$(running endpoint)" <<'END'
import sys, boto3
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
s3.list_buckets()
s3.create_bucket(Bucket="warm")
s3.put_object(Bucket="warm", Key="warm", Body=b"")
s3.delete_object(Bucket="warm", Key="warm")
s3.delete_bucket(Bucket="warm")
END
  # the engine listens to a database that was just set up within five seconds
  sql --command 'call iasql.check()' 2>/dev/null
}
