#!/bin/sh
# SPDX-License-Identifier: ISC
# What stands where. Would catch: something new at the top level, a source
# file without its licence line, a folder that has grown out of sight.
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

if ! git rev-parse --git-dir >/dev/null 2>&1; then
	echo "ok 1 # SKIP not a git checkout"
	echo "1..1"
	exit 0
fi
extra=$(git ls-files | sed 's|/.*||' | sort -u | grep -vx \
    '\.[a-z].*\|Makefile\|README.md\|LICENSE\|agent\|probes\|exporter\|dashboards\|tests\|man')
[ -z "$extra" ]
told $? "the top level is what it was meant to be $extra"
for f in Makefile README.md LICENSE agent probes exporter dashboards tests \
    man; do
	[ -e $f ]
	told $? "there is $f"
done
bad=
for f in $(git ls-files '*.c' '*.h' '*.def'); do
	[ -e "$f" ] || continue
	[ "$(head -1 "$f")" = "/* SPDX-License-Identifier: ISC */" ] ||
	    bad="$bad $f"
done
[ -z "$bad" ]
told $? "every source file begins with its licence$bad"
bad=$(git ls-files '*.c' | grep -v '^tests/\(golden\|fuzz\)' |
    sed 's|/[^/]*$||' | sort | uniq -c |
    awk '$1 > 45 { printf " %s (%d)", $2, $1 }')
[ -z "$bad" ]
told $? "no folder holds more files than one sees at a glance$bad"
echo "1..$n"
exit $failed
