#!/bin/sh
# SPDX-License-Identifier: ISC
# Every verdict that the analyser can give is explained. Would catch: an id
# of the table that `meetprobe explain` does not know.
build=${MEETPROBE_BUILD:-build}
n=0
for id in $(sed -n 's/^	{ "\([a-z0-9-]*\)", [01], .*/\1/p' probes/media/view.c)
do
	n=$((n + 1))
	if "$build/meetprobe" explain "$id" >/dev/null 2>&1; then
		echo "ok $n - $id"
	else
		echo "not ok $n - $id is not explained"
	fi
done
[ $n -gt 30 ] && echo "ok $((n + 1)) - all of them were found" ||
    echo "not ok $((n + 1)) - only $n verdicts were found"
echo "1..$((n + 1))"
