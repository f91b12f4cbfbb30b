#!/bin/sh
# SPDX-License-Identifier: ISC
# Recorded calls of real bridges and clients with known truth, compared by
# the tool that comes with them. Would catch: any wrong count, state or
# verdict. Skips where they are not there.
build=${MEETPROBE_BUILD:-build}
data=${MEETPROBE_DATA:-../shared/data}
score=$data/../tools/score-media
if [ ! -d "$data/media-lab" ] || [ ! -f "$score" ]; then
	echo "ok 1 - # SKIP no recorded calls at $data"
	exit 0
fi
out=$(python3 "$score" "$build/meetprobe" "$data/media-lab")
if [ $? -eq 0 ]; then
	echo "ok 1 - recorded calls: $out"
else
	echo "not ok 1 - recorded calls"
	echo "$out" | sed 's/^/# /'
fi
echo 1..1
