#!/bin/sh
# SPDX-License-Identifier: ISC
# A client calls a bridge stand-in (both aiortc) through a router, each in its
# own network namespace; `meetprobe media -i` on the bridge's interface must
# name the fault within 30 s, and none in the healthy call. Would catch: a
# capture filter that misses packets, verdicts that only recordings give.
build=$(cd "${MEETPROBE_BUILD:-build}" && pwd)
here=$(cd "$(dirname "$0")/live" && pwd)
python=/usr/bin/python3

skip() {
	echo "ok 1 - # SKIP $1"
	exit 0
}
[ "$(id -u)" = 0 ] || skip "needs root for network namespaces"
$python -c 'import aiortc' 2>/dev/null || skip "python3-aiortc is not here"
command -v nft >/dev/null 2>&1 || skip "nft is not here"
ip netns add mpm-try 2>/dev/null || skip "no network namespaces here"
ip netns del mpm-try

work=$(mktemp -d)
cases="healthy inbound outbound address loss"
pids=

clean() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	for c in $cases; do
		for n in b r c; do
			ip netns del "mpm-$c-$n" 2>/dev/null
		done
	done
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

# bridge 10.99.0.2 - router 10.99.0.1 | 198.51.100.1 - client 198.51.100.10
net() {
	c=$1
	for n in b r c; do
		ip netns add "mpm-$c-$n"
		ip -n "mpm-$c-$n" link set lo up
	done
	ip link add in netns "mpm-$c-r" type veth peer name eth0 \
	    netns "mpm-$c-b"
	ip link add out netns "mpm-$c-r" type veth peer name eth0 \
	    netns "mpm-$c-c"
	ip -n "mpm-$c-b" addr add 10.99.0.2/24 dev eth0
	ip -n "mpm-$c-r" addr add 10.99.0.1/24 dev in
	ip -n "mpm-$c-r" addr add 198.51.100.1/24 dev out
	ip -n "mpm-$c-c" addr add 198.51.100.10/24 dev eth0
	for l in "b eth0" "r in" "r out" "c eth0"; do
		ip -n "mpm-$c-${l% *}" link set "${l#* }" up
	done
	ip -n "mpm-$c-b" route add default via 10.99.0.1
	ip netns exec "mpm-$c-r" sysctl -qw net.ipv4.ip_forward=1
	case $c in
	inbound) rule='iifname "out" udp dport 10000 drop' ;;
	outbound) rule='iifname "in" udp sport 10000 drop' ;;
	loss) rule='iifname "out" udp dport 10000 numgen random mod 10 == 0 drop' ;;
	*) rule= ;;
	esac
	ip netns exec "mpm-$c-r" nft -f - <<END
table ip t {
	chain pre {
		type nat hook prerouting priority -100;
		iifname "out" udp dport 10000 dnat to 10.99.0.2
	}
	chain post {
		type nat hook postrouting priority 100;
		oifname "out" masquerade
	}
	chain forward {
		type filter hook forward priority 0;
		$rule
	}
}
END
}

start() {
	c=$1 public=198.51.100.1
	[ "$c" = address ] && public=198.51.100.77
	mkdir "$work/$c"
	ip netns exec "mpm-$c-b" "$build/meetprobe" --deadline 26 media \
	    -i eth0 --public "$public" --json >"$work/$c/json" \
	    2>"$work/$c/err" &
	eval "probe_$c=$!"
	ip netns exec "mpm-$c-b" $python "$here/peer.py" bridge "$work/$c" \
	    10000 "$public" >"$work/$c/bridge.log" 2>&1 &
	pids="$pids $!"
	ip netns exec "mpm-$c-c" $python "$here/peer.py" client "$work/$c" \
	    >"$work/$c/client.log" 2>&1 &
	pids="$pids $!"
}

for c in $cases; do
	net "$c" 2>"$work/net.err" || { echo "# $(cat "$work/net.err")"; }
done
[ -s "$work/net.err" ] && skip "no such network here: $(head -1 "$work/net.err")"
for c in $cases; do start "$c"; done

# Sets got, media, ok from what the probe of case $1 wrote.
judge() {
	c=$1 ok=0
	case $c in
	healthy) want= ;;
	inbound) want=udp-in-router ;;
	outbound) want=udp-out ;;
	address) want=nat-addr-wrong ;;
	loss) want=loss-up ;;
	esac
	eval "wait \$probe_$c"
	got=$($python - "$work/$c/json" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
ids = {v['id'] for f in d['flows'] + [d['totals']] for v in f['verdicts']
       if v['fault']}
print(' '.join(sorted(ids)))
END
	)
	media=$(grep -o '"kind":"audio"' "$work/$c/json" | wc -l)
	case " $got " in *" $want "*) ok=1 ;; esac
	if [ -z "$want" ]; then
		ok=0
		[ -z "$got" ] && [ "$media" -ge 2 ] && ok=1
	fi
}

n=0
for c in $cases; do
	n=$((n + 1))
	judge "$c"
	if [ $ok = 0 ]; then	# a busy machine: once more, alone
		echo "# $c: once more, was: ${got:-none} ($media)"
		for p in b r c; do ip netns del "mpm-$c-$p"; done
		rm -rf "${work:?}/$c"
		net "$c"
		start "$c"
		judge "$c"
	fi
	if [ $ok = 1 ]; then
		echo "ok $n - $c: verdict ${got:-none} ($media audio streams)"
	else
		echo "not ok $n - $c: verdict ${got:-none}, wanted" \
		    "${want:-none} ($media audio streams)"
		sed 's/^/# /' "$work/$c/err" "$work/$c/client.log" | tail -5
		cut -c1-1500 "$work/$c/json" | sed 's/^/# /'
	fi
done
echo "1..$n"
