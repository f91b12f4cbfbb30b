#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The same logs in other clothes give the same causes: prosody through syslog
(which loses the level), nginx with a container's prefix and CRLF, all files
of a run interleaved in one compressed file.  Catches a head that one wrapper
hides, and a matcher that asks what a file is rather than what a line is.

Needs the labelled logs; skips, and says so, where they are not.
"""
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
DATA = os.path.join(os.environ.get("MEETPROBE_DATA", "../shared/data"),
                    "prosody-lab")
KNOWN = {"prosody.log": "prosody", "nginx-access.log": "nginx-access",
         "nginx-error.log": "nginx-error"}
# The optimised program, if it is there: it takes the same decisions.
PROGRAM = next(p for p in ("build/meetprobe", f"{BUILD}/meetprobe")
               if os.path.exists(p))
RUNS = 16
# Told by the order of two programs' lines within one second, which putting
# them into one file in another order takes away.
ORDER = ["prosody-stopped"]
count = failed = 0


def ok(good, text):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


def causes(*arguments):
    done = subprocess.run(
        [PROGRAM, "diagnose", "--offline", "--format", "json", *arguments],
        capture_output=True, timeout=60, check=False)
    return [c["id"] for c in json.loads(done.stdout)["causes"]]


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line for line in file.read().split("\n") if line]


def syslog(line):
    head = re.match(r"(\w{3} \d\d [\d:]{8}) (\S+)\t\w+\t(.*)$", line)
    if head:
        return f"{head[1]} xmpp prosody[77]: {head[2]}: {head[3]}"
    return f"Nov 22 10:00:00 xmpp prosody[77]: {line}"


def plain(run):
    out = []
    for name, component in KNOWN.items():
        path = os.path.join(run, name)
        if os.path.exists(path) and os.path.getsize(path):
            out += ["--log", f"{component}={path}"]
    return causes(*out)


def wrapped(run, where):
    out = []
    for name, component in KNOWN.items():
        path = os.path.join(run, name)
        if not os.path.exists(path) or not os.path.getsize(path):
            continue
        copy = os.path.join(where, name)
        if name == "prosody.log":
            component = "syslog"
            text = "\n".join(syslog(line) for line in lines(path)) + "\n"
        else:
            text = "".join(f"web-1  | {line}\r\n" for line in lines(path))
        with open(copy, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        out += ["--log", f"{component}={copy}"]
    return causes(*out)


def merged(run, where):
    rest = {n: lines(os.path.join(run, n)) for n in KNOWN
            if os.path.exists(os.path.join(run, n))}
    out = []
    while any(rest.values()):
        for name in rest:
            who = "prosody-1" if name == "prosody.log" else "web-1"
            out += [f"{who:12} | {line}" for line in rest[name][:7]]
            rest[name] = rest[name][7:]
    path = os.path.join(where, "all.log.gz")
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")
    return causes(path)


def main():
    if not os.path.isdir(DATA):
        print("ok 1 # SKIP no labelled logs beside the project")
        print("1..1")
        return 0
    runs = sorted(d for d in os.listdir(DATA)
                  if os.path.exists(os.path.join(DATA, d, "prosody.log")))
    for name in runs[::max(1, len(runs) // RUNS)]:
        run = os.path.join(DATA, name)
        want = plain(run)
        with tempfile.TemporaryDirectory() as where:
            got = wrapped(run, where)
            ok(got[:1] == want[:1],
               f"{name}: through syslog and containers: {got[:1]}, "
               f"plain {want[:1]}")
            if want[:1] == ORDER:
                continue
            got = merged(run, where)
            ok(got[:1] == want[:1],
               f"{name}: interleaved in one file: {got[:1]}, "
               f"plain {want[:1]}")
    print(f"1..{count}")
    return failed > 0


sys.exit(main())
