#!/usr/bin/env python3
"""Secrets that two hosts hold alike, and the hosts' clocks, compared by
`meetprobe diagnose` without either host showing its secrets.

Catches: a plain secret in anything that is printed, logged, sent or in an
argument; a value that is not PBKDF2 of the secret; a salt that is too short
taken; secrets told to somebody without the token or twice in ten minutes;
hosts with different secrets held to be alike, or the reverse; a clock that is
off and not told, or told and right; times that are not corrected.
"""
import contextlib, glob, hashlib, http.server, json, os, signal, socket
import subprocess, sys, tempfile, threading, time
import datetime
import urllib.error, urllib.request

BUILD = os.path.abspath(os.environ.get("MEETPROBE_BUILD", "build"))
COMMAND = os.path.join(BUILD, "meetprobe")
SALT = "00112233445566778899aabbccddeeff"
CANARY = "kanarienvogel"        # in every secret, and in nothing else
TOKEN = "token-" + CANARY
done = failed = 0
said = []                       # all output of all that ran


def ok(good, text):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} - {text}", flush=True)


def run(*arguments, env=None, timeout=90):
    r = subprocess.run([COMMAND, *arguments], capture_output=True, text=True,
                       env=env, timeout=timeout, stdin=subprocess.DEVNULL,
                       errors="replace")
    said.append((" ".join(arguments), r.stdout + r.stderr))
    return r


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def site(d, turn="turn", focus="focus"):
    """the two hosts' files: xmpp/ (prosody) and other/ (coturn, jicofo)"""
    write(f"{d}/xmpp/prosody.cfg.lua", f"""
VirtualHost "jts.example"
    authentication = "anonymous"
    modules_enabled = {{ "bosh" }}
VirtualHost "auth.jts.example"
    authentication = "internal_hashed"
Component "conference.jts.example" "muc"
Component "focus.jts.example"
    component_secret = "{CANARY}-focus"
external_service_secret = "{CANARY}-turn"
""")
    write(f"{d}/other/turnserver.conf",
          f"use-auth-secret\nstatic-auth-secret={CANARY}-{turn}\n")
    write(f"{d}/other/jicofo.in.sh", "JICOFO_HOSTNAME=jts.example\n"
          f"JICOFO_SECRET='{CANARY}-{focus}'\n"
          "JICOFO_TRUSTSTORE=/etc/none.store\n"
          f"JICOFO_TRUSTSTORE_PASSWORD={CANARY}-store\n")
    write(f"{d}/account/jicofo.conf", "jicofo.xmpp.client { hostname = xmpp, "
          "domain = auth.jts.example, username = focus, password = "
          f"\"{CANARY}-account\" }}\n")
    write(f"{d}/password", f"{CANARY}-account\n")
    write(f"{d}/token", TOKEN + "\n")
    write(f"{d}/xmpp.conf", f"""role outside
site "jts.example"
config "prosody.cfg.lua" "{d}/xmpp/prosody.cfg.lua"
""")
    write(f"{d}/other.conf", f"""role outside
site "jts.example"
config "turnserver.conf" "{d}/other/turnserver.conf"
config "jicofo.in.sh" "{d}/other/jicofo.in.sh"
account focus "focus@auth.jts.example" password file "{d}/password"
""")


def pbkdf2(secret, salt, rounds):
    return hashlib.pbkdf2_hmac("sha256", secret.encode(),
                               bytes.fromhex(salt), rounds).hex()


def evidence(d, host, salt=SALT):
    r = run("-f", f"{d}/{host}.conf", "evidence", "--deadline", "10",
            *(("--salt", salt) if salt else ()))
    return json.loads(r.stdout)


def report(r):
    try:
        return json.loads(r.stdout)
    except ValueError:
        return {"causes": [{"id": r.stdout[:99] + r.stderr[:300]}],
                "coverage": [], "evidence": []}


def texts(rep, signal):
    return [e["text"] for e in rep["evidence"] if e.get("signal") == signal]


# ---- the document ----

