#!/usr/bin/env python3
"""Evidence of one host in the diagnosis of another: written, read from a
file, from an agent with its token, over ssh; and peers that hang, lie or
refuse.

Catches: evidence that loses its signals on the way, a bad document that ends
the run or counts as proof, a peer that delays past the deadline, a token
that is not asked for.
"""
import json, os, socket, subprocess, sys, tempfile, time
import urllib.error, urllib.request

BUILD = os.path.abspath(os.environ.get("MEETPROBE_BUILD", "build"))
COMMAND = os.path.join(BUILD, "meetprobe")
done = failed = 0


def ok(good, text):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} - {text}")


def run(*arguments, env=None, timeout=60):
    started = time.time()
    r = subprocess.run([COMMAND, *arguments], capture_output=True, text=True,
                       env=env, timeout=timeout, stdin=subprocess.DEVNULL)
    r.seconds = time.time() - started
    return r


def document(directory):
    """evidence of a jvb whose password was refused, as another host has it"""
    return {
        "schema": "meetprobe.evidence/1", "version": "9.9", "host": "jvb",
        "roles": ["jvb"], "site": "jts.example", "new-field": {"a": [1]},
        "generated_at": "2026-11-02T10:01:00Z",
        "clock": {"utc": "2026-11-02T10:01:00Z", "offset_seconds": None},
        "facts": {"bridge.connected_xmpp": "no", "no.such.fact": "x"},
        "listeners": [], "pf": {}, "media": {}, "secrets": [],
        "checks": [{"id": "nobody.knows", "state": "fail"},
                   {"id": "tcp.connect", "group": "net",
                    "subject": "xmpp:5222", "state": "pass",
                    "layer": "net", "summary": "fine"}],
        "coverage": [{"source": "/var/log/jvb", "state": "read",
                      "from": "2026-11-02T10:00:00Z",
                      "to": "2026-11-02T10:01:00Z", "lines": 200}],
        "signals": [
            {"id": "jvb-login-failed", "component": "jvb", "count": 12,
             "first": "2026-11-02T10:00:01Z", "last":
             "2026-11-02T10:00:50Z", "captures": {}, "sample":
             "Failed to login. Disconnecting to trigger a re-connect"},
            {"id": "java-sasl-not-authorized", "component": "jvb",
             "count": 12, "first": "2026-11-02T10:00:01Z", "last":
             "2026-11-02T10:00:50Z", "captures":
             {"mechanism": "SCRAM-SHA-1"}, "sample":
             "SASLError using SCRAM-SHA-1: not-authorized"},
            {"id": "no-such-signal", "count": -1}]}


def causes(r):
    try:
        return [c["id"] for c in json.loads(r.stdout)["causes"]]
    except ValueError:
        return [f"no JSON: {r.stdout[:80]} {r.stderr[:200]}"]


def coverage(r, word):
    return [c for c in json.loads(r.stdout)["coverage"]
            if word in c["source"]]


def files(directory):
    path = os.path.join(directory, "jvb.json")
    with open(path, "w") as f:
        json.dump(document(directory), f)
    r = run("--json", "diagnose", "--offline", path)
    ok("jvb-wrong-password" in causes(r)[:1],
       f"a file of evidence is evidence, got {causes(r)}")
    report = json.loads(r.stdout)
    ok(any(e.get("host") == "jvb" for e in report["evidence"]),
       "and it says whose it is")
    for name, text in (("not-json", "{ nothing"), ("other", '{"schema":1}'),
                       ("newer", '{"schema":"meetprobe.evidence/2"}')):
        bad = os.path.join(directory, name + ".json")
        with open(bad, "w") as f:
            f.write(text)
        r = run("--json", "diagnose", "--deadline", "5", "--peer",
                f"jvb={bad}", os.devnull)
        ok(r.returncode in (0, 1, 3) and
           coverage(r, name)[0]["state"] == "unreadable",
           f"a document that is {name} is told in coverage")


def pf_document(host, role, blocked):
    """evidence of a host whose packet filter blocks flows"""
    return {
        "schema": "meetprobe.evidence/1", "version": "9.9", "host": host,
        "roles": [role], "site": "jts.example",
        "generated_at": "2026-11-02T10:01:00Z", "facts": {}, "signals": [],
        "checks": [{"id": "pf.config", "group": "pf", "subject": "",
                    "state": "fail", "layer": "pf", "reason":
                    "local-policy", "summary": "blocked"}],
        "coverage": [], "listeners": [], "secrets": [],
        "pf": {"flows": [], "blocked": blocked}}


