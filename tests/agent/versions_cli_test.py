#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The version found decides, wherever it is found: in a log given together
with the configuration, in the evidence of a peer, in the packages of a host.
Would catch: a key judged without looking at the log, a log of another
component taken for it, a version that does not reach the rules or the causes.
"""
import json, os, subprocess, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0

JICOFO = """jicofo {
  rest { tls-port = 8843 }
  bridge { brewery-jid = "jvbbrewery@internal.auth.jts.example" }
  xmpp { client { hostname = "xmpp", domain = "auth.jts.example",
    username = "focus", password = "pw" } }
}
"""
JVB = """videobridge {
  websockets { enabled = true, domains = [ "jts.example:443" ] }
}
"""
HEAD = "2026-11-02 10:00:01.000 INFO: [1] "
KTOR = f"Jicofo {HEAD}Application.start#86: Starting ktor on port 8888, host 127.0.0.1\n"
JETTY = (f"Jicofo {HEAD}JettyServer.start#1: Starting HTTP server with config: "
         "host=null, port=8888\n")


def banner(version):
    return f"JVB {HEAD}MainKt.main#82: Starting jitsi-videobridge version {version}\n"


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def diagnose(tmp, config, log=None, peer=None):
    """Says what diagnose says, by id of the cause."""
    kind, text = config
    (tmp / kind).write_text(text)
    args = ["diagnose", "--offline", "--config", f"{kind}={tmp / kind}"]
    if log:
        component, lines = log
        (tmp / "x.log").write_text(lines)
        args += ["--log", f"{component}={tmp / 'x.log'}"]
    if peer:
        (tmp / "peer.json").write_text(json.dumps({
            "schema": "meetprobe.evidence/1", "host": "peer", "facts": peer}))
        args.append(str(tmp / "peer.json"))
    p = subprocess.run([f"{BUILD}/meetprobe", "--json", *args], timeout=60,
                       stdout=subprocess.PIPE)
    return {c["id"]: c["say"] for c in json.loads(p.stdout)["causes"]}


def keys(tmp):
    jicofo, jvb = ("jicofo.conf", JICOFO), ("jvb.conf", JVB)
    said = diagnose(tmp, jicofo)
    ok("ignored by versions since 2024-10" in said.get("config-key-obsolete", "") and
       "and so by" not in said["config-key-obsolete"], "no log: a note that names the versions")
    said = diagnose(tmp, jicofo, ("jicofo", KTOR))
    ok("2024-10" in said.get("config-key-obsolete", ""), "a log of 2024 or later: still told")
    said = diagnose(tmp, jicofo, ("jicofo", JETTY),
                    {"jicofo.version@jicofo": "2.0.9646"})
    ok("config-key-obsolete" not in said, "a peer of 2024-07 reads the key")
    said = diagnose(tmp, jicofo, peer={"jicofo.version@jicofo": "2.0.10532"})
    ok("and so by jicofo 2.0.10532" in said.get("config-key-obsolete", ""),
       "a peer of 2025 does not")
    said = diagnose(tmp, jicofo, ("jvb", banner("2.2-22-g42bc1b99")))
    ok("and so by" not in said.get("config-key-obsolete", "and so by"),
       "the bridge's banner says nothing of jicofo")
    said = diagnose(tmp, jvb, ("jvb", banner("2.2-22-g42bc1b99")))
    ok("jvb 2.2-22-g42bc1b99 ignores it" in said.get("config-key-too-new", ""),
       "the bridge's banner is older than a key")
    said = diagnose(tmp, jvb, ("jvb", banner("2.3-105-ga6d99f8e")))
    ok("config-key-too-new" not in said, "a bridge that reads it")
    said = diagnose(tmp, jvb)
    ok("config-key-too-new" not in said, "nothing known of the bridge")


def gates(tmp):
    jicofo = ("jicofo.conf", JICOFO)
    said = diagnose(tmp, jicofo)
    ok("jicofo-xmpp-domain-not-set" in said, "xmpp-domain is asked for")
    said = diagnose(tmp, jicofo, peer={"jicofo.version@jicofo": "1.0-911-1"})
    ok("jicofo-xmpp-domain-not-set" not in said, "not of jicofo of 2022")
    said = diagnose(tmp, jicofo, peer={"jicofo.version@jicofo": "2.0.9646",
                                       "bridge.version@jvb": "2.0.7648"})
    ok("2.0.9646" in said.get("component-versions-differ", ""), "two releases are told")
    said = diagnose(tmp, jicofo, peer={"jicofo.version@jicofo": "2.0.11248",
                                       "java.version@jicofo": "11.0.22"})
    ok("needs Java 17, it is started with Java 11.0.22" in said.get("jdk-too-old", ""),
       "the Java that a peer's probe found is too old")
    said = diagnose(tmp, jicofo, peer={"jicofo.version@jicofo": "nonsense",
                                       "java.version@jicofo": "\u001b[2J"})
    ok("jdk-too-old" not in said and "component-versions-differ" not in said,
       "what is no version changes nothing")


def told(tmp):
    """The report names what runs and who said so."""
    (tmp / "jvb.log").write_text(banner("2.3-105-ga6d99f8e"))
    (tmp / "p.json").write_text(json.dumps({
        "schema": "meetprobe.evidence/1", "host": "xmpp",
        "facts": {"prosody.version@prosody": "0.12.3", "java.version@jvb": "17.0.9\u001b[1m"}}))
    args = [f"{BUILD}/meetprobe", "diagnose", "--offline", "--log",
            f"jvb={tmp / 'jvb.log'}", str(tmp / "p.json")]
    out = json.loads(subprocess.run([args[0], "--json", *args[1:]], timeout=60,
                                    stdout=subprocess.PIPE).stdout)["versions"]
    got = {v["program"]: v for v in out}
    ok(got["jvb"]["version"] == "2.3-105-ga6d99f8e" and
       got["jvb"]["from"].endswith("jvb.log"), "the report names the bridge's version and its log")
    ok(got["prosody"]["version"] == "0.12.3" and got["prosody"]["from"] == "prosody",
       "and a peer's")
    text = subprocess.run(args, timeout=60, stdout=subprocess.PIPE).stdout
    ok(b"Versions: " in text and b"prosody 0.12.3" in text and b"\x1b" not in text,
       "in text too, escaped")


with tempfile.TemporaryDirectory() as t:
    told(Path(t))
with tempfile.TemporaryDirectory() as t:
    keys(Path(t))
    gates(Path(t))
print(f"1..{count}")