def document(d):
    site(d)
    got = evidence(d, "xmpp")
    secrets = {s["name"]: s for s in got["secrets"]}
    ok({"turn_secret", "component_secret focus.jts.example"} <= set(secrets),
       f"prosody's secrets are told: {sorted(secrets)}")
    for name, secret in (("turn_secret", f"{CANARY}-turn"), (
            "component_secret focus.jts.example", f"{CANARY}-focus")):
        s = secrets.get(name, {})
        ok(s.get("rounds", 0) >= 200000 and s.get("salt") == SALT and
           s.get("value") == pbkdf2(secret, SALT, s["rounds"]) and
           s.get("file", "").endswith("prosody.cfg.lua"),
           f"{name} is PBKDF2-HMAC-SHA256 of it, at least 200,000 rounds")
    ok(evidence(d, "xmpp", None)["secrets"] == [], "without a salt, none")
    long = "ab" * 64
    ok(evidence(d, "xmpp", long)["secrets"][0]["value"] !=
       secrets["turn_secret"]["value"], "another salt, another value")
    for bad in ("", "00" * 15, "00" * 65, "0" * 33, "g" * 32, "-" * 32,
                "0123456789abcdef"):
        r = run("evidence", "--salt", bad)
        ok(r.returncode == 2 and not r.stdout, f"the salt {bad!r} is refused")
    ok(run("evidence", "--salt").returncode == 2, "--salt without a salt")
    ok(run("evidence", f"--salt={SALT}", "-f", "x").returncode == 2,
       "no other option")


