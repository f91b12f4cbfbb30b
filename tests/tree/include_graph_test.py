#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The include graph: dependencies point one way, a library that is to have
one user has one, #if for an operating system stands in agent/compat only.
Would catch: an arrow against the order, a second user of libevent, a header
that is not there."""
import os
import re
import sys

# What each part may include, besides itself.
ORDER = {
    "base": {"compat"},
    "compat": {"base"},
    "run": {"base", "compat"},
    "facts": {"base", "compat", "run"},
    "probes": {"base", "compat", "run", "facts"},
    "diagnosis": {"base", "compat", "run", "facts"},
    "exporter": {"base", "compat", "run", "facts", "probes", "diagnosis"},
    "programs": {"base", "compat", "run", "facts", "probes", "diagnosis",
                 "exporter"},
}
# Libraries and where their users stand: a file or folder, how many files.
USERS = {
    "event.h": ("agent/run/", 1),
    "curl/curl.h": ("agent/run/", 1),
    "microhttpd.h": ("exporter/", 1),
    "strophe.h": ("probes/", 1),
    "pcap.h": ("", 2),
    "lua.h": ("probes/config/", 1),
    "duktape.h": ("probes/config/", 1),
}
SYSTEMS = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*"
                     r"(__linux__|__OpenBSD__|__FreeBSD__|__NetBSD__|"
                     r"__APPLE__|_WIN32|\blinux\b)")


def part(path):
    if path.startswith("agent/"):
        rest = path[len("agent/"):]
        if "/" not in rest:
            return "programs"
        return rest.split("/")[0]
    return path.split("/")[0]


def sources():
    for top in ("agent", "probes", "exporter"):
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def judge(path, target):
    """None, or what is wrong with this include."""
    if not os.path.exists(target):
        return "there is no %s" % target
    a, b = part(path), part(target)
    if a != b and b not in ORDER.get(a, set()):
        return "%s must not include %s" % (a, b)
    return None


def main():
    wrong, users, systems, arrows, files = [], {}, [], 0, 0
    for path in sources():
        files += 1
        with open(path, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                where = "%s:%d" % (path, n)
                m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
                if m:
                    arrows += 1
                    # written into the build folder
                    fault = judge(path, m.group(1))
                    if fault:
                        wrong.append("%s: %s" % (where, fault))
                m = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
                if m:
                    users.setdefault(m.group(1), []).append(path)
                if SYSTEMS.match(line) and \
                        not path.startswith("agent/compat/"):
                    systems.append("%s: %s" % (where, line.strip()))
    tests = []
    tests.append((not wrong, "%d arrows of %d files keep the order" %
                  (arrows, files), wrong))
    for name, (place, most) in sorted(USERS.items()):
        who = sorted(set(users.get(name, [])))
        good = len(who) <= most and all(w.startswith(place) for w in who)
        tests.append((good, "%s: %s" % (name, ", ".join(who) or "no user"),
                      ["at most %d in %s" % (most, place or "the tree")]))
    tests.append((not systems, "#if for a system only in agent/compat",
                  systems))
    # The judge itself: what it must refuse, and what it must not.
    for a, b, good in (("agent/base/str.c", "agent/run/loop.h", False),
                       ("agent/run/loop.c", "agent/base/str.h", True),
                       ("probes/codec/stun.c", "agent/diagnosis/report.h",
                        False),
                       ("agent/diagnosis/report.c", "probes/codec/stun.h",
                        False),
                       ("exporter/page.c", "agent/diagnosis/report.h", True),
                       ("exporter/page.c", "agent/command.h", False),
                       ("agent/meetprobe.c", "exporter/http.h", True)):
        tests.append(((judge(a, b) is None) == good, "%s -> %s is %s" %
                      (a, b, "allowed" if good else "refused"), []))
    failed = 0
    for n, (good, text, detail) in enumerate(tests, 1):
        print("%s %d - %s" % ("ok" if good else "not ok", n, text))
        if not good:
            failed += 1
            for line in detail:
                print("# " + line)
    print("1..%d" % len(tests))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
