#!/bin/sh
# SPDX-License-Identifier: ISC
# The matcher against ripgrep: the same 300 patterns on the same 100 MB in
# one run, one thread each, CPU time, best of three. Target: twice as fast.
build=${MEETPROBE_BUILD:-build}
texts=$build/match-texts.txt log=$build/match-log.txt
trap 'rm -f "$texts" "$log"' EXIT INT TERM
out=$("$build/tests/bench/match_bench" 100 "$texts" "$log") || exit 1
ours=$(echo "$out" | awk '/^300 signals, 2 %/ {
	for (i = 2; i <= NF; i++) if ($i == "MB/s") { print $(i - 1); exit } }')
if ! command -v rg >/dev/null 2>&1; then
	echo "matcher: $ours MB/s; ripgrep is not here, no ratio"
	exit 0
fi
best=999
for i in 1 2 3; do
	seconds=$( { LC_ALL=C; export LC_ALL;
	    time -p rg -j1 -c -f "$texts" "$log" >/dev/null; } 2>&1 |
	    awk '$1 == "user" || $1 == "sys" { s += $2 } END { print s }')
	best=$(printf '%s\n%s\n' "$best" "$seconds" | sort -n | head -1)
done
echo "$ours $best" | awk '{ rg = 100 / $2; printf "matcher: %.0f MB/s, " \
    "ripgrep: %.0f MB/s, ratio %.1f (target 2)\n", $1, rg, $1 / rg
    exit $1 / rg < 2 }'
