#!/usr/bin/env bash
# Builds the previous release beside this one: tests run it against databases of this one, and this one against databases of that one.
# Prints where its binary is. What both releases need is compiled once.
set -euo pipefail
cd "$(dirname "$0")/.."

release=0.1.0
commit=833c1e2934cf34f46a5323c7429e01b59cb3459c
target=${CARGO_TARGET_DIR:-target}
home=$target/previous/$release
binary=$home/iasql

if [[ ! -x $binary ]]; then
  git cat-file -e "$commit^{commit}" 2>/dev/null || {
    echo "release $release ($commit) is not in this clone: fetch its whole history (git fetch --unshallow)" >&2
    exit 1
  }
  rm -rf "$home"
  mkdir -p "$home/source" "$home/build/debug"
  git archive "$commit" | tar -x -C "$home/source"
  # compiled as ours is, or nothing of it could be shared
  awk '/^\[/ { drop = /^\[profile\.dev/ } !drop' "$home/source/Cargo.toml" >"$home/source/Cargo.new"
  awk '/^\[/ { keep = /^\[profile\.dev/ } keep' Cargo.toml >>"$home/source/Cargo.new"
  mv "$home/source/Cargo.new" "$home/source/Cargo.toml"
  # the release's own tests are not wanted; that there is a test has cargo choose the features that ours were compiled with
  echo '//! Nothing.' >"$home/source/tests/main.rs"
  for compiled in deps build .fingerprint; do
    if [[ -d $target/debug/$compiled ]]; then cp -al "$target/debug/$compiled" "$home/build/debug/$compiled"; fi
  done
  CARGO_TARGET_DIR=$(realpath "$home/build") cargo test --quiet --locked --no-run --manifest-path "$home/source/Cargo.toml" --test all >&2
  cp "$home/build/debug/iasql" "$binary.new"
  mv "$binary.new" "$binary"
  rm -rf "$home/build" "$home/source"
fi
realpath "$binary"
