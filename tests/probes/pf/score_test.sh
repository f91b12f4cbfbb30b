#!/bin/sh
# SPDX-License-Identifier: ISC
# OpenBSD's pfctl regression files and the labelled flows, where they are
# there: every print-out byte for byte, every refusal with its lines, every
# verdict. Would catch: any deviation from pfctl or from pf's semantics.
data=${MEETPROBE_DATA:-../shared/data}
tool=${data%/data}/tools/score-pf
build=${MEETPROBE_BUILD:-build}
n=0
case $build in /*) ;; *) build=$PWD/$build ;; esac

score() {
	n=$((n + 1))
	if [ ! -x "$tool" ] || [ ! -d "$data/$2" ]; then
		echo "ok $n # SKIP $2 is not here"
		return
	fi
	last=$("$tool" "$build/meetprobe" "$1" "$data/$2" 2>&1 | tail -25)
	case $last in
	*" passed, 0 failed") echo "ok $n - pf $1: ${last##*
}" ;;
	*) echo "not ok $n - pf $1"; echo "$last" | sed 's/^/# /' ;;
	esac
}

score print pfctl-regress
score eval pf-flows
echo "1..$n"
