#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Set-ups that are in order, of many kinds: whatever the lint says of one as
an error or a warning is false. Would catch: a rule that knows one way of
doing a thing only. Each set-up has a fault put in at the end, to see that the
files were read at all."""
import json, os, subprocess, sys, tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
from sites import BASE, SETUPS, secure_domain, write

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def lint(root):
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", str(root)],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    return json.loads(p.stdout)


# A fault that every set-up shows once it is put in.
def break_it(files):
    for name in files:
        if name.endswith(".lua"):
            files[name] = files[name].replace('"saslauth"', '"mod_saslauth"').replace('"saslauth,', '"mod_saslauth",')


for setup in SETUPS:
    files = dict(BASE)
    setup(files)
    with tempfile.TemporaryDirectory() as tmp:
        root = Path(tmp) / "site"
        write(root, files)
        report = lint(root)
        said = [(f["id"], f["file"][len(str(root)):], f["line"] if "line" in f else 0, f["message"])
                for f in report["findings"] if f["level"] != "note"]
        ok(not said, f"{setup.__name__} ({setup.__doc__}): nothing wrong (got {said})")
        partial = [c["source"] for c in report["coverage"] if c["state"] not in ("read", "empty")]
        ok(not partial, f"{setup.__name__}: all of it read (but {partial})")
        break_it(files)
        write(root, files)
        ok(any(f["id"] in ("module-name-has-mod-prefix", "mod-saslauth-not-loaded") for f in lint(root)["findings"]),
           f"{setup.__name__}: a fault put in is told")
# A thing that belongs elsewhere: guests who have a VirtualHost of which their
# page does not know, admins below the line of another host.
def said_of(files, id):
    with tempfile.TemporaryDirectory() as tmp:
        write(Path(tmp), files)
        return [f["message"] for f in lint(Path(tmp))["findings"] if f["id"] == id]


files = dict(BASE)
secure_domain(files)
page = "jitsi/meet/meet.test.org-config.js"
files[page] = files[page].replace("anonymousdomain", "anonymous")
said = said_of(files, "anonymous-auth-disabled")
ok(len(said) == 1 and "anonymousdomain: 'guest.meet.jitsi'" in said[0], f"the page lacks its anonymousdomain: {said}")
files = dict(BASE)
name = "prosody/conf.d/meet.cfg.lua"
admins = '    admins = { "focus@auth.meet.test.org", "jvb@auth.meet.test.org" }\n'
files[name] = files[name].replace(admins, "").replace("    c2s_require", admins + "    c2s_require", 1)
said = said_of(files, "focus-not-owner-of-brewery")
ok(len(said) == 1 and "that host only" in said[0], f"the admins are those of another host: {said}")
print(f"1..{count}")
