#!/usr/bin/env python3
"""The agent as its processes: pages while a peer hangs, reload good and bad,
a child that dies and comes back, an orderly end, options refused.

Catches: a hung peer that delays a page, a reload that loses the old
configuration, a dead engine that stays dead, processes left behind.
"""
import json, os, re, signal, socket, subprocess, sys, tempfile, time
import urllib.error, urllib.request

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
AGENT = os.path.join(BUILD, "meetprobed")
done = failed = 0


def ok(good, text):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} - {text}")
    return good


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path, timeout=5, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}",
                                     headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError as e:
        return 0, str(e)


def until(test, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        value = test()
        if value:
            return value
        time.sleep(0.2)
    return None


def children(pid):
    found = {}
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = open(f"/proc/{p}/stat").read()
            name = fields[fields.index("(") + 1:fields.rindex(")")]
            parent = int(fields[fields.rindex(")") + 2:].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            found[name] = int(p)
    return found


def configuration(port, hung, room, watched):
    return f"""site "site.invalid"
role xmpp
host xmpp address 127.0.0.1
room {room}
listen on 127.0.0.1 port {port}
rest jvb address 127.0.0.1 port {hung}
log prosody {watched}
"""


def options():
    for arguments, want in ((["-n", "-f", "/nonexistent"], 2),
                            (["-x"], 2), (["-D", "novalue"], 2),
                            (["-r", "0"], 2)):
        r = subprocess.run([AGENT, *arguments], capture_output=True)
        ok(r.returncode == want and not r.stdout,
           f"meetprobed {' '.join(arguments)} ends with {want}, "
           f"got {r.returncode}")
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write("site $name\nlog nobody /x\n")
        f.flush()
        r = subprocess.run([AGENT, "-n", "-D", "name=a.example", "-f",
                            f.name], capture_output=True, text=True)
        ok(r.returncode == 2 and f"{f.name}:2:5:" in r.stderr,
           "-n tells the line and column")
        f.seek(0)
        f.truncate()
        f.write("site $name\nlisten on 100.64.1.3 token file /t\n")
        f.flush()
        r = subprocess.run([AGENT, "-nv", "-D", "name=a.example", "-f",
                            f.name], capture_output=True, text=True)
        ok(r.returncode == 0 and 'site "a.example"' in r.stdout and
           "# pf: pass in" in r.stdout, "-nv prints it and the pf lines")
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as again:
            again.write(r.stdout)
            again.flush()
            r2 = subprocess.run([AGENT, "-nv", "-f", again.name],
                                capture_output=True, text=True)
            ok(r2.stdout == r.stdout, "what it prints parses to the same")


def run(directory):
    port = free_port()
    watched = os.path.join(directory, "prosody.log")
    open(watched, "w").close()
    hung = socket.socket()
    hung.bind(("127.0.0.1", 0))
    hung.listen(50)
    conf = tempfile.NamedTemporaryFile("w", suffix=".conf")
    conf.write(configuration(port, hung.getsockname()[1], "one", watched))
    conf.flush()
    log = tempfile.TemporaryFile("w+")
    agent = subprocess.Popen([AGENT, "-d", "-f", conf.name, "-r", "10"],
                             stderr=log)
    try:
        ok(until(lambda: get(port, "/-/healthy")[0] == 200),
           "the agent answers")
        ok(until(lambda: "meetprobe_probe_success" in
                 get(port, "/metrics")[1]), "probes arrive in /metrics")
        status, text = get(port, "/metrics", Accept=
                           "application/openmetrics-text; version=1.0.0")
        ok(text.rstrip().endswith("# EOF"), "OpenMetrics by Accept")
        slow = 0
        for _ in range(100):
            started = time.time()
            get(port, "/metrics")
            slow = max(slow, time.time() - started)
        ok(slow < 0.25, "a hung peer does not delay /metrics "
           f"(slowest of 100: {slow * 1000:.1f} ms)")
        report = until(lambda: get(port, "/api/v1/report")[1].startswith("{")
                       and json.loads(get(port, "/api/v1/report")[1]))
        ok(report and report["schema"] == "meetprobe.report/1" and
           report["checks"], "the report is there")
        ok(get(port, "/probe?module=tcp.connect&target=elsewhere:25")[0] ==
           400, "an unknown target is refused, never probed")
        ok(get(port, "/probe?module=none&target=xmpp:5222")[0] == 400,
           "an unknown module is refused")
        status, text = get(port,
                           "/probe?module=tcp.connect&target=xmpp:5222")
        ok(status == 200 and "probe_success 0" in text,
           "/probe runs a configured probe")
        ok(get(port, "/api/v1/evidence")[0] in (401, 403),
           "evidence needs a token")

        lines = lambda: sum(map(int, re.findall(
            r'meetprobe_log_lines_total\{component="prosody"\} (\d+)',
            get(port, "/metrics")[1])))
        with open(watched, "a") as f:
            f.write("Nov 02 10:00:01 c2s5600\tinfo\tClient connected\n" * 50)
        ok(until(lambda: lines() >= 49), "a followed log is read")
        os.rename(watched, watched + ".0")
        with open(watched, "w") as f:
            f.write("Nov 02 10:00:02 c2s5601\tinfo\tClient connected\n" * 30)
        ok(until(lambda: lines() >= 79),
           f"and read on after a rotation by rename ({lines()} lines)")
        before = children(agent.pid)
        ok({"engine", "http"} <= set(before), "engine and http are running")
        os.kill(before["engine"], signal.SIGKILL)
        ok(until(lambda: children(agent.pid).get("engine") not in
                 (None, before["engine"]) and
                 get(port, "/-/healthy")[0] == 200),
           "a killed engine comes back")
        ok(until(lambda: re.search(r'meetprobe_child_restarts_total\{'
                 r'process="engine"\} [1-9]', get(port, "/metrics")[1])),
           "and is counted")

        conf.write("nonsense\n")
        conf.flush()
        agent.send_signal(signal.SIGHUP)
        ok(until(lambda: "meetprobe_config_last_reload_successful 0" in
                 get(port, "/metrics")[1]),
           "a faulty configuration is told and not taken")
        conf.seek(0)
        conf.truncate()
        conf.write(configuration(port, hung.getsockname()[1], "two", watched))
        conf.flush()
        agent.send_signal(signal.SIGHUP)
        ok(until(lambda: "meetprobe_config_last_reload_successful 1" in
                 get(port, "/metrics")[1]), "a good one is taken")
        for number in ("second", "third"):
            before = children(agent.pid).get("http")
            agent.send_signal(signal.SIGHUP)
            ok(until(lambda: children(agent.pid).get("http") not in
                     (None, before) and get(port, "/-/healthy")[0] == 200,
                     20), f"and a {number} time, the address still its own")
        left = list(children(agent.pid).values())
        agent.terminate()
        ok(agent.wait(timeout=10) == 0, "SIGTERM ends it with 0")
        ok(not any(os.path.exists(f"/proc/{p}") for p in left),
           "no process is left")
        log.seek(0)
        text = log.read()
        ok("ERROR" not in text and "runtime error" not in text,
           "nothing for the sanitizers" if "ERROR" not in text else text)
    finally:
        if agent.poll() is None:
            agent.kill()
            agent.wait()
        hung.close()


options()
with tempfile.TemporaryDirectory() as folder:
    run(folder)
print(f"1..{done}")
sys.exit(failed > 0)
