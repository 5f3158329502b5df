#!/usr/bin/env bash
# iasql on iasql: the engine describes, makes and keeps its own infrastructure, with nothing but rows.
#
#   ./iasql-on-iasql.sh                  on this machine, against a local cloud; needs no account
#   ./iasql-on-iasql.sh --cloud aws      a real deployment, with the AWS credentials of this shell
#   ./iasql-on-iasql.sh --domain iasql.example.com   with a hosted zone, a certificate and HTTPS
#   ./iasql-on-iasql.sh --stop           ends what an earlier run left running here (the rows and the real cloud stay)
#
# It asks for a database `core` with the blueprint `iasql_engine` (/setup/core), has the rows carried out (/check/core), prints every
# resource that there is then, and runs the script that builds and pushes the image (/genBuildAndPush). A second run finds everything done.
set -euo pipefail
cd "$(dirname "$0")"

dir=${IASQL_CORE_DIR:-.iasql/core}
iasql=${IASQL_BINARY:-${CARGO_TARGET_DIR:-target}/debug/iasql}
python=${IASQL_VENV:-.iasql/venv}/bin/python
cloud=local
domain=''

bold='' plain=''
if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
give_up() { printf 'iasql-on-iasql: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,/^set /p' "$0" | sed -n 's/^# \{0,1\}//p'; }

while [[ $# -gt 0 ]]; do
  case $1 in
    --cloud) cloud=${2-}; shift 2 || give_up "--cloud wants local or aws" ;;
    --domain) domain=${2-}; shift 2 || give_up "--domain wants a name, as in iasql.example.com" ;;
    --stop) scripts/stop.sh --dir "$dir"; exit ;;
    -h | --help) usage; exit ;;
    *) give_up "there is no option $1 (--help lists them)" ;;
  esac
done
[[ $cloud == local || $cloud == aws ]] || give_up "--cloud wants local or aws, and not ${cloud:-nothing}"

# one value of what `iasql up` tells about itself
running() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$dir/running.json" "$1"; }

ask() {
  local answer status method=$1 path=$2
  answer=$(mktemp)
  status=$(curl --silent --show-error --output "$answer" --write-out '%{http_code}' --max-time 3600 \
    --request "$method" --header "Authorization: Bearer $(cat "$dir/token")" "$(running http)$path") || { rm -f "$answer"; give_up "$method $path: no answer"; }
  if [[ $status -ge 300 ]]; then
    cat "$answer" >&2
    rm -f "$answer"
    give_up "$method $path: HTTP $status"
  fi
  cat "$answer"
  rm -f "$answer"
}

start() {
  if [[ -s $dir/running.json ]] && kill -0 "$(running pid)" 2>/dev/null; then
    echo "iasql runs already, at $(running http)"
    return
  fi
  # a local cloud forgets everything when it ends, so rows about an earlier one are no use
  [[ $cloud == aws ]] || rm -rf "$dir"
  mkdir -p "$dir"
  setsid "$iasql" up --dir "$dir" --cloud "$cloud" --listen 127.0.0.1:0 --patience 3600 </dev/null >"$dir/up.log" 2>&1 &
  local up=$!
  until [[ -s $dir/running.json ]]; do
    kill -0 "$up" 2>/dev/null || give_up "iasql up ended: $(tail -n 3 "$dir/up.log")"
    sleep 0.05
  done
  cat "$dir/up.log"
}

parameters() {
  "$python" -c 'import json, sys, urllib.parse as u; print(u.quote(json.dumps({"domain": sys.argv[1]} if sys.argv[1] else {})))' "$domain"
}

step "What this needs on this machine"
scripts/install.sh
[[ -n ${IASQL_BINARY:-} ]] || cargo build --locked --quiet --bin iasql
[[ -x $iasql ]] || give_up "there is no $iasql: cargo build makes it"
command -v curl >/dev/null || give_up "curl is missing: apt-get install curl"
echo "all there"

step "iasql up: PostgreSQL, the engine and $([[ $cloud == local ]] && echo 'a local cloud' || echo "your AWS account")"
start

step "POST /setup/core?blueprint=iasql_engine: one blueprint expands into rows"
ask POST "/setup/core?blueprint=iasql_engine&parameters=$(parameters)" >"$dir/setup.json"
"$python" scripts/on_iasql_look.py setup "$dir/setup.json"

step "POST /check/core: the rows become real"
ask POST /check/core >"$dir/check.json"
"$python" scripts/on_iasql_look.py check "$dir/check.json" || give_up "the check left something undone"

step "Every resource that is ours now"
# in the environment, for a command line can be read by others; and nothing in public is taken for ours
server() {
  "$python" -c 'import shlex, sys, urllib.parse as u
url = u.urlsplit(sys.argv[1])
for name, value in [("PGHOST", url.hostname), ("PGPORT", url.port), ("PGUSER", url.username), ("PGPASSWORD", url.password)]:
    print(f"export {name}={shlex.quote(str(value))}")' "$(running metadata_url)"
}
(
  eval "$(server)"
  export PGDATABASE=core PGOPTIONS='-c search_path=pg_catalog -c default_transaction_read_only=on'
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file scripts/on_iasql_resources.sql
)

step "POST /genBuildAndPush: the script that builds the image and pushes it to the repository of the rows"
ask POST '/genBuildAndPush?db=core' >"$dir/build-and-push.sh"
chmod +x "$dir/build-and-push.sh"
IASQL_BINARY=$iasql IASQL_IMAGE_DIR=$dir/image IASQL_LOCAL=$([[ $cloud == local ]] && echo 1 || true) "$dir/build-and-push.sh"

cat <<END

Done. Everything still runs: $(running http). Break something and run this again; it repairs just that.
End it with: ${bold}./iasql-on-iasql.sh --stop$plain
END