def arguments(d):
    """what ps shows of the command and its helper children"""
    p = subprocess.Popen([COMMAND, "-f", f"{d}/xmpp.conf", "evidence",
                          "--deadline", "10", "--salt", SALT],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen, roles = "", set()
    while p.poll() is None:
        for f in glob.glob("/proc/[0-9]*/status"):
            with contextlib.suppress(OSError):
                if f"\nPPid:\t{p.pid}\n" not in open(f).read():
                    continue
                for name in ("cmdline", "environ"):
                    text = open(os.path.dirname(f) + "/" + name, "rb").read()
                    seen += text.decode(errors="replace")
                    if name == "cmdline" and b"secrets" in text:
                        roles.add("secrets")
    said.append(("evidence", p.stdout.read().decode(errors="replace")))
    ok(CANARY not in seen, "no secret is in an argument or the environment")
    ok(roles, "a helper child computes them")


# ---- files against files and against this host ----

def files(d):
    def diagnose(*more, json_=True):
        return report(run(*(["--json"] if json_ else []), "diagnose",
                          "--offline", *more))
    both = (f"xmpp={d}/xmpp.json", f"other={d}/other.json")

    def save(salts=(SALT, SALT)):
        for host, salt in zip(("xmpp", "other"), salts):
            write(f"{d}/{host}.json", json.dumps(evidence(d, host, salt)))

    site(d)
    save()
    r = diagnose("--peer", both[0], "--peer", both[1])
    ok(not texts(r, "turn-secret-mismatch") and
       not texts(r, "component-secret-mismatch"),
       "the same secrets on two hosts are nothing to tell")
    ok(not any("salt" in c.get("hint", "") for c in r["coverage"]),
       "and all could be compared")

    site(d, turn="another", focus="another")
    save()
    r = diagnose("--peer", both[0], "--peer", both[1])
    for cause, file in (("turn-secret-mismatch", "other/turnserver.conf"),
                        ("component-secret-mismatch", "other/jicofo.in.sh")):
        t = " ".join(texts(r, cause))
        ok(cause in [c["id"] for c in r["causes"]] and
           all(w in t for w in ("coturn" if "turn" in cause else "jicofo",
                                "on other", file, "prosody on xmpp",
                                "xmpp/prosody.cfg.lua")),
           f"{cause} names both hosts and files: {t}")
    ok(any("on xmpp" in c["say"] and "on other" in c["say"]
           for c in r["causes"] if c["id"] == "component-secret-mismatch"),
       "and so does its sentence")

    r = diagnose(f"{d}/other/turnserver.conf", f"{d}/other/jicofo.in.sh",
                 "--peer", both[0])
    ok(texts(r, "turn-secret-mismatch") and
       texts(r, "component-secret-mismatch"),
       "files here against a document, with the document's salt")
    site(d)
    r = diagnose(f"{d}/other/turnserver.conf", f"{d}/other/jicofo.in.sh",
                 "--peer", both[0])
    ok(not texts(r, "turn-secret-mismatch") and
       not texts(r, "component-secret-mismatch"), "and alike")

    # one trust store, copied: whoever has another password cannot open it
    for host, prefix, store, password in (
            ("one", "JICOFO", "same", "a"), ("two", "JVB", "same", "b"),
            ("three", "JVB", "same", "a"), ("four", "JVB", "other", "b")):
        name = f"{d}/{host}/{prefix.lower()}"
        write(f"{name}.store", f"\xfe\xed\xfe\xed{store}")
        write(f"{name}.in.sh", f"{prefix}_TRUSTSTORE={name}.store\n"
              f"{prefix}_TRUSTSTORE_PASSWORD={CANARY}-{password}\n")
        write(f"{d}/{host}.conf", 'role outside\nsite "jts.example"\n'
              f'config "{prefix.lower()}.in.sh" "{name}.in.sh"\n'
              f'config "keystore" "{name}.store"\n')
        write(f"{d}/{host}.json", json.dumps(evidence(d, host)))
    for other, differ in (("two", 1), ("three", 0), ("four", 0)):
        r = diagnose("--peer", f"one={d}/one.json", "--peer",
                     f"{other}={d}/{other}.json")
        t = [x for x in texts(r, "truststore-wrong-password")
             if "copies of one" in x]
        ok(len(t) == differ and (not t or ("on one" in t[0] and
                                           f"on {other}" in t[0])),
           f"passwords of trust stores: one and {other}: {t}")

    site(d, turn="another")
    save((SALT, "ff" * 16))
    r = diagnose("--peer", both[0], "--peer", both[1])
    hints = [c["hint"] for c in r["coverage"]
             if "secrets of coturn" in c["source"]]
    ok(not texts(r, "turn-secret-mismatch") and hints and
       "meetprobe evidence --salt S" in hints[0],
       "different salts prove nothing, and the coverage says how")
    save((None, SALT))
    r = diagnose("--peer", both[0], "--peer", both[1])
    ok(not texts(r, "turn-secret-mismatch"), "nor does a document without")

    hostile = evidence(d, "xmpp")
    hostile["secrets"] = [
        {"name": "turn_secret", "component": "coturn", "salt": "00",
         "rounds": 1, "value": "00" * 32, "file": "x"},
        {"name": "turn_secret", "component": "coturn", "salt": SALT,
         "rounds": -1, "value": "00" * 32, "file": "x"},
        {"name": "turn_secret", "component": "nobody", "salt": SALT,
         "rounds": 600000, "value": "00" * 32, "file": "x"},
        {"name": "turn_secret", "component": "coturn", "salt": SALT,
         "rounds": 600000, "value": "zz" * 32, "file": "x"},
        "text", None, {"name": ["turn_secret"]},
        *({"name": "turn_secret", "component": "prosody",
           "salt": f"{i:032x}", "rounds": 600000, "value": "00" * 32,
           "file": "\x1b[2J", "line": 1e99} for i in range(3000))]
    write(f"{d}/hostile.json", json.dumps(hostile))
    start = time.time()
    r = run("diagnose", "--offline", "--peer", f"a={d}/hostile.json",
            f"{d}/other/turnserver.conf")
    ok(r.returncode in (0, 1, 3) and time.time() - start < 60 and
       "\x1b[2J" not in r.stdout, "a hostile document is bounded and escaped")


# ---- over HTTP ----

def ask(url, token=TOKEN):
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


@contextlib.contextmanager
def agent(d, host, log):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    conf = write(f"{d}/agent.conf", open(f"{d}/{host}.conf").read() +
                 f"listen on 127.0.0.1 port {port} token file {d}/token\n")
    with open(log, "w") as out:
        p = subprocess.Popen([os.path.join(BUILD, "meetprobed"), "-d", "-v",
                              "-f", conf], stdout=out, stderr=out)
    try:
        for _ in range(150):
            with contextlib.suppress(OSError):
                if ask(f"http://127.0.0.1:{port}/-/healthy")[0] == 200:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait()


def over_http(d):
    site(d, turn="another")
    log = f"{d}/agent.log"
    with agent(d, "xmpp", log) as url:
        api = url + "/api/v1/evidence"
        for path in ("/", "/metrics", "/api/v1/report", "/api/v1/causes",
                     "/api/v1/evidence"):
            said.append((f"GET {path}", ask(url + path)[1]))
        for token in (None, "wrong"):
            status, body = ask(f"{api}?salt={SALT}", token)
            said.append(("GET without token", body))
            ok(status == 401 and "secrets" not in body,
               f"with the token {token} nothing is told")
        ok(ask(f"{api}?salt=00112233")[0] == 400, "a short salt is refused")
        ok(ask(f"{api}?salt={'00' * 200}")[0] == 400, "and a long one")
        status, body = ask(f"{api}?salt={SALT}")
        said.append(("GET evidence", body))
        got = json.loads(body)
        values = {s["name"]: s["value"] for s in got["secrets"]}
        ok(values.get("turn_secret") == pbkdf2(
            f"{CANARY}-turn", SALT, got["secrets"][0]["rounds"]),
           "with the token the values are told")
        ok(got["clock"]["asked"] <= got["clock"]["utc"],
           "and the clock when asked and when answered")
        status, body = ask(f"{api}?salt={'ab' * 16}")
        got = json.loads(body)
        hints = [c["hint"] for c in got["coverage"]
                 if c["source"] == "secrets"]
        ok(status == 200 and got["secrets"] == [] and hints and
           "again after" in hints[0],
           f"the same asker is not told again: {hints}")
        ok(json.loads(ask(api)[1])["secrets"] == [] and
           "secrets" not in [c["source"] for c in
                             json.loads(ask(api)[1])["coverage"]],
           "who asks for none is told nothing about them")
    said.append(("the agent's log", open(log).read()))
    ok("values of 2 secrets told to 127.0.0.1" in open(log).read(),
       "the agent logs whom it told")

    with agent(d, "xmpp", log) as url:
        peers = write(f"{d}/peers.conf", open(f"{d}/other.conf").read() +
                      f"peer xmpp url \"{url}\" token file {d}/token\n")
        r = report(run("--json", "-f", peers, "diagnose", "--deadline",
                       "20"))
        t = " ".join(texts(r, "turn-secret-mismatch"))
        ok("prosody on xmpp" in t and "turnserver.conf" in t,
           f"an agent's secrets are compared with this host's: {t}")
        ok(not texts(r, "component-secret-mismatch"),
           "those that are the same are not told")
        ok(not texts(r, "clock-skew"), "nor is a clock that is right")
        r = report(run("--json", "-f", peers, "diagnose", "--deadline",
                       "20"))
        ok(not texts(r, "turn-secret-mismatch") and any(
            "again after" in c.get("hint", "") for c in r["coverage"]),
           "asked again at once: unknown, and when it is possible")
    said.append(("the agent's log", open(log).read()))


# ---- clocks ----

def iso(t):
    return datetime.datetime.fromtimestamp(
        t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def host(name, ahead=0, signals=(), asked=True, took=0.0):
    """a document of a host whose clock is ahead, made now"""
    now = time.time() + ahead
    clock = {"utc": iso(now), "offset_seconds": None}
    if asked:
        clock["asked"] = iso(now - took)
    return {"schema": "meetprobe.evidence/1", "version": "9", "host": name,
            "roles": [], "site": "jts.example", "generated_at": iso(now),
            "clock": clock, "facts": {}, "listeners": [], "checks": [],
            "coverage": [], "pf": {}, "media": {}, "secrets": [],
            "signals": [{"id": i, "component": c, "count": n,
                         "first": iso(a), "last": iso(b), "captures": {},
                         "sample": i} for i, c, n, a, b in signals]}


class FakePeer(http.server.BaseHTTPRequestHandler):
    """answers after `delay`; its clock is `ahead`"""
    ahead, delay, asked, paths, signals = 0, 0.0, True, [], ()

    def do_GET(self):
        self.paths.append(self.path)
        time.sleep(self.delay)
        body = json.dumps(host("jvb", self.ahead, self.signals, self.asked,
                               self.delay)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def clocks_of_live_peers(d):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakePeer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    empty = write(f"{d}/empty/hosts", "127.0.0.1 localhost\n")
    conf = write(f"{d}/outside.conf", 'role outside\n')

    def skew(ahead, delay=0.0, asked=True, signals=()):
        FakePeer.ahead, FakePeer.delay = ahead, delay
        FakePeer.asked, FakePeer.signals = asked, signals
        return report(run("--json", "-f", conf, "diagnose", "--deadline",
                          "8", "--peer", f"jvb={url}", empty))

    for ahead, delay, asked, want in (
            (0, 0, True, None), (1.5, 0, True, None), (-1.5, 0, True, None),
            (37, 0, True, "37.0 s ahead"), (-37, 0, True, "37.0 s behind"),
            (-3600, 0, True, "3600.0 s behind"),
            # three seconds of work on the peer are no skew
            (0, 3, True, None), (10, 3, True, "10.0 s ahead"),
            # a peer that does not say when it was asked is in doubt
            (1.5, 3, False, None), (37, 1, False, "s ahead")):
        t = texts(skew(ahead, delay, asked), "clock-skew")
        ok((not t) if want is None else
           t and want in t[0] and "jvb" in t[0],
           f"a clock {ahead} s ahead, {delay} s of work: {t}")
    ok(all("?salt=" in p and len(p.split("salt=")[1]) >= 32
           for p in FakePeer.paths) and
       len({p.split("salt=")[1] for p in FakePeer.paths}) ==
       len(FakePeer.paths), "every run asks with a salt of its own")
    # times are corrected: the bridge's login is where prosody has it
    log = write(f"{d}/prosody.log", "".join(
        f"{time.strftime('%b %d %H:%M:%S', time.gmtime(t))} c2s55aa{n} info "
        "Authenticated as jvb@auth.jts.example\n"
        for n, t in ((10, time.time() - 600), (11, time.time() - 300))))
    start = time.time()
    FakePeer.ahead, FakePeer.delay, FakePeer.asked = 3600, 0, True
    FakePeer.signals = (("jvb-authenticated", "jvb", 2, start + 3000,
                         start + 3300),)
    r = report(run("--json", "-f", conf, "diagnose", "--deadline", "8",
                   "--peer", f"jvb={url}", "--log", f"prosody={log}"))
    signals = [e.get("signal") for e in r["evidence"]]
    ok(texts(r, "clock-skew") and "jvb-login-apart" not in signals,
       f"the skew is told once, and the times are corrected: {signals}")
    server.shutdown()
    fake = write(f"{d}/bin/ssh", f"#!/bin/sh\necho \"$*\" > {d}/ssh.args\n"
                 f"sleep 1\ncat {d}/ssh.json\n", 0o755)
    write(f"{d}/ssh.json", json.dumps(host("jvb", 3701)))
    env = dict(os.environ, PATH=f"{os.path.dirname(fake)}:"
               f"{os.environ['PATH']}")
    r = report(run("--json", "-f", conf, "diagnose", "--deadline", "8",
                   "--peer", "jvb=ssh:root@jvb", empty, env=env))
    words = open(f"{d}/ssh.args").read().split()
    ok(words[:6] == ["-o", "BatchMode=yes", "--", "root@jvb", "meetprobe",
                     "evidence"] and words[6] == "--salt" and
       len(bytes.fromhex(words[7])) >= 16,
       f"ssh is given the salt: {words}")
    t = texts(r, "clock-skew")
    ok(t and "ahead" in t[0], f"and the clock of its host is measured: {t}")


def clocks_of_files(d):
    t = time.time() - 5000
    xmpp = [("prosody-bridge-login", "prosody", 2, t, t + 900),
            ("prosody-focus-login", "prosody", 1, t - 50, t - 50)]
    jvb = [("jvb-authenticated", "jvb", 2, t + 120, t + 1020)]
    once = [("jvb-authenticated", "jvb", 1, t + 120, t + 120)]

    def diagnose(signals):
        write(f"{d}/c-xmpp.json", json.dumps(host("xmpp", 0, xmpp)))
        write(f"{d}/c-jvb.json", json.dumps(host("jvb", 0, signals)))
        return report(run("--json", "diagnose", "--offline", "--peer",
                          f"xmpp={d}/c-xmpp.json", f"{d}/c-jvb.json"))
    r = diagnose(jvb)
    t1 = texts(r, "clock-skew")
    ok(t1 and "120.0 s" in t1[0] and "2 events" in t1[0],
       f"two files whose logins agree: {t1}")
    ok("jvb-login-apart" not in [e.get("signal") for e in r["evidence"]],
       "and the times are corrected")
    r = diagnose(once)
    ok(not texts(r, "clock-skew") and
       [c["hint"] for c in r["coverage"] if c["source"] == "clock of jvb"],
       "one login alone is not enough: the clock is unknown, and so told")
    r = diagnose([("jvb-authenticated", "jvb", 2, t, t + 900)])
    ok(not texts(r, "clock-skew") and
       not [c for c in r["coverage"] if "clock of" in c["source"]],
       "the same times are nothing to tell")


# ---- nothing of it is ever shown ----

VHOST = 'VirtualHost "auth.a"\n'
# Files in which the secret is what the reader stumbles over, or stands in a
# line that a finding shows.
BROKEN = (
    ("prosody.cfg.lua", VHOST + 'Component "focus.a"\n'
     " component_secret = {}\n"),
    ("prosody.cfg.lua", VHOST + 'external_service_secret = "{}\n'),
    ("prosody.cfg.lua", VHOST + "external_service_secret = {} x\n"),
    ("prosody.cfg.lua", VHOST + "external_service_secret =\n{} x\n"),
    ("prosody.cfg.lua", VHOST + 'turn_external_secret =\n"{}"\n'),
    ("prosody.cfg.lua", VHOST + 'external_services = {{ {{ secret = "{}" '
     'host = "x" }} }}\n'),
    ("jicofo.conf", 'jicofo {{ xmpp {{ client {{ password = x"{}, '
     'hostname = x }} }}\n'),
    ("jicofo.conf", 'jicofo {{ xmpp {{ client {{ password = "{}\n }} }} }}\n'),
    ("jicofo.conf", "jicofo {{ xmpp {{ client {{ password {} }} }} }}\n"),
    ("jicofo.conf", "jicofo {{ xmpp {{ client {{ pasword = {}, hostname=x "
     "}} }} }}\n"),
    ("jicofo.conf", 'jicofo {{ xmpp {{ client {{ password = "{}${{X}}" }} }} '
     "}}\n"),
    ("jicofo.in.sh", "JICOFO_SECRET='{}\n"),
    ("jicofo.in.sh", "JICOFO_SECRET='{}\n" * 300),
    ("jicofo.in.sh", 'JICOFO_TRUSTSTORE_PASSWORD="{}\nJICOFO_MAXMEM=64m\n'),
    (".env", "JICOFO_AUTH_PASSWORD=\"{}\nTURN_CREDENTIALS='{}\n"),
    ("turnserver.conf", "static-auth-secret {}\nno-such {}\n"),
    ("sip-communicator.properties",
     "org.jitsi.videobridge.xmpp.user.shard.PASWORD={}\n"),
    ("docker-compose.yml", "services:\n  prosody:\n    image: x\n"
     "    environment:\n      - JICOFO_AUTH_PASSWORD={}\n"
     "      - TURN_CREDENTIALS={}\n    bad: \"x\n"),
    ("setup.txt", "prosodyctl register focus auth.a {}\n"
     "keytool -import -storepass {} -keystore /etc/x.store\n"),
)


def broken(d):
    for number, (name, text) in enumerate(BROKEN):
        there = f"{d}/broken{number}"
        write(f"{there}/{name}", text.format(*[CANARY] * text.count("{}")))
        write(f"{there}/jvb.conf", "videobridge {}\n")
        write(f"{there}/turnserver.conf", "static-auth-secret=x\n") \
            if name != "turnserver.conf" else None
        for words in (["lint"], ["--json", "diagnose", "--offline"]):
            r = run(*words, there)
            if r.returncode not in (0, 1, 3):
                ok(False, f"{name} {number}: {words} {r.stderr[:200]}")

def shown(d):
    site(d, turn="another", focus="another")
    both = (f"{d}/xmpp", f"{d}/other", f"{d}/account")
    for form in ("text", "short", "json"):
        run("--format", form, "lint", *both)
    for form in ("text", "short", "json", "junit", "tap", "nagios"):
        run("-v", "diagnose", "--offline", "--format", form, *both)
    for conf in ("xmpp", "other"):
        for command in (("accept",), ("evidence",),
                        ("probe", "xmpp.login"), ("probe", "listen.local"),
                        ("diagnose",)):
            r = run("-v", "-f", f"{d}/{conf}.conf", *command, "--deadline",
                    "3")
            ok(r.stdout, f"{command} of {conf} printed something")
        r = subprocess.run([os.path.join(BUILD, "meetprobed"), "-nv", "-f",
                            f"{d}/{conf}.conf"], capture_output=True,
                           text=True)
        said.append(("meetprobed -nv", r.stdout + r.stderr))
    found = [(what, line[:160]) for what, text in said
             for line in text.splitlines() if CANARY in line]
    ok(not found, f"no secret is in any of {len(said)} outputs "
       f"{found[:5]}")
    ok(sum(len(t) for _, t in said) > 100000, "which are not empty")


def main():
    with tempfile.TemporaryDirectory() as d:
        for part in (document, arguments, files, over_http,
                     clocks_of_live_peers, clocks_of_files, broken, shown):
            start = time.time()
            part(d)
            print(f"# {part.__name__}: {time.time() - start:.1f} s")


main()
print(f"1..{done}")
sys.exit(failed > 0)
