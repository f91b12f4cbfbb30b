#!/bin/sh
# SPDX-License-Identifier: ISC
# Packet accounting: packets a second and core at snaplen 128 with all
# features, against tshark on the same file in the same run, and memory at
# one and ten million packets.
# usage: MEETPROBE_BUILD=build sh tests/bench/media_bench.sh
# (after `make bench-programs`)
build=${MEETPROBE_BUILD:-build}
bench=$build/tests/bench/media_bench
file=$build/media-bench.pcap
trap 'rm -f "$file"' EXIT INT TERM

"$bench" make 1000000 "$file"
best=0
for i in 1 2 3 4 5; do
	line=$("$bench" run "$file")
	mpps=$(echo "$line" | sed 's/.*mpps \([0-9.]*\).*/\1/')
	best=$(printf '%s\n%s\n' "$best" "$mpps" | sort -n | tail -1)
	small=$(echo "$line" | sed 's/.*rss_kb //')
done
echo "media: $best million packets a second and core (target 10)"

# Ten million through a pipe: no file of that size is needed.
large=$("$bench" make 10000000 - | "$bench" run /dev/stdin |
    sed 's/.*rss_kb //')
echo "media: $small KB resident at 1 million packets," \
    "$large KB at 10 million (target 16384, equal)"

if command -v tshark >/dev/null 2>&1; then
	seconds=$( { /usr/bin/time -f '%U %S' tshark -n -q -r "$file" \
	    -d udp.port==10000,rtp -z rtp,streams >/dev/null; } 2>&1 |
	    awk 'NF == 2 && $1 ~ /^[0-9.]+$/ { print $1 + $2 }')
	if [ -n "$seconds" ]; then
		echo "$seconds $best" | awk '{ printf "media: %.0f times " \
		    "tshark, which took %.2f s (target 50)\n", $2 * $1, $1 }'
	else
		echo "media: no figure for tshark"
	fi
else
	echo "media: tshark is not here, no ratio"
fi

# A target that is missed fails; the ratio is told only.
[ "${best%.*}" -ge 10 ] && [ "$large" -le 16384 ]
