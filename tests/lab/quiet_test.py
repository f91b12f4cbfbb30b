"""Agents on every VM of a healthy lab, at ten times their rate.  Catches: a
probe that leaves a trace which a rule calls a fault; metrics that Prometheus
does not take; an agent that stops by itself.  $QUIET_SECONDS: how long (60).

Prints TAP; skips, and says why, where namespaces cannot be made.
"""
import json
import os
import re
import sys
import time
import urllib.parse

from kit import BUILD, VMS, Lab, Tap, run

SECONDS = int(os.environ.get("QUIET_SECONDS", "60"))
WHERE = VMS + ("router",)
AGENT = "http://127.0.0.1:10917"
tap = Tap()
ok = tap.ok
lab = Lab("lab-quiet")
LOGS = (("prosody", "xmpp", "log/prosody/prosody.log"),
        ("nginx-access", "web", "log/nginx/access.log"),
        ("nginx-error", "web", "log/nginx/error.log"),
        ("jicofo", "jicofo", "log/jitsi/jicofo.log"),
        ("jvb", "jvb", "log/jitsi/jvb.log"))
PROMETHEUS = """
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: meetprobe
    static_configs:
      - targets: ["127.0.0.1:10917"]
"""


def probes():
    """The ids that the program knows."""
    errors = run(os.path.join(BUILD, "meetprobe"), "probe", "none")[2]
    return re.findall(r"\b[a-z]+\.[a-z]+\b", errors)


def service(vm, name, *command):
    """Starts it there, detached; its output in the VM's log."""
    lab.on(vm, "setsid", "sh", "-c",
           'n=$1; shift; "$@" </dev/null >>/var/log/$n.console 2>&1 & '
           'echo $! >/run/$n.pid', "sh", name, *command)


def start_agents():
    # The intervals are a minute or more; a tenth of that is six seconds.
    faster = "".join(f"probe {i} interval 6\n" for i in probes())
    for vm in WHERE:
        with open(lab.file(vm, "etc/meetprobe.conf"), "a",
                  encoding="ascii") as conf:
            conf.write(faster)
        status, _, errors, _ = lab.on(
            vm, os.path.join(BUILD, "meetprobed"), "-n")
        ok(status == 0, f"{vm}: the configuration is right", errors)
        service(vm, "meetprobed", os.path.join(BUILD, "meetprobed"), "-d")


def get(vm, path, *more):
    return lab.on(vm, "curl", "-s", "-m", "3", *more, AGENT + path)[1]


def wait_for_agents():
    for vm in WHERE:
        end = time.monotonic() + 15
        while not (good := "ok" in get(vm, "/-/healthy").lower()) and \
                time.monotonic() < end:
            time.sleep(0.3)
        console = lab.file(vm, "log/meetprobed.console")
        with open(console, encoding="utf-8", errors="replace") as file:
            ok(good, f"{vm}: the agent answers", file.read()[-1500:])


def start_prometheus():
    with open(lab.file("web", "etc/prometheus.yml"), "w",
              encoding="ascii") as file:
        file.write(PROMETHEUS)
    service("web", "prometheus", "prometheus",
            "--config.file=/etc/prometheus.yml",
            "--storage.tsdb.path=/run/prometheus",
            "--web.listen-address=127.0.0.1:9099")


def ask_prometheus(query):
    """The value of a query of one series, as text; None when there is none."""
    text = lab.on("web", "curl", "-s", "-m", "3",
                  "http://127.0.0.1:9099/api/v1/query?query="
                  + urllib.parse.quote(query))[1]
    try:
        return json.loads(text)["data"]["result"][0]["value"][1]
    except (ValueError, LookupError):
        return None


def test_metrics(vm):
    text = get(vm, "/metrics")
    path = lab.file(vm, "log/metrics.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    status, out, errors, _ = run(
        "sh", "-c", 'exec promtool check metrics <"$1"', "sh", path)
    ok(status == 0 and not out + errors and text != "",
       f"{vm}: promtool check metrics has nothing to say", out + errors)
    text = get(vm, "/metrics", "-H",
               "Accept: application/openmetrics-text; version=1.0.0")
    ok(text.endswith("# EOF\n"), f"{vm}: OpenMetrics ends with # EOF",
       text[-200:])
    runs = sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith("meetprobe_probe_runs_total{"))
    ok(runs >= SECONDS / 6, f"{vm}: the probes ran ({runs:.0f} runs)",
       text[:500])
    failed = [line for line in text.splitlines()
              if line.startswith("meetprobe_probe_success{")
              and line.endswith(" 0")]
    ok(not failed, f"{vm}: no probe failed", "\n".join(failed))
    active = [line for line in text.splitlines()
              if line.startswith("meetprobe_cause_active{")
              and line.endswith(" 1")
              and re.search('severity="(down|degraded)"', line)]
    ok(not active, f"{vm}: no cause is active", "\n".join(active))


def test_logins():
    """The engine has helpers of its own: the login is one."""
    for vm in ("jicofo", "jvb"):
        lines = [line for line in get(vm, "/metrics").splitlines() if
                 line.startswith("meetprobe_probe_success{probe=")
                 and '"xmpp.login"' in line]
        ok(lines and all(line.endswith(" 1") for line in lines),
           f"{vm}: the agent logs in to prosody", "\n".join(lines))


def test_logs():
    named = []
    for component, vm, path in LOGS:
        named += ["--log", f"{component}@{vm}={lab.file(vm, path)}"]
    status, out, errors, _ = run(
        os.path.join(BUILD, "meetprobe"), "--json", "diagnose", "--offline",
        *named)
    try:
        causes = json.loads(out)["causes"]
    except (ValueError, LookupError):
        causes = None
    said = "\n".join(f"{c['id']} {c['severity']}: {c['say']}"
                     for c in causes or [])
    ok(status == 0 and causes == [],
       f"after {SECONDS} s at ten times the rate the logs hold no fault",
       f"exit {status}\n{said}\n{errors}")
    with open(lab.file("web", "log/nginx/access.log"),
              encoding="utf-8") as file:
        lines = file.read().count("\n")
    ok(lines > SECONDS / 6, f"the probes did reach nginx ({lines} lines)")


def main():
    if not lab.up(tap):
        return tap.end()
    if lab.on("web", "setpriv", "--reuid", "nobody", "--regid", "nogroup",
              "--clear-groups", "true")[0] != 0:
        tap.skip("the agents", "no second user in this user namespace: "
                 "be root, or have /etc/subuid and newuidmap")
        lab.down()
        return tap.end()
    try:
        start_agents()
        wait_for_agents()
        start_prometheus()
        time.sleep(SECONDS)
        for vm in WHERE:
            test_metrics(vm)
        test_logins()
        ok(ask_prometheus("up") == "1",
           "Prometheus scrapes the agent on web")
        ok(ask_prometheus("count(meetprobe_build_info)") == "1",
           "Prometheus knows the agent's version")
        test_logs()
    finally:
        lab.down()
    return tap.end()


sys.exit(main())
