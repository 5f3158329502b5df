#!/usr/bin/env bash
# Installs what is missing on Debian 12 for building, testing and running iasql on this machine: a C compiler, make, Debian's PostgreSQL server and
# psql, and a Python environment with the local cloud. With `tests` also what only the tests need, with `bench` what the gateway is measured beside.
# Changes nothing where all is there; starts no server and touches no existing PostgreSQL cluster.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1-}

say() { printf 'install: %s\n' "$*" >&2; }
give_up() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null; }

has_postgres() {
  local server
  for server in /usr/lib/postgresql/*/bin/postgres; do
    [[ -x $server && $(cut -d/ -f5 <<<"$server") -ge 15 ]] && return
  done
  return 1
}

# Debian's own first: it can be run by every user, which one in somebody's home can't
python() {
  local candidate
  for candidate in /usr/bin/python3 "$(command -v python3 || true)"; do
    if [[ -x $candidate ]] && "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

missing_packages() {
  has cc || echo gcc libc6-dev
  has make || echo make
  has curl || echo curl
  has_postgres || echo postgresql-15
  has psql || echo postgresql-client-15
  has_venv || python >/dev/null || echo python3-venv
  # docker-compose.yml is checked by whoever knows how: no Docker is needed for that
  [[ $what != tests ]] || has docker-compose || docker compose version >/dev/null 2>&1 || echo docker-compose
  # the DNS server of its profile `gateway`
  [[ $what != tests ]] || has dnsmasq || [[ -x /usr/sbin/dnsmasq ]] || echo dnsmasq-base
  [[ $what != tests ]] || has npm || echo nodejs npm
  # backups of clusters
  [[ $what != tests ]] || has pgbackrest || echo pgbackrest
  # jobs of clusters
  [[ $what != tests ]] || [[ -e /usr/lib/postgresql/15/lib/pg_cron.so || ! -x /usr/lib/postgresql/15/bin/postgres ]] || echo postgresql-15-cron
  # Let's Encrypt's own server for tests: from it the gateway orders certificates
  [[ $what != tests ]] || has pebble || echo pebble
  # an engine for the tests of machines as containers, which only root runs; and what their images are made of
  [[ $what != tests || $EUID -ne 0 ]] || has dockerd || echo docker.io
  [[ $what != tests || $EUID -ne 0 ]] || [[ -x /bin/busybox || -x /usr/bin/busybox ]] || echo busybox-static
  [[ $what != bench ]] || [[ -x /usr/sbin/pgbouncer ]] || echo pgbouncer
}

as_root() {
  if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local by_hand="apt-get install $*"
  has apt-get || give_up "this is not Debian: install by other means what Debian calls $* (PostgreSQL's programs are looked for in /usr/lib/postgresql/<version>/bin)"
  if [[ $EUID -ne 0 ]]; then
    has sudo || give_up "missing: $*. You are not root and there is no sudo: let root run \`$by_hand\`, then try again"
    sudo -n true 2>/dev/null || [[ -t 0 ]] || give_up "missing: $*. sudo wants a password and nobody can type one here: run \`sudo $by_hand\`, then try again"
  fi
  say "installing Debian's $*"
  # a server package makes and starts a cluster of its own where none is; nobody asked for that
  local quiet=/etc/postgresql-common/createcluster.d/iasql-install.conf
  as_root mkdir -p "${quiet%/*}"
  as_root sh -c "echo 'create_main_cluster = false' >$quiet"
  # nor does any of them start its service (Debian Policy 9.3.3); where somebody has said already what may start, that stays
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
  fi
  local log
  log=$(mktemp)
  if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    as_root rm -f "$quiet"
    tail -n 5 "$log" >&2
    give_up "apt-get could not install $* (all it said is in $log): is there a network? Run \`$by_hand\` by hand, then try again"
  fi
  as_root rm -f "$quiet"
  rm -f "$log"
}

venv=.iasql/venv
has_venv() {
  cmp -s scripts/requirements.txt "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null
}

install_venv() {
  local python log
  python=$(python) || give_up "no python3 with venv was found: run \`apt-get install python3-venv\`, then try again"
  mkdir -p .iasql
  [[ -w .iasql ]] || give_up "$PWD/.iasql belongs to another user: run this as them, or remove the folder"
  say "installing the local cloud into $venv"
  log=$(mktemp)
  rm -rf "$venv"
  if ! { "$python" -m venv "$venv" && "$venv/bin/python" -m pip install --disable-pip-version-check --requirement scripts/requirements.txt; } </dev/null >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    give_up "pip could not install scripts/requirements.txt (all it said is in $log): is there a network? Then try again"
  fi
  # last: only what is whole has it
  cp scripts/requirements.txt "$venv/requirements.txt"
  rm -f "$log"
}

# A folder of ours that Node.js runs, with its packages: scripts/$1 in .iasql/$1. The last file to come says that all is there.
has_node_folder() {
  wanted_of "scripts/$1" | cmp -s - ".iasql/$1/installed"
}

wanted_of() {
  # scripts too: what is installed is what an older version of them was copied from
  find "$1" -maxdepth 1 \( -name package-lock.json -o -name requirements.txt -o -name '*.mjs' \) | LC_ALL=C sort | xargs cat 2>/dev/null || true
}

install_node_folder() {
  local folder=.iasql/$1 log
  say "installing $2 into $folder"
  log=$(mktemp)
  rm -rf "$folder"
  mkdir -p .iasql
  cp -r "scripts/$1" "$folder"
  if ! { (cd "$folder" && npm ci) && install_python_beside "$folder"; } </dev/null >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -rf "$folder"
    say "scripts/$1 could not be installed (all that was said is in $log): is there a network?"
    return 1
  fi
  wanted_of "scripts/$1" >"$folder/installed"
  rm -f "$log"
}

install_python_beside() {
  [[ ! -f $1/requirements.txt ]] ||
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --target "$1/python" --requirement "$1/requirements.txt"
}

has cargo || give_up "Rust is missing: install it with rustup (1.95 or newer), open a new shell, then try again"
read -ra packages <<<"$(missing_packages | xargs)"
[[ ${#packages[@]} -eq 0 ]] || install_packages "${packages[@]}"
has_venv || install_venv
# what a browser has saved is opened by PGlite itself, under Node.js: only for uploads to a gateway, so nothing is installed for that alone
! has npm || has_node_folder pglite || install_node_folder pglite PGlite || say "the gateway refuses PGlite's tarballs until it is there"
# psycopg, SQLAlchemy and node-postgres: the tests send them through the gateway
[[ $what != tests ]] || has_node_folder clients || install_node_folder clients "clients of other languages"
