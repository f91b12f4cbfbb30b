#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`meetprobe lint` as a command: exit statuses, the caret, waivers, JSON, what
it must not print. Would catch: a secret in the output, a control character
passed on, an unknown kind that ends the run."""
import json, os, subprocess, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def lint(*args, before=()):
    p = subprocess.run([f"{BUILD}/meetprobe", *before, "lint", *map(str, args)],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


JVB = """videobridge {
	apis.xmpp-client.configs { one {
		hostname = xmpp, domain = "auth.a.example", username = jvb
		password = "topsecret", muc-jids = "b@internal.auth.a.example"
		muc_nickname = one
	} }
}
"""


def main(tmp):
    jvb = tmp / "jvb.conf"
    jvb.write_text(JVB)
    status, out, err = lint(jvb)
    ok(status == 1, f"an error is exit 1 (got {status})")
    ok("topsecret" not in out, "a password is not printed, whatever else its line has")
    ok(":4:38: " in out or ":4:3" in out, f"line and column are named")
    status, out, _ = lint(jvb, "--json")
    report = json.loads(out)
    found = [f for f in report["findings"] if f["id"] == "config-key-misspelt"]
    ok(status == 1 and report["schema"] == "meetprobe.lint/1" and report["verdict"] == "findings",
       "the JSON report has schema and verdict")
    ok(found and found[0]["line"] == 4 and found[0]["level"] == "error",
       "the misspelt key with its line")
    ok("topsecret" not in out, "no password in JSON")

    clean = tmp / "hosts"
    clean.write_text("127.0.0.1 localhost\n100.64.2.3 xmpp\n")
    status, out, err = lint(clean)
    ok(status == 0 and out == "1 file read: nothing to say\n",
       f"a clean configuration is one line (got {out!r})")
    status, out, _ = lint("--format", "short", clean)
    ok(status == 0 and out.count("\n") == 1, "short: one line too")

    warn = tmp / "hosts.jicofo"
    warn.write_text("100.64.2.3 xmpp\n100.64.9.3 xmpp\n")
    status, out, _ = lint(warn)
    ok(status == 0 and "warning:" in out and "[dns-several-addresses]" in out,
       "a warning alone is exit 0")
    lines = out.splitlines()
    ok(any(l.strip().endswith("^~~~~~~~~~") for l in lines), f"a caret under the address")
    ok("note: compared with this" in out, "the other place is shown")
    status, _, _ = lint("--strict", warn)
    ok(status == 1, "--strict counts it")

    conf = tmp / "meetprobe.conf"
    conf.write_text('waive dns-several-addresses reason "moved this week" until 2999-01-01\n')
    conf.chmod(0o600)
    status, out, _ = lint("--strict", warn, before=("-f", str(conf)))
    ok(status == 0 and "1 waived" in out and "[dns" not in out, f"waived by meetprobe.conf (got {out!r})")
    conf.write_text('waive dns-several-addresses reason "over" until 2001-01-01\n')
    status, out, _ = lint("--strict", warn, before=("-f", str(conf)))
    ok(status == 1, "an expired waiver counts for nothing")
    conf.write_text("nonsense\n")
    status, out, err = lint(warn, before=("-f", str(conf)))
    ok(status == 2 and out == "", "an error in meetprobe.conf is exit 2 with empty output")

    strange = tmp / "weather.txt"
    strange.write_text("fine\n")
    status, out, err = lint(strange, clean)
    ok(status == 0 and "1 file read" in out and "weather.txt" in err,
       "an unknown kind is told and does not end the run")
    status, out, err = lint(tmp / "nothing-here")
    ok(status == 2 and out == "" and "no such file" in err, "a missing path is exit 2")
    status, out, err = lint("jvb.conf=" + str(tmp / "nothing-here"))
    ok(status == 0 and "no such file" in err, "a missing K=FILE is told, the run goes on")
    status, out, err = lint("weather=" + str(clean))
    ok(status == 2, "an unknown kind in K=FILE is a usage error")
    status, out, err = lint("hosts@jicofo=" + str(clean), "--json")
    ok(json.loads(out)["coverage"][0]["host"] == "jicofo", "K@HOST=FILE says the host")
    status, out, err = lint(tmp, "--json")
    names = {Path(f["source"]).name: f for f in json.loads(out)["coverage"]}
    ok(names["hosts.jicofo"]["host"] == "jicofo" and names["hosts.jicofo"]["kind"] == "hosts",
       "in a directory hosts.jicofo is hosts of jicofo")

    evil = tmp / "jicofo.conf"
    evil.write_bytes(b'jicofo { \x1b[31mx\x07 = "\x1b]0;t\x07" }\n')
    status, out, _ = lint(evil)
    ok("\x1b" not in out and "\x07" not in out, "control characters of a file are not passed on")
    status, out, _ = lint(evil, "--json")
    json.loads(out)
    ok("\x1b" not in out, "nor in JSON, which parses")
    status, _, _ = lint("--format", "tap", clean)
    ok(status == 2, "a format that lint does not have is exit 2")
    status, out, err = lint("--help")
    ok(status == 0 and out.startswith("usage: meetprobe lint ") and err == "",
       "--help of a command is its usage, on standard output")
    loop = tmp / "config.js"
    loop.write_text("var config = {}; while (true) {}\n")
    status, out, _ = lint(loop)
    ok("[config-not-read]" in out, "a config.js that never ends is told")


with tempfile.TemporaryDirectory() as t:
    main(Path(t))
print(f"1..{count}")