def leg(source, port, **more):
    return {"from": source, "to": "xmpp", "port": port, "proto": "tcp",
            "leg": "in", "interface": "vio0", "cause": f"pf-blocks-{port}",
            "file": "/etc/pf.conf", "line": 3,
            "rule": "block return log all", **more}


JICOFO = """Jicofo 2026-11-02 10:00:31.000 SEVERE: [21] [c=client] \
XmppProvider.doConnect#219: Failed to connect/login: The following addresses \
failed: 'RFC 6120 A/AAAA Endpoint + [xmpp:5222] (xmpp/10.0.0.2:5222)' failed \
because: java.net.SocketTimeoutException: Connect timed out
"""


def packet_filters(directory):
    """flows blocked on other hosts: one cause with host and rule"""
    docs = {
        "xmpp": pf_document("xmpp", "xmpp", [leg("jicofo", 5222),
                                             leg("jvb", 5222)]),
        "router": pf_document("router", "router", [
            leg("jvb", 5222, leg="out", interface="tap1", line=7,
                cause="pf-out-leg-blocked", rule="block drop all")])}
    arguments = []
    for name, doc in docs.items():
        path = os.path.join(directory, name + "-pf.json")
        with open(path, "w") as f:
            json.dump(doc, f)
        arguments += ["--peer", f"{name}={path}"]
    log = os.path.join(directory, "jicofo.log")
    with open(log, "w") as f:
        f.write(JICOFO)
    r = run("--json", "diagnose", "--deadline", "5", *arguments, "--log",
            f"jicofo@jicofo={log}")
    report = json.loads(r.stdout)
    found = {c["id"]: c for c in report["causes"]}
    first = report["causes"][0] if report["causes"] else {}
    ok(first.get("id") in ("pf-blocks-5222", "pf-out-leg-blocked"),
       f"a rule of a peer explains the time-out first, got {list(found)}")
    ok({"pf-blocks-5222", "pf-out-leg-blocked"} &
       set(found) and "pf-blocks-flow" not in found,
       "what the peers' probes say of it is folded")
    said = found.get("pf-blocks-5222", {})
    ok("pf of xmpp blocks jicofo to xmpp port 5222/tcp, jvb to xmpp port "
       "5222/tcp coming in on vio0 by \"block return log all\"" in
       said.get("say", ""), f"host, flows and rule are named: {said}")
    ok(said.get("host") == "xmpp" and any(
        e["id"] in said["for"] and e.get("host") == "xmpp" and
        e.get("file") == "/etc/pf.conf" and e.get("line") == 3
        for e in report["evidence"]), "the rule is evidence, FILE:LINE")
    hostile = pf_document("xmpp", "xmpp", [
        leg("x", 5222, cause="no-such-cause"), leg("x", 5222, cause=7),
        leg("x", 5222, cause="config-syntax-error"), [1], "x", None,
        leg("\x1b[31m", 5222, line=-5, rule="\x07" * 5000)] +
        [leg(f"h{i}", 5222, line=i) for i in range(500)])
    path = os.path.join(directory, "hostile-pf.json")
    with open(path, "w") as f:
        json.dump(hostile, f)
    r = run("diagnose", "--offline", path)
    ok(r.returncode == 1 and "\x1b" not in r.stdout and
       "\x07" not in r.stdout, "made-up causes are ignored, text escaped")
    hostile["pf"] = ["no", "object"]
    with open(path, "w") as f:
        json.dump(hostile, f)
    r = run("--json", "diagnose", "--offline", path)
    ok(r.returncode in (0, 1, 3) and "pf-blocks-5222" not in causes(r),
       "a pf that is no object says nothing")


def findings(directory):
    """what the rules of another host found in its configuration"""
    d = document(directory)
    d["signals"] = []
    one = {"id": "truststore-wrong-password", "severity": "down",
           "file": "/etc/jvb/jvb.in.sh", "line": 4, "message":
           "the password here does not open /etc/ssl/jvb-key.store",
           "captures": {"store": "/etc/ssl/jvb-key.store"}}
    path = os.path.join(directory, "findings.json")

    def causes_of(*list_):
        with open(path, "w") as f:
            json.dump(dict(d, findings=list(list_)), f)
        r = run("--json", "diagnose", "--offline", "--peer", f"jvb={path}")
        return json.loads(r.stdout), r
    got, _ = causes_of(one, one)
    ok([c["id"] for c in got["causes"]] == [one["id"]] and
       got["causes"][0]["host"] == "jvb" and got["verdict"] == "findings",
       "a finding of another host is a cause there")
    ok(len([e for e in got["evidence"] if e["signal"] == one["id"]]) == 1,
       "told twice it is one")
    got, _ = causes_of(dict(one, severity="note"))
    ok(got["verdict"] == "healthy", "what the host has waived does not count")
    for name, bad in (
            ("id", dict(one, id="no-such-finding")), ("id", dict(one, id=7)),
            ("list", "text"), ("list", None), ("list", [one])):
        got, r = causes_of(bad)
        ok(got["causes"] == [] and r.returncode == 0,
           f"a finding whose {name} is {str(bad)[:40]} is ignored")
    got, r = causes_of(*[dict(one, line=n, message="\x1b[2J" * 200,
                              captures={"a=b": "c", "x": "y\nz"})
                         for n in range(3000)])
    ok(len(got["evidence"]) <= 256 and r.returncode == 1,
       "of very many some are read")


