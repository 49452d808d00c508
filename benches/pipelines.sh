#!/usr/bin/env bash
# Times byway and zizmor on one folder of workflows, in one run, in turns, and prints the
# best and the median of each, wall time and processor time. zizmor refuses a whole folder
# for one file that it can't load: such files are left out for both, and named.
#
#   benches/pipelines.sh FOLDER [RUNS]
#
# Build first: cargo build --release.
set -euo pipefail

folder=${1:?usage: benches/pipelines.sh FOLDER [RUNS]}
runs=${2:-5}
here=$(cd "$(dirname "$0")/.." && pwd)
byway=${BYWAY:-$here/target/release/byway}
zizmor=${ZIZMOR:-zizmor}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$folder" "$work/tree"
run_byway() { "$byway" scan "$work/tree" --no-ignore --exit-zero --quiet --tolerate-problems; }
run_zizmor() { "$zizmor" --offline --no-exit-codes --no-config --format json "$work/tree"; }

names=(byway)
if command -v "$zizmor" > /dev/null; then
  names+=(zizmor)
  until run_zizmor > "$work/out" 2> "$work/err"; do
    bad=$(grep -o 'failed to load file://[^ ]*' "$work/err" | head -n 1)
    [[ $bad ]] || { cat "$work/err" >&2; exit 1; }
    bad=${bad#*file://}
    echo "left out, zizmor can't load it: ${bad#"$work/tree/"}"
    rm "$bad"
  done
else
  echo "$zizmor is not on PATH: left out"
fi

files=$(find "$work/tree" -type f | wc -l)
echo "$files files, $(getconf _NPROCESSORS_ONLN) cores, load $(cut -d ' ' -f 1 /proc/loadavg), $runs runs, warm cache"
for ((run = 0; run <= runs; run++)); do
  for name in "${names[@]}"; do
    TIMEFORMAT='%R %U %S'
    times=$({ time "run_$name" > "$work/out" 2> "$work/err"; } 2>&1)
    # The first round only warms the cache.
    ((run == 0)) || echo "$times" >> "$work/times.$name"
  done
done

printf '\n%-8s %8s %8s %12s\n' command 'best s' 'median' 'processor s'
for name in "${names[@]}"; do
  read -r best median < <(sort -n "$work/times.$name" | awk '{ t[NR] = $1 } END { print t[1], t[int((NR + 1) / 2)] }')
  cpu=$(awk '{ print $2 + $3 }' "$work/times.$name" | sort -n | head -n 1)
  printf '%-8s %8s %8s %12s\n' "$name" "$best" "$median" "$cpu"
done
