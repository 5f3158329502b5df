#!/usr/bin/env bash
# Builds what the Dockerfile puts into the image, into a folder, on a machine without Docker: the engine and the local cloud.
#
#   scripts/image_content.sh <folder>
#
# IASQL_BINARY names an engine that is built already; without it a release build is made, as the Dockerfile does.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:?which folder}

binary=${IASQL_BINARY:-}
if [[ -z $binary ]]; then
  cargo build --locked --release --bin iasql
  binary=${CARGO_TARGET_DIR:-target}/release/iasql
fi

install -D "$binary" "$root/usr/local/bin/iasql"
if ! cmp -s scripts/requirements.txt "$root/opt/iasql/requirements.txt" || ! "$root/opt/iasql/venv/bin/python" -c 'import moto' 2>/dev/null; then
  rm -rf "$root/opt/iasql"
  mkdir -p "$root/opt/iasql"
  "${PYTHON:-python3}" -m venv "$root/opt/iasql/venv"
  "$root/opt/iasql/venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --requirement scripts/requirements.txt
  # last: only what is whole has it
  cp scripts/requirements.txt "$root/opt/iasql/requirements.txt"
fi

"$root/usr/local/bin/iasql" --version
printf 'the image would hold %s in %s\n' "$(du -sh "$root" | cut -f1)" "$root"