def ssh(directory):
    fake = os.path.join(directory, "ssh")
    with open(fake, "w") as f:
        f.write('#!/bin/sh\n[ "${*% *}" = "-o BatchMode=yes -- root@jvb '
                f'meetprobe evidence --salt" ] && cat {directory}/jvb.json\n')
    os.chmod(fake, 0o755)
    env = dict(os.environ, PATH=f"{directory}:{os.environ['PATH']}")
    r = run("--json", "diagnose", "--deadline", "10", "--peer",
            "jvb=ssh:root@jvb", os.devnull, env=env)
    ok("jvb-wrong-password" in causes(r), "ssh brings evidence")
    for target in ("-oProxyCommand=x", "a b", "a;b", "$(x)", ""):
        r = run("diagnose", "--peer", f"jvb=ssh:{target}")
        ok(r.returncode == 2 and not r.stdout,
           f"the target {target!r} is refused")


def agent(directory):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    token = os.path.join(directory, "token")
    with open(token, "w") as f:
        f.write("secret-of-the-test\n")
    os.chmod(token, 0o600)
    conf = os.path.join(directory, "agent.conf")
    with open(conf, "w") as f:
        f.write(f"role jvb\nhost xmpp address 127.0.0.1\n"
                f"listen on 127.0.0.1 port {port} token file {token}\n")
    p = subprocess.Popen([os.path.join(BUILD, "meetprobed"), "-d", "-f",
                          conf], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(url + "/-/healthy", timeout=2)
                break
            except OSError:
                time.sleep(0.2)
        try:
            urllib.request.urlopen(url + "/api/v1/evidence", timeout=5)
            ok(False, "evidence asks for the token")
        except urllib.error.HTTPError as e:
            ok(e.code == 401, "evidence asks for the token")
        request = urllib.request.Request(
            url + "/api/v1/evidence",
            headers={"Authorization": "Bearer secret-of-the-test"})
        got = json.load(urllib.request.urlopen(request, timeout=10))
        ok(got["schema"] == "meetprobe.evidence/1" and
           got["roles"] == ["jvb"], "with it, the agent gives its evidence")
        peers = os.path.join(directory, "peers.conf")
        hung = socket.socket()
        hung.bind(("127.0.0.1", 0))
        hung.listen(5)
        with open(peers, "w") as f:
            f.write(f"role outside\npeer jvb url {url} token file {token}\n"
                    f"peer hung url http://127.0.0.1:"
                    f"{hung.getsockname()[1]}\n"
                    f"peer wrong url {url}\n")
        r = run("--json", "-f", peers, "diagnose", "--deadline", "4",
                os.devnull)
        ok(r.seconds < 15, f"a hung peer ends with the deadline "
           f"({r.seconds:.1f} s)")
        ok(coverage(r, "peer hung") and coverage(r, "peer wrong") and
           not coverage(r, "peer jvb"),
           "who could not be asked is told, who answered is not")
        hung.close()
    finally:
        p.terminate()
        p.wait()


def main():
    r = run("evidence", "--deadline", "20")
    got = json.loads(r.stdout) if r.stdout else {}
    ok(r.returncode == 0 and got.get("schema") == "meetprobe.evidence/1" and
       isinstance(got.get("signals"), list), "this host's own evidence")
    ok(not {"listeners", "facts", "clock", "checks", "coverage", "pf",
            "media", "findings", "secrets"} - set(got), "all of its fields are there")
    with tempfile.TemporaryDirectory() as directory:
        files(directory)
        findings(directory)
        packet_filters(directory)
        ssh(directory)
        agent(directory)


main()
print(f"1..{done}")
sys.exit(failed > 0)
