#!/usr/bin/env bash
# Counts what each scanner reports on trees of published code, for a million lines of
# text. Nearly all of it is wrong there, so less is better; what it finds where there is
# something to find, the samples say. Each peer runs with its own rules and defaults,
# without asking any service. A peer that is not on PATH is left out and said so.
#
#   benches/quiet.sh TREE...
#
# Build first: cargo build --release.
set -euo pipefail

(($# > 0)) || { echo 'usage: benches/quiet.sh TREE...' >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
byway=$(realpath "${BYWAY:-$here/target/release/byway}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Each prints how much it found in the folder that it is in: a peer leaves files out by
# the path that it is given, `node_modules` or `lib/python3` among them.
byway_all() {
  "$byway" scan . --no-ignore --exit-zero --tolerate-problems --format jsonl |
    jq -c 'select(.fingerprint)' | wc -l
}
byway_keys() {
  "$byway" scan . --no-ignore --exit-zero --tolerate-problems --format jsonl \
    --class static-key | jq -c 'select(.fingerprint)' | wc -l
}
gitleaks_all() {
  # It tells findings by 1.
  gitleaks dir . --no-banner -f json -r "$work/report.json" || (($? == 1))
  jq length "$work/report.json"
}
betterleaks_all() {
  betterleaks auto . --no-banner --output="$work/report.json" || (($? == 1))
  jq '.findings | length' "$work/report.json"
}
kingfisher_all() {
  # It has no flag against exit codes, and tells findings from a failure by them.
  kingfisher scan . --no-validate --git-history=none --no-update-check -f jsonl \
    -o "$work/report.json" || (($? >= 200))
  jq -c 'select(.finding)' "$work/report.json" | wc -l
}

printf '%-12s %10s %14s  %s\n' command findings 'a million' tree
for tree in "$@"; do
  # Files that grep takes for text.
  lines=$(grep -rIc '' "$tree" | awk -F: '{ n += $NF } END { print n }')
  for run in byway_all byway_keys gitleaks_all betterleaks_all kingfisher_all; do
    name=${run%_all}
    if [[ $name != byway* ]] && ! command -v "$name" > /dev/null; then
      echo "$name is not on PATH: left out" >&2
      continue
    fi
    rm -f "$work/report.json"
    found=$(cd "$tree" && "$run" 2> "$work/err" | tail -1)
    awk -v c="$name" -v f="$found" -v n="$lines" -v t="$tree" \
      'BEGIN { printf "%-12s %10d %14.1f  %s (%.2f million lines)\n", c, f, f * 1e6 / n, t, n / 1e6 }'
  done
done
