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


def ssh(directory):
    fake = os.path.join(directory, "ssh")
    with open(fake, "w") as f:
        f.write('#!/bin/sh\n[ "$*" = "-o BatchMode=yes -- root@jvb '
                f'meetprobe evidence" ] && cat {directory}/jvb.json\n')
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
            "media", "secrets"} - set(got), "all of its fields are there")
    with tempfile.TemporaryDirectory() as directory:
        files(directory)
        ssh(directory)
        agent(directory)


main()
print(f"1..{done}")
sys.exit(failed > 0)
