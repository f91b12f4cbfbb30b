#!/bin/sh
# SPDX-License-Identifier: ISC
# Mirrors agent/packaging. Would catch: an install that writes outside of
# DESTDIR or forgets a file, a port's packing list that does not match it, a
# sample configuration that does not parse, scripts with syntax errors.
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

root=$build/packaging-test
rm -rf "$root"
mkdir -p "$root" "$build/man"
# the pages as `make man` makes them, here without make
cp man/*.[58] "$build/man/"
awk -f man/fill.awk man/meetprobe-pitfalls.7.in \
    agent/diagnosis/pitfalls/*.pit >"$build/man/meetprobe-pitfalls.7"
DESTDIR=$root PREFIX=/usr/local MANDIR=/usr/local/man \
    EXAMPLES=/usr/local/share/examples/meetprobe \
    sh agent/packaging/install "$build"
told $? "install"
outside=$(find "$root" -type f | grep -v "^$root/usr/local/")
[ -z "$outside" ]
told $? "everything stands below PREFIX $outside"

# The packing list and what was installed, both without what the port's own
# rules add.
(cd "$root/usr/local" && find . -type f | sed 's|^\./||' | sort) \
    >"$root/installed"
sed -n 's/^@man //p; s/^@bin //p; /^share\/examples\/.*[^/]$/p' \
    agent/packaging/openbsd/pkg/PLIST | sort >"$root/listed"
said=$(diff "$root/installed" "$root/listed")
[ -z "$said" ]
told $? "the port's packing list is what is installed"
[ -z "$said" ] || echo "$said" | sed 's/^/# /'

"$build/meetprobed" -n -f agent/packaging/meetprobe.conf.example 2>/dev/null
told $? "the sample configuration parses"
# with all that it shows switched on it must parse as well
sed 's/^# \([a-z]* .*\)$/\1/; /^Who\|^The\|^An\|^What\|^found/d' \
    agent/packaging/meetprobe.conf.example |
    grep '^\(site\|role\|host\|public\|monitor\|listen\|peer\|account\|waive\) ' \
    >"$root/all.conf"
"$build/meetprobed" -n -f "$root/all.conf"
told $? "and so does what it shows in comments"
[ "$(wc -l <"$root/all.conf")" -ge 9 ]
told $? "which is all of it"
for f in agent/packaging/install agent/packaging/deps \
    agent/packaging/openbsd/pkg/meetprobed.rc agent/packaging/debian/postinst; do
	sh -n "$f"
	told $? "$f has no syntax error"
done
grep -q 'rc_exec "${daemon} -n ${daemon_flags}"' \
    agent/packaging/openbsd/pkg/meetprobed.rc
told $? "the rc script checks the configuration first"
if command -v systemd-analyze >/dev/null; then
	bin=$(cd "$root/usr/local/sbin" && pwd)
	sed "s|/usr/local/sbin|$bin|; /^Documentation/d" \
	    agent/packaging/systemd/meetprobed.service \
	    >"$root/meetprobed.service"
	said=$(systemd-analyze verify "$root/meetprobed.service" 2>&1 |
	    grep meetprobed.service)
	[ -z "$said" ]
	told $? "systemd has nothing to say about the unit $said"
else
	n=$((n + 1))
	echo "ok $n # SKIP no systemd-analyze here"
fi
echo "1..$n"
exit $failed
