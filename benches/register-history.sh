#!/usr/bin/env bash
# Times `byway register check` on a repository whose register has many revisions, with its
# history and without: the difference is what reading the history takes.
#
#   benches/register-history.sh [REVISIONS] [COMMITS BETWEEN] [ENTRIES] [RUNS]
#
# Build first: cargo build --release. Each revision renews one of the entries; between two
# of them lie commits that change other files.
set -euo pipefail

revisions=${1:-2000}
between=${2:-0}
entries=${3:-40}
runs=${4:-7}
here=$(cd "$(dirname "$0")/.." && pwd)
byway=${BYWAY:-$here/target/release/byway}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

python3 - "$revisions" "$between" "$entries" > "$work/stream" <<'PYTHON'
import datetime
import sys

revisions, between, entries = map(int, sys.argv[1:])
first = datetime.date(2021, 1, 1)
ends = [first + datetime.timedelta(days=60)] * entries
renewals = [[] for _ in range(entries)]
out = sys.stdout
mark = 0


def entry(n):
    text = f"""
[[exception]]
id = "EXC-{n:04}"
title = "Job number {n} of the nightly batch uses a static key"
category = "legacy-credential"
owner = "team:settlement"
approved-by = ["user:appsec@example.org"]
reason = "Adapter number {n} accepts only a header key until its release 9."
granted = {first}
expires = {ends[n]}
review = {{ every = "P90D", last = 2026-10-05 }}
"""
    for on, to, why in renewals[n][-8:]:
        text += f"""
[[exception.renewal]]
on = {on}
to = {to}
by = "user:appsec@example.org"
reason = "{why}"
"""
    return text + f"""
[[exception.control]]
type = "network-restriction"
what = "The key is accepted from two addresses only."

[[exception.covers]]
rules = ["static-key/generic-secret"]
paths = ["batch/job{n}/**"]
max = 2
"""


def commit(day, path, text):
    global mark
    mark += 1
    seconds = int(datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc).timestamp()) + mark
    who = f"A. Author <author@example.org> {seconds} +0000"
    message = f"Commit {mark}"
    out.write(f"commit refs/heads/main\nmark :{mark}\nauthor {who}\ncommitter {who}\n")
    out.write(f"data {len(message)}\n{message}\n")
    data = text.encode()
    out.write(f"M 100644 inline {path}\ndata {len(data)}\n{text}\n")


for n in range(30):
    commit(first, f"folder{n}/readme.txt", f"Folder {n}.\n")
for n in range(revisions):
    day = first + datetime.timedelta(days=n)
    which = n % entries
    if n >= entries:
        ends[which] = day + datetime.timedelta(days=60)
        renewals[which].append((day, ends[which], f"Release 9 was moved for the {n}th time."))
    commit(day, "exceptions.toml", "version = 1\n" + "".join(map(entry, range(entries))))
    for m in range(between):
        commit(day, f"folder{m % 30}/file{m}.txt", f"Text {n} {m}.\n")
PYTHON

git init --quiet --initial-branch=main "$work/repo"
git -C "$work/repo" fast-import --quiet < "$work/stream"
git -C "$work/repo" repack --quiet -ad
git -C "$work/repo" checkout --quiet main
size=$(stat -c %s "$work/repo/exceptions.toml")
commits=$(git -C "$work/repo" rev-list --count HEAD)
echo "$revisions revisions of a register of $entries entries and $size bytes, $commits commits, $runs runs, warm cache"

cd "$work/repo"
check() {
  "$byway" register check --today 2026-11-24 "$@" > "$work/out" || [ $? -eq 1 ]
}
for name in with without; do
  flags=()
  if [ "$name" = without ]; then flags=(--no-register-history); fi
  check "${flags[@]}"
  times=()
  for _ in $(seq "$runs"); do
    start=$(date +%s%N)
    check "${flags[@]}"
    times+=($((($(date +%s%N) - start) / 1000)))
  done
  printf '%s\n' "${times[@]}" | sort -n |
    awk -v name="$name" '{ t[NR] = $1 } END { printf "%-8s best %.1f ms, median %.1f ms\n", name, t[1] / 1000, t[int((NR + 1) / 2)] / 1000 }'
done
tail -n 1 "$work/out"
