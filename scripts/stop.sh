#!/usr/bin/env bash
# Stops what `make demo` (or, with --dir, another `iasql up` of this folder) left running, and waits until it has stopped.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=.iasql/demo
quiet=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --quiet) quiet=1; shift ;;
    --dir) dir=$2; shift 2 ;;
    *) echo "stop: there is no option $1; there are --quiet and --dir <folder>" >&2; exit 1 ;;
  esac
done
say() { [[ -n $quiet ]] || echo "$1"; }

pid=$(sed -nE 's/.*"pid": *([0-9]+).*/\1/p' "$dir/running.json" 2>/dev/null || true)
# the number may be another process' by now
if [[ -z $pid ]] || ! { tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF " up --dir $dir "; } 2>/dev/null; then
  say "nothing runs in $dir"
  exit
fi
kill -TERM "$pid" 2>/dev/null || { echo "stop: process $pid belongs to another user: stop it as them" >&2; exit 1; }
timeout 30 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
say "stopped"
