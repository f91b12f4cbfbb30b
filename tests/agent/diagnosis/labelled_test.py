# SPDX-License-Identifier: ISC
# The labelled runs beside the project, diagnosed from their logs alone: the
# healthy ones are silent, the others' first cause is the label (by id, or by
# kind where a kind is given), in the shares that the project promises.
# Would catch a rule that stopped matching, one that fires on a healthy site,
# a ranking that puts a symptom first.
import concurrent.futures
import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
DATA = Path(os.environ.get("MEETPROBE_DATA", "../shared/data"))
# the optimised program, if it is there: it takes the same decisions
PROGRAM = next(p for p in ("build/meetprobe", f"{BUILD}/meetprobe")
               if os.path.exists(p))
COMPONENTS = {
    "prosody.log": "prosody", "prosody.err": "prosody",
    "prosody-console.log": "prosody", "syslog-messages.log": "syslog",
    "prosodyctl.log": "prosodyctl", "nginx-error.log": "nginx-error",
    "nginx-console.log": "nginx-error", "nginx-t.log": "nginx-error",
    "nginx-access.log": "nginx-access", "jicofo.log": "jicofo",
    "jvb.log": "jvb", "turnserver.log": "coturn",
    "browser-console.log": "browser", "browser-devtools.log": "browser",
    "java-client.log": "client", "client.log": "client",
    "libstrophe-client.log": "client", "openssl-client.log": "client",
    "curl.log": "client",
}
# how many of the first causes may hold the label, and the promised share
RULES = {"line": (1, .95), "sequence": (1, .90), "ambiguous": (3, .90),
         "kind": (1, .90), "narrowed": (2, .90)}


def component(name):
    if re.fullmatch(r"browser-\d+\.log", name):
        return "browser"
    if re.fullmatch(r"jvb\d+\.log", name):
        return "jvb@" + name[:-4]
    return COMPONENTS.get(name)


def runs(folder):
    seen = {}
    if (folder / "INDEX.tsv").exists():
        with (folder / "INDEX.tsv").open(newline="") as f:
            for row in csv.DictReader(f, delimiter="\t",
                                      quoting=csv.QUOTE_NONE):
                seen[row.get("dir") or row.get("id")] = \
                    row.get("visibility")
    for d in sorted(p for p in folder.iterdir() if p.is_dir()):
        if (d / "meta.json").exists():
            meta = json.loads((d / "meta.json").read_text())
            yield (d, meta["log_decides"], None,
                   [meta["cause_kind"], *meta["also_acceptable"]])
        elif (d / "cause.txt").exists():
            label = (d / "cause.txt").read_text().strip()
            kinds = ((d / "kind.txt").read_text().split()
                     if (d / "kind.txt").exists() else [])
            yield d, seen.get(d.name, "line"), label, kinds


def diagnose(run):
    command = [PROGRAM, "diagnose", "--offline", "--json"]
    for f in sorted(run[0].iterdir()):
        if component(f.name) and f.stat().st_size:
            command += ["--log", f"{component(f.name)}={f}"]
    done = subprocess.run(command, capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 1, 3):
        return done.returncode, []
    return done.returncode, json.loads(done.stdout)["causes"]


def good(run, status, causes):
    _, seen, label, kinds = run
    if seen == "healthy":
        return status in (0, 3) and not any(
            c["severity"] in ("down", "degraded") for c in causes)
    first = causes[:RULES[seen][0]]
    return any(c["id"] == label or c["kind"] in kinds for c in first)


number = 0
for name in ("prosody-lab", "jitsi-lab", "incidents"):
    if not (DATA / name).is_dir():
        number += 1
        print(f"ok {number} # SKIP no data {name}")
        continue
    tally = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        listed = [r for r in runs(DATA / name)
                  if r[1] == "healthy" or r[1] in RULES]
        for run, (status, causes) in zip(listed, pool.map(diagnose, listed)):
            ok = good(run, status, causes)
            right, total = tally.get(run[1], (0, 0))
            tally[run[1]] = (right + ok, total + 1)
            if not ok:
                said = ", ".join(c["id"] for c in causes[:3]) or "nothing"
                print(f"# {name}/{run[0].name} ({run[1]}): {run[2]}, "
                      f"said {said}")
    for seen, (right, total) in sorted(tally.items()):
        # a small set may miss one where the share of it would allow none
        share = 1 if seen == "healthy" else RULES[seen][1]
        allowed = 0 if seen == "healthy" else max(1, total * (1 - share))
        number += 1
        print(f"{'ok' if total - right <= allowed else 'not ok'} {number} "
              f"- {name}: {right} of {total} {seen}")
print(f"1..{number}")
sys.exit(0)
