#!/usr/bin/env bash
# Stops what `make demo` left running, and waits until it has stopped.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=.iasql/demo
say() { [[ ${1-} == --quiet ]] || echo "$2"; }

pid=$(sed -nE 's/.*"pid": *([0-9]+).*/\1/p' "$dir/running.json" 2>/dev/null || true)
# the number may be another process' by now
if [[ -z $pid ]] || ! { tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q " up --dir $dir "; } 2>/dev/null; then
  say "${1-}" "nothing runs in $dir"
  exit
fi
kill -TERM "$pid" 2>/dev/null || { echo "stop: process $pid belongs to another user: stop it as them" >&2; exit 1; }
timeout 30 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
say "${1-}" "stopped"
