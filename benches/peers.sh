#!/usr/bin/env bash
# Times whole commands on one tree, in one run, in turns, and prints the best and the
# median of each. The floor is ripgrep counting our own keywords. A peer that is not on
# PATH is left out and said so.
#
#   benches/peers.sh TREE [RUNS]
#
# Build first: cargo build --release.
set -euo pipefail

tree=${1:?usage: benches/peers.sh TREE [RUNS]}
runs=${2:-7}
here=$(cd "$(dirname "$0")/.." && pwd)
byway=${BYWAY:-$here/target/release/byway}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$byway" rules keywords > "$work/keywords.txt"
cores=$(getconf _NPROCESSORS_ONLN)
files=$(find "$tree" -type f | wc -l)
bytes=$(find "$tree" -type f -printf '%s\n' | awk '{ n += $1 } END { printf "%.0f", n / 1e6 }')
echo "$files files, $bytes MB, $cores cores, $(wc -l < "$work/keywords.txt") keywords, $runs runs, warm cache"

names=()
commands=()
peer() {
  local name=$1
  shift
  if command -v "$1" > /dev/null; then
    names+=("$name")
    commands+=("$*")
  else
    echo "$name is not on PATH: left out"
  fi
}
peer 'rg (floor)' rg -c -uu -i -F -f "$work/keywords.txt" "$tree"
peer byway "$byway" scan "$tree" --no-ignore --exit-zero --quiet --tolerate-problems
peer ripsecrets ripsecrets --strict-ignore "$tree"
peer betterleaks betterleaks auto "$tree" --no-banner --exit-code=0
peer gitleaks gitleaks dir "$tree" --no-banner --exit-code 0
peer kingfisher kingfisher scan "$tree" --no-validate --git-history=none --no-update-check
peer noseyparker noseyparker scan --datastore "$work/np" "$tree"

for ((run = 0; run <= runs; run++)); do
  for i in "${!names[@]}"; do
    rm -rf "$work/np"
    TIMEFORMAT=%R
    seconds=$({ time eval "${commands[$i]}" > "$work/out" 2> "$work/err" || true; } 2>&1)
    # The first round only warms the cache.
    ((run == 0)) || echo "$seconds" >> "$work/times.$i"
  done
done

printf '\n%-12s %8s %8s %9s\n' command 'best s' 'median' 'of floor'
floor=
for i in "${!names[@]}"; do
  read -r best median < <(sort -n "$work/times.$i" | awk '{ t[NR] = $1 } END { print t[1], t[int((NR + 1) / 2)] }')
  floor=${floor:-$median}
  awk -v n="${names[$i]}" -v b="$best" -v m="$median" -v f="$floor" \
    'BEGIN { printf "%-12s %8.3f %8.3f %8.2fx\n", n, b, m, m / f }'
done
