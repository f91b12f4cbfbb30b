"""Every network probe against every peer that misbehaves.  Catches: a probe
that hangs, that crashes or leaks (the build under test has sanitizers), or
that calls one fault by another's name.

Runs in a network of its own, one loopback address a case, all cases at
once.  $PEERS_ONLY: probes to try (all).
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import time

import peer

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, os.environ.get("MEETPROBE_BUILD", "build"))
WORK = os.path.join(BUILD, "peers-test")
SLOWEST = 25            # seconds; every probe's own deadline is below

# What the peer does -> what the probe must say (design: reasons).
REASONS = {
    "silent": "timeout", "closes": "closed", "resets": "reset",
    "slow": "timeout", "garbage": "protocol-error", "half": "truncated",
    "oversize": "too-large", "alert": "tls-alert", "redirect": "redirect",
    "endless-head": "too-large", "status-500": "http-status",
    "status-404": "http-status", "not-json": "bad-json",
    "other-json": "bad-json", "empty": "http-body",
    "wrong-xml": "protocol-error", "bad-xml": "protocol-error",
    "host-unknown": "host-unknown", "stream-error": "stream-error",
    "no-starttls": "no-starttls", "tls-refused": "no-starttls",
    "silent-after-proceed": "timeout",
    "servfail": "dns-fail", "refused": "dns-fail",
    "nxdomain": "dns-nxdomain", "error": "stun-error",
}
JSON = {"garbage": "protocol-error",
        "status-404": "not-enabled not-applicable",
        "empty": "bad-json"}
PAGE = {"not-json": "http-body", "other-json": "http-body"}
# Any file will do, or none; a page for the rooms will not.
ACME = {"status-404": "ok", "not-json": "http-body", "other-json": "ok"}
SCRIPT = {"not-json": "http-body", "other-json": "http-body"}
# xmpp.stream reads the features and goes no further.
STREAM = {"no-starttls": "sasl-no-mechanism", "tls-refused": "ok",
          "alert": "ok", "silent-after-proceed": "ok"}
BOSH = {"not-json": "http-body", "other-json": "protocol-error",
        "empty": "http-body"}
# Before the upgrade; what is no answer to it is told by its status or shape.
WEBSOCKET = {name: "http-status protocol-error redirect http-body" for name in
             ("redirect", "oversize", "status-500", "status-404", "not-json",
              "other-json", "empty", "half")}
# A datagram that is no answer is no answer; what follows is silence.
DATAGRAM = {"garbage": "timeout dns-fail protocol-error",
            "half": "timeout dns-fail protocol-error truncated",
            "loop": "timeout dns-fail protocol-error",
            "other-transaction": "timeout"}
STUN = {"silent": "timeout no-answer", "garbage": "timeout no-answer",
        "half": "timeout no-answer protocol-error truncated",
        "error": "stun-error", "other-transaction": "timeout no-answer"}

SITE = """
site "jts.example"
role {role}
host web address {address}
host xmpp address {address}
host jicofo address {address}
host jvb address {address}
"""
# probe, subject, kind of peer, port, inside TLS, role, more lines, reasons
PROBES = (
    ("tls.web", None, "tls", 443, False, "web", "", {}),
    ("xmpp.starttls", None, "xmpp", 5222, False, "jicofo", "", {}),
    ("xmpp.stream", None, "xmpp", 5222, False, "jicofo", "", STREAM),
    ("bosh.direct", None, "http", 5280, False, "web", "", BOSH),
    ("bosh.public", None, "https", 443, True, "web", "", BOSH),
    ("ws.public", None, "https", 443, True, "web",
     'config "config.js" "{work}/config.js"\n', WEBSOCKET),
    ("xmpp.login", None, "xmpp", 5222, False, "jicofo",
     'account focus "focus@auth.jts.example" password file '
     '"{work}/password"\nca file "{work}/ca/ca.crt"\n', {}),
    ("xmpp.components", None, "xmpp", 5222, False, "jicofo",
     'account focus "focus@auth.jts.example" password file '
     '"{work}/password"\nca file "{work}/ca/ca.crt"\n', {}),
    ("jigasi.health", None, "http", 8788, False, "jvb",
     "rest jigasi address {address} port 8788\n",
     {**JSON, "not-json": "ok", "other-json": "ok", "empty": "ok"}),
    ("jibri.health", None, "http", 2222, False, "jvb",
     "rest jibri address {address} port 2222\n",
     {**JSON, "not-json": "ok bad-json", "other-json": "ok bad-json",
      "empty": "ok bad-json"}),
    ("web.acme", None, "https", 443, True, "web", "", ACME),
    ("web.page", None, "https", 443, True, "web", "", PAGE),
    ("web.config", None, "https", 443, True, "web", "", SCRIPT),
    ("jvb.health", None, "http", 8080, False, "jvb",
     "rest jvb address {address} port 8080\n",
     {**JSON, "not-json": "ok", "other-json": "ok", "empty": "ok"}),
    ("jvb.stats", None, "http", 8080, False, "jvb",
     "rest jvb address {address} port 8080\n", JSON),
    ("jvb.version", None, "http", 8080, False, "jvb",
     "rest jvb address {address} port 8080\n", JSON),
    ("jicofo.health", None, "http", 8888, False, "jicofo",
     "rest jicofo address {address} port 8888\n",
     {**JSON, "not-json": "ok", "other-json": "ok", "empty": "ok"}),
    ("jicofo.stats", None, "http", 8888, False, "jicofo",
     "rest jicofo address {address} port 8888\n", JSON),
    ("jicofo.version", None, "http", 8888, False, "jicofo",
     "rest jicofo address {address} port 8888\n", JSON),
    ("dns.site", None, "dns", 53, False, "outside",
     "resolver {address}\n", DATAGRAM),
    ("dns.peers", None, "dns", 53, False, "jicofo", "", DATAGRAM),
    ("stun.mapped", None, "stun", 3478, False, "jvb",
     "stun server {address}:3478\n", STUN),
)

count = failed = 0


def ok(good, text, why=""):
    global count, failed
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)
    if not good:
        failed += 1
        for line in str(why).splitlines()[-12:]:
            print(f"# {line[:300]}", flush=True)


def enter():
    """Begins again in a network and mounts of its own."""
    user = [] if os.getuid() == 0 else ["-Ur"]
    probe = subprocess.run(["unshare", *user, "-mn", "true"], check=False,
                           capture_output=True)
    if probe.returncode != 0:
        print("ok 1 # SKIP no namespaces here: " +
              probe.stderr.decode().strip())
        print("1..1")
        sys.exit(0)
    os.environ["PEERS_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", *user, "-mn", sys.executable,
                          os.path.abspath(__file__)])


def prepare():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(os.path.join(WORK, "ca"))
    subprocess.run([os.path.join(TOP, "tests/lab/certs"),
                    os.path.join(WORK, "ca")], check=True)
    shutil.copy(os.path.join(WORK, "ca/ca.crt"),
                os.path.join(WORK, "ca/ca-certificates.crt"))
    name = subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in",
         os.path.join(WORK, "ca/ca.crt")], capture_output=True, text=True,
        check=True).stdout.strip()
    shutil.copy(os.path.join(WORK, "ca/ca.crt"),
                os.path.join(WORK, "ca", name + ".0"))
    with open(os.path.join(WORK, "config.js"), "w",
              encoding="ascii") as file:
        file.write("var config = { hosts: { domain: 'jts.example' },\n"
                   "websocket: 'wss://jts.example/xmpp-websocket' };\n")
    with open(os.path.join(WORK, "password"), "w", encoding="ascii") as file:
        file.write("secret\n")
    os.chmod(os.path.join(WORK, "password"), 0o600)
    subprocess.run(["mount", "--bind", os.path.join(WORK, "ca"),
                    "/etc/ssl/certs"], check=True)


class Case:
    def __init__(self, number, row, behaviour):
        (self.probe, self.subject, self.kind, self.port, tls, role, more,
         self.known) = row
        self.behaviour = behaviour
        self.address = f"127.1.{number // 250}.{number % 250 + 1}"
        self.cert = os.path.join(WORK, "ca/jts.example.crt") if tls else None
        self.key = os.path.join(WORK, "ca/jts.example.key") if tls else None
        self.conf = os.path.join(WORK, f"{number}.conf")
        with open(self.conf, "w", encoding="ascii") as file:
            file.write((SITE + more).format(role=role,
                                            address=self.address,
                                            work=WORK))

    def wanted(self):
        return self.known.get(self.behaviour,
                              REASONS.get(self.behaviour, "?")).split()

    def resolver(self):
        """What gives dns.peers this case's peer as the host's own server."""
        if self.probe != "dns.peers":
            return []
        name = self.conf + ".resolv"
        with open(name, "w", encoding="ascii") as file:
            file.write(f"nameserver {self.address}\n")
        return ["unshare", "-m", "sh", "-c",
                'mount --bind "$0" /etc/resolv.conf && exec "$@"', name]

    def run(self):
        there = peer.Peer(self.kind, self.behaviour, self.port, self.cert,
                          self.key, self.address)
        command = [*self.resolver(), os.path.join(BUILD, "meetprobe"), "-f",
                   self.conf,
                   "--json", "probe", self.probe]
        if self.subject:
            command.append(self.subject)
        start = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True,
                                  timeout=SLOWEST + 15, check=False)
            self.status = done.returncode
            self.out, self.errors = done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.status, self.out, self.errors = 124, "", "hangs"
        self.seconds = time.monotonic() - start
        self.hits = there.hits
        there.end()
        return self

    def judge(self):
        text = f"{self.probe}: a peer ({self.behaviour}): " \
            f"{' or '.join(self.wanted())}"
        try:
            checks = json.loads(self.out)
        except ValueError:
            checks = []
        reasons = [c.get("reason", "ok" if c["state"] == "pass" else
                         c["state"]) for c in checks]
        why = f"exit {self.status}, {self.hits} connections, " \
            f"{self.seconds:.1f} s, reasons {reasons}\n"
        why += "\n".join(c.get("summary", "") for c in checks)
        why += "\n" + self.errors
        ok(any(r in self.wanted() for r in reasons)
           and self.seconds < SLOWEST and self.status in (0, 1, 3)
           and "Sanitizer" not in self.errors, text, why)


def main():
    if not os.environ.get("PEERS_INSIDE"):
        enter()
    prepare()
    only = os.environ.get("PEERS_ONLY", "").split()
    there = subprocess.run(
        [os.path.join(BUILD, "meetprobe"), "probe", "none"],
        capture_output=True, text=True, check=False).stderr
    cases = []
    for row in PROBES:
        if only and row[0] not in only:
            continue
        if row[0] not in there:
            ok(False, f"{row[0]}: there is such a probe")
            continue
        if row[0] == "dns.peers" and not os.path.exists("/etc/resolv.conf"):
            ok(True, "dns.peers # SKIP no /etc/resolv.conf to stand in for")
            continue
        for behaviour in peer.KINDS[row[2]][1]:
            cases.append(Case(len(cases), row, behaviour))
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        for case in pool.map(Case.run, cases):
            case.judge()
    print(f"1..{count}")
    return int(failed > 0)


sys.exit(main())
