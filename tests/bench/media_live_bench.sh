#!/bin/sh
# SPDX-License-Identifier: ISC
# Live capture of 150,000 packets a second in a network namespace of its own:
# packets that the capture lost, and CPU a packet.
# usage: MEETPROBE_BUILD=build sh tests/bench/media_live_bench.sh
build=$(cd "${MEETPROBE_BUILD:-build}" && pwd)
rate=${1:-150000}
if [ "$(id -u)" != 0 ] || ! ip netns add mpm-bench 2>/dev/null; then
	echo "media live: not measured, needs root and network namespaces"
	exit 0
fi
work=$(mktemp -d)
trap 'ip netns del mpm-bench; rm -rf "$work"' EXIT
ip -n mpm-bench link set lo up
/usr/bin/time -f '%U %S' -o "$work/time" ip netns exec mpm-bench \
    "$build/meetprobe" --deadline 9 media -i lo --json \
    >"$work/json" 2>"$work/err" &
sleep 1
sent=$(ip netns exec mpm-bench "$build/tests/bench/media_bench" send \
    "$rate" 6 | sed 's/sent //')
wait
lost=$(sed 's/.*"dropped_by_capture":\([0-9]*\).*/\1/' "$work/json")
seen=$(sed 's/.*"in":{"stun":[0-9]*,"dtls":[0-9]*,"rtp":\([0-9]*\).*/\1/' \
    "$work/json")
tail -1 "$work/time" | awk -v sent="$sent" -v seen="$seen" -v lost="$lost" \
    '{ printf "media live: %d packets a second, %d of %d seen, %d lost by " \
    "the capture (target 0), %.0f ns of CPU each (target 150)\n", \
    sent / 6, seen, sent, lost, ($1 + $2) * 1e9 / (seen + 1) }'
[ "$lost" = 0 ]
