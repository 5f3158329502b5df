#!/usr/bin/env bash
# Makes what the profile `ha` of docker-compose.yml is started with: the key from which all certificates of a cluster follow, the certificate by which
# clients believe it, and a password for them. For a try on one machine: elsewhere a row of postgres.cluster makes all of it.
#
#   ./setup_tls.dev.sh [FOLDER]     FOLDER is .iasql/tls where it is not said
#   docker compose --profile ha up
#
# FOLDER/cluster.key              the cluster's key, its one secret: certificates of members and pooler follow from it, and are made where they are used
# FOLDER/authority.crt            no secret: what clients say as sslrootcert
# FOLDER/client.crt, client.key   a certificate to log in with at members, as the role postgres, good for 30 days
# FOLDER/pooler.password          of the role pooler, and pooler.verifier is by what the pooler checks it
#
# A file that is there already stays, so it can be run again at any time; only the client's certificate is made anew. All but the authority's certificate are
# for you alone to read. It needs the program iasql (cargo build, or IASQL=/where/it/is) and python3.
set -euo pipefail

say() { printf 'setup_tls.dev: %s\n' "$*" >&2; }
give_up() { say "$@"; exit 1; }

case ${1-} in
  -h | --help)
    sed -n '2,/^set -/{s/^# \{0,1\}//;/^set -/!p}' "$0"
    exit 0
    ;;
  -*) give_up "there is no $1: --help says what there is" ;;
esac
[[ $# -le 1 ]] || give_up "one folder, or none: --help"

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/.iasql/tls}

program() {
  local candidate
  for candidate in "${IASQL:-}" "$here/target/release/iasql" "$here/target/debug/iasql" "$(command -v iasql || true)"; do
    if [[ -n $candidate && -x $candidate ]]; then
      echo "$candidate"
      return
    fi
  done
  give_up "the program iasql is not there: cargo build, or say where it is in IASQL"
}

# whole or not at all, and never over one that is there
keep() {
  local file=$folder/$1
  [[ ! -e $file ]] || { say "$file is there already, and stays"; cat >/dev/null; return; }
  cat >"$file.new"
  [[ -s $file.new ]] || give_up "$1 could not be made"
  mv -n "$file.new" "$file"
}

random() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }

# RFC 5802, as pg_authid has it
verifier() {
  python3 -c '
import base64, hashlib, hmac, os, sys
password, salt = sys.stdin.buffer.read().strip(), os.urandom(16)
salted = hashlib.pbkdf2_hmac("sha256", password, salt, 4096)
key = lambda name: hmac.new(salted, name, "sha256").digest()
stored, server = hashlib.sha256(key(b"Client Key")).digest(), key(b"Server Key")
text = lambda value: base64.b64encode(value).decode()
print(f"SCRAM-SHA-256$4096:{text(salt)}${text(stored)}:{text(server)}")'
}

iasql=$(program)
umask 077
mkdir -p "$folder"
chmod 700 "$folder"
random 32 | keep cluster.key
random 12 | keep pooler.password
verifier <"$folder/pooler.password" | keep pooler.verifier
# the authority's certificate is the same to the last byte each time
"$iasql" cluster certificate --name main --bucket file:///nowhere --key-file "$folder/cluster.key" --to "$folder"
chmod 644 "$folder/authority.crt"
say "$folder has the key and the certificates of the cluster main"
