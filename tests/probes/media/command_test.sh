#!/bin/sh
# SPDX-License-Identifier: ISC
# The command line of `meetprobe media`. Would catch: a wrong argument that
# is taken, output on standard output besides a usage error, a wrong status.
build=${MEETPROBE_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

# check STATUS TEXT ARGUMENTS: status and, for 2, an empty standard output
check() {
	want=$1 text=$2
	shift 2
	n=$((n + 1))
	"$build/meetprobe" media "$@" >"$work/out" 2>"$work/err"
	got=$?
	if [ $got = "$want" ] && { [ $got != 2 ] ||
	    { [ ! -s "$work/out" ] && [ -s "$work/err" ]; }; }; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text (status $got)"
		head -3 "$work/err" | sed 's/^/# /'
	fi
}

call=tests/fuzz/capture/call.pcap
: >"$work/empty"
echo "no packets, a text" >"$work/text"
head -c 24 "$call" >"$work/none.pcap"
head -c 500 "$call" >"$work/cut.pcap"

check 2 "nothing to read"
check 2 "-r without a file" -r
check 2 "a file that is not there" -r "$work/nowhere"
check 2 "an empty file" -r "$work/empty"
check 2 "a text" -r "$work/text"
check 2 "a port range from high to low" --port 20-10 -r "$call"
check 2 "an address that is none" --public here -r "$call"
check 2 "a capture and an interface" -i lo -r "$call"
check 2 "an option that is none" -r "$call" --bogus
check 0 "a capture without packets" -r "$work/none.pcap"
check 0 "a capture cut short" -r "$work/cut.pcap"
check 0 "a text beside a capture" -r "$work/text" -r "$work/none.pcap"
check 0 "a tap" -r "client=$work/none.pcap" --json

n=$((n + 1))
"$build/meetprobe" media -r "$work/cut.pcap" 2>&1 >/dev/null |
    grep -q "inside a packet at byte" && echo "ok $n - it says where it is cut" ||
    echo "not ok $n - it does not say where it is cut"
n=$((n + 1))
"$build/meetprobe" media -r "$work/none.pcap" --json |
    grep -q '"flows":\[\]' && echo "ok $n - no flows are an empty list" ||
    echo "not ok $n - no flows are not an empty list"
n=$((n + 1))
wide=$("$build/meetprobe" media -r "$call" | awk 'length > 80' | wc -l)
[ "$wide" = 0 ] && echo "ok $n - no line is wider than 80 columns" ||
    echo "not ok $n - $wide lines are wider than 80 columns"
echo "1..$n"
