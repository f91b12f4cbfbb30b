#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual pages: mandoc has nothing to say, and what the tables of the
# programs hold is in them. Would catch: a command, statement, option or
# metric that nobody wrote down, an entry of the catalogue without a page.
build=${MEETPROBE_BUILD:-build}
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

mkdir -p "$build/man"
cp man/*.[58] "$build/man/" &&
    awk -f man/fill.awk man/meetprobe-pitfalls.7.in \
    agent/diagnosis/pitfalls/*.pit >"$build/man/meetprobe-pitfalls.7"
told $? "the pages are made"

if command -v mandoc >/dev/null; then
	for f in "$build"/man/*.[578]; do
		said=$(mandoc -T lint -W warning "$f" 2>&1)
		[ -z "$said" ]
		told $? "mandoc has nothing to say about $(basename "$f")"
		[ -z "$said" ] || echo "$said" | sed 's/^/# /' | head -10
	done
else
	n=$((n + 1))
	echo "ok $n # SKIP no mandoc here"
fi

# Every NAME of a list stands in a page.
all_in() {	# PAGE WHAT NAME ...
	page=$1 what=$2 bad= count=0
	shift 2
	for name in "$@"; do
		count=$((count + 1))
		grep -q -- "^\.[A-Z].*[ (]$name\([ ,.]\|\$\)" "$page" ||
		    bad="$bad $name"
	done
	[ -z "$bad" ] && [ $count -gt 0 ]
	told $? "$count $what are in $(basename "$page")$bad"
}

all_in man/meetprobed.8 metrics \
    $(grep -o '"\(meetprobe\|process\)_[a-z_]*"' exporter/metrics.c |
    tr -d '"' | sort -u)
all_in man/meetprobe.8 commands \
    $(sed -n 's/^	{ "\([a-z]*\)", .*/\1/p' agent/meetprobe.c)
missing=
for o in $(cat agent/meetprobe.c agent/command_*.c |
    grep -o '[^ ]*"--[a-z][a-z-]*' | sed 's/.*"//' | grep -vx -- --name |
    sort -u); do
	grep -q "Fl Fl ${o#--}\( \|$\)" man/meetprobe.8 || missing="$missing $o"
done
[ -z "$missing" ]
told $? "every long option is in meetprobe.8$missing"
all_in man/meetprobe.conf.5 statements \
    $(sed -n 's/^	{ "\([a-z]*\)", parse_.*/\1/p' agent/conf_parse.c)
all_in man/meetprobed.8 "options of the agent" \
    $(sed -n 's/.*getopt(argc, argv, "\([A-Za-z:]*\)").*/\1/p' \
    agent/meetprobed.c | tr -d : | sed 's/./& /g')
all_in man/meetprobed.8 endpoints \
    $(sed -n 's/.*\] = { "\(\/[^"]*\)", [01].*/\1/p' exporter/policy.c |
    sed 's/^\/probe$/\/probe?module=/')
missing=
for id in $(sed -n 's/^cause \([a-z0-9-]*\).*/\1/p' \
    agent/diagnosis/pitfalls/*.pit); do
	grep -qx "\.It Ic $id" "$build/man/meetprobe-pitfalls.7" ||
	    missing="$missing $id"
done
[ -z "$missing" ]
told $? "every cause has its entry$missing"
empty=$(awk '/^\.It Ic/ { id = $3; getline; if ($0 ~ /^\(/ || $0 ~ /^ *\(/)
    print id }' "$build/man/meetprobe-pitfalls.7" | head -5)
[ -z "$empty" ]
told $? "and says something $empty"
echo "1..$n"
exit $failed
