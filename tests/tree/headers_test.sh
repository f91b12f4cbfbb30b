#!/bin/sh
# SPDX-License-Identifier: ISC
# Every header compiles alone, with each compiler that is here, and has the
# guard that its path says. Would catch: a header that needs another one to
# come first, two headers with one guard.
build=${MEETPROBE_BUILD:-build}
flags="-std=c11 -Wall -Wextra -Werror -fsyntax-only -x c -I. -I$build \
    -D_GNU_SOURCE -I/usr/include/lua5.4 -DMEETPROBE_VERSION=\"0\""
n=0 failed=0

told() {	# STATUS TEXT
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

headers=$(find agent probes exporter tests/kit -name '*.h' | sort)
for cc in gcc clang; do
	if ! command -v $cc >/dev/null; then
		n=$((n + 1))
		echo "ok $n # SKIP no $cc here"
		continue
	fi
	bad=
	for h in $headers; do
		printf '#include "%s"\n#include "%s"\nint only;\n' "$h" "$h" |
		    $cc $flags - >/dev/null 2>&1 || bad="$bad $h"
	done
	[ -z "$bad" ]
	told $? "every header compiles alone, and twice, with $cc$bad"
done
bad= guards=
for h in $headers; do
	# the whole path, or the last folders of it
	guard=$(sed -n 's/^#ifndef MEETPROBE_//p' "$h" | head -1)
	path=_$(echo "$h" | tr 'a-z/.-' 'A-Z___')
	case $path in
	*_"${guard:-none}") guards="$guards $guard" ;;
	*) bad="$bad $h" ;;
	esac
done
[ -z "$bad" ]
told $? "every guard is that of its path$bad"
twice=$(echo "$guards" | tr ' ' '\n' | sort | uniq -d)
[ -z "$twice" ]
told $? "no guard stands in two headers $twice"
echo "1..$n"
exit $failed
