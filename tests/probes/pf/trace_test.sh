#!/bin/sh
# SPDX-License-Identifier: ISC
# The way of a connection through the firewalls of a small site, word for
# word. Would catch: a leg left out, a wrong line, advice that does not help.
# The expected text is in tests/golden/pf; UPDATE=1 writes it anew.
build=${MEETPROBE_BUILD:-build}
dir=tests/golden/pf
n=0

# golden NAME STATUS ARGUMENT ...
golden() {
	name=$1 want=$2
	shift 2
	n=$((n + 1))
	got=$("$build/meetprobe" pf trace "$@" 2>&1; echo "status $?")
	if [ -n "$UPDATE" ]; then
		printf '%s\n' "$got" >"$dir/$name.txt"
	fi
	case $got in
	*"status $want") ;;
	*) echo "not ok $n - $name: status $want wanted"; printf '%s\n' "$got" |
	    sed 's/^/# /'; return ;;
	esac
	if [ "$got" = "$(cat "$dir/$name.txt")" ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\n' "$got" | diff "$dir/$name.txt" - | sed 's/^/# /'
	fi
}

literal="-f router=$dir/router.conf --env router=$dir/router.env
    -f jvb=$dir/jvb.conf"
fixed="-f router=$dir/fixed.conf --env router=$dir/router.env
    -f jvb=$dir/jvb.conf"
# shellcheck disable=SC2086
{
golden media-blocked-on-second-leg 1 $literal --from outside \
    --to jvb:10000/udp
golden media-passes 0 $fixed --from outside --to jvb:10000/udp
golden bridge-to-prosody-blocked 1 $literal --from jvb --to xmpp:5222
golden bridge-to-prosody 0 $fixed --from jvb --to xmpp:5222
golden no-nat 1 $literal --from web --to 192.0.2.80:443
golden nat 0 $fixed --from web --to 192.0.2.80:443
golden nothing-redirects 1 $fixed --from outside --to xmpp:5222
golden answer-blocked 1 -f jvb=$dir/reply.conf --env router=$dir/router.env \
    --from outside --to jvb:10000/udp
golden one-vm-alone 0 -f jvb=$dir/jvb.conf --env router=$dir/router.env \
    --from jvb --to xmpp:5222
golden json-blocked 1 --json $literal --from outside --to jvb:10000/udp
golden json-answer-blocked 1 --json -f jvb=$dir/reply.conf \
    --env router=$dir/router.env --from outside --to jvb:10000/udp
golden json-one-vm-alone 0 --json -f jvb=$dir/jvb.conf \
    --env router=$dir/router.env --from jvb --to xmpp:5222
golden unknown-name 2 $fixed --from jvb --to nowhere:5222
golden wrong-target 2 $fixed --from jvb --to xmpp:99999
golden redirect-to-wrong-vm 1 -f router=$dir/wrong-vm.conf \
    --env router=$dir/router.env --from outside --to jvb:10000/udp
golden json-redirect-to-wrong-vm 1 --json -f router=$dir/wrong-vm.conf \
    --env router=$dir/router.env --from outside --to jvb:10000/udp
golden public-address 0 $fixed --from outside --to 203.0.113.10:443
golden public-name 0 $fixed --from outside --to jts.example.org:443
golden hairpin-not-redirected 0 $fixed --from web --to 203.0.113.10:443
golden from-router 0 $fixed --from router --to xmpp:5222
golden loopback-blocked 1 -f jvb=$dir/reply.conf --env jvb=$dir/router.env \
    --from jvb --to 127.0.0.1:8080
golden to-itself-not-given 2 $fixed --from web --to web:80
golden ping-vm-from-outside 1 $fixed --from outside --to jvb
golden nat64 0 -f router=$dir/nat64.conf --env router=$dir/router6.env \
    --from 2001:db8:64:1::3 --to '[64:ff9b::c000:250]:443'
golden discovery-blocked 0 -f router=$dir/v6.conf \
    --env router=$dir/router6.env --from outside --to '[2001:db8:64:1::3]:443'
golden json-discovery-blocked 0 --json -f router=$dir/v6.conf \
    --env router=$dir/router6.env --from outside --to '[2001:db8:64:1::3]:443'
golden unseen-that-matters 0 -f router=$dir/unseen.conf \
    --env router=$dir/router.env --from outside --to web:443
golden no-environment 2 -f router=$dir/fixed.conf --from outside --to web:443
}
echo "1..$n"
