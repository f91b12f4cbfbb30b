#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A real Prometheus scrapes a real agent. Would catch: a page that Prometheus
does not take, in the format that it asks for; service discovery or /probe
that it cannot use; rules that do not load."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
tests = []


def told(good, text, detail=""):
    tests.append(bool(good))
    print("%s %d - %s" % ("ok" if good else "not ok", len(tests), text))
    if not good:
        for line in str(detail).split("\n")[-15:]:
            print("# " + line)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, headers=None):
    try:
        with urllib.request.urlopen(
                urllib.request.Request(url, headers=headers or {}),
                timeout=5) as r:
            return r.status, r.headers, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read().decode()
    except OSError as e:
        return 0, {}, str(e)


def query(port, expr):
    url = "http://127.0.0.1:%d/api/v1/query?%s" % (
        port, urllib.parse.urlencode({"query": expr}))
    status, _, body = get(url)
    return json.loads(body)["data"]["result"] if status == 200 else []


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.3)
    return None


CONFIG = """
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%(rules)s/rules.yml, %(rules)s/alerts.yml]
scrape_configs:
  - job_name: meetprobe
    static_configs:
      - targets: ["127.0.0.1:%(agent)d"]
        labels: {site: t.example, host: here, role: xmpp}
  - job_name: sd
    http_sd_configs: [{url: "http://127.0.0.1:%(agent)d/api/v1/sd"}]
  - job_name: probe
    metrics_path: /probe
    params: {module: [tcp.connect]}
    static_configs: [{targets: ["xmpp:5222"]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {target_label: __address__, replacement: "127.0.0.1:%(agent)d"}
"""


def prometheus(folder, agent):
    port = free_port()
    rules = os.path.abspath("dashboards/prometheus")
    path = os.path.join(folder, "prometheus.yml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(CONFIG % {"agent": agent, "rules": rules})
    with open(os.path.join(folder, "prometheus.log"), "w",
              encoding="utf-8") as log:
        child = subprocess.Popen(
            ["prometheus", "--config.file=" + path,
             "--storage.tsdb.path=" + os.path.join(folder, "data"),
             "--web.listen-address=127.0.0.1:%d" % port],
            stdout=log, stderr=log)
    return child, port


def start_agent(folder):
    port = free_port()
    path = os.path.join(folder, "meetprobe.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write('site "t.example"\nrole jicofo\n'
                "host xmpp address 127.0.0.1\n"
                "listen on 127.0.0.1 port %d\n"
                "peer web url http://127.0.0.1:%d\n" % (port, port))
    log = open(os.path.join(folder, "agent.log"), "w", encoding="utf-8")
    child = subprocess.Popen([os.path.join(BUILD, "meetprobed"), "-d", "-f",
                              path, "-r", "10"], stdout=log, stderr=log)
    return child, port


def scrapes(folder, agent):
    child, port = prometheus(folder, agent)
    try:
        up = wait_for(lambda: query(port, 'up{job="meetprobe"} == 1'), 30)
        with open(os.path.join(folder, "prometheus.log"),
                  encoding="utf-8") as f:
            log = f.read()
        told(up, "Prometheus scrapes the agent", log)
        info = query(port, "meetprobe_build_info")
        told(info and info[0]["metric"]["os"] in ("linux", "openbsd") and
             info[0]["metric"]["site"] == "t.example",
             "the build is told, the site is the target's label", info)
        told(len(query(port, "meetprobe_causes")) >= 4,
             "causes are always there, by severity")
        told(wait_for(lambda: query(
            port, 'meetprobe_probe_runs_total{probe="tcp.connect"}'), 20),
             "probes are counted")
        rules = get("http://127.0.0.1:%d/api/v1/rules" % port)[2]
        told('"site:meetprobe_causes:sum"' in rules and
             '"MeetprobeCauseDown"' in rules, "the rules load", rules)
        told(wait_for(lambda: query(port, 'up{job="sd"} == 1'), 20),
             "agents are found by http_sd", get(
                 "http://127.0.0.1:%d/api/v1/sd" % agent)[2])
        told(wait_for(lambda: query(
            port, 'probe_success{job="probe"} == 0'), 20),
             "/probe is scraped: nothing listens there", get(
                 "http://127.0.0.1:%d/probe?module=tcp.connect&"
                 "target=xmpp:5222" % agent)[2])
        with open(os.path.join(folder, "prometheus.log"),
                  encoding="utf-8") as f:
            bad = [line for line in f if "level=error" in line or
                   "Error on ingesting" in line or "append failed" in line]
        told(not bad, "and Prometheus has no complaint", "".join(bad))
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait()


def main():
    for tool in ("prometheus", "promtool"):
        if shutil.which(tool) is None:
            print("ok 1 # SKIP no %s here\n1..1" % tool)
            return 0
    with tempfile.TemporaryDirectory() as folder:
        agent, port = start_agent(folder)
        try:
            base = "http://127.0.0.1:%d" % port
            ready = wait_for(lambda: get(base + "/-/healthy")[0] == 200, 20)
            with open(os.path.join(folder, "agent.log"),
                      encoding="utf-8") as f:
                told(ready, "the agent is healthy", f.read())
            status, headers, body = get(base + "/metrics")
            said = subprocess.run(["promtool", "check", "metrics"],
                                  input=body, text=True, check=False,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            told(status == 200 and said.returncode == 0 and not said.stdout,
                 "promtool has nothing to say", said.stdout)
            status, headers, body = get(base + "/metrics", {
                "Accept": "application/openmetrics-text; version=1.0.0"})
            told("openmetrics" in headers.get("Content-Type", "") and
                 body.endswith("# EOF\n"), "OpenMetrics when asked for")
            status, headers, body = get(base + "/probe?module=tcp.connect&"
                                        "target=10.0.0.1:22")
            told(status == 400, "a target that is not configured: 400", body)
            scrapes(folder, port)
        finally:
            agent.send_signal(signal.SIGTERM)
            try:
                code = agent.wait(10)
            except subprocess.TimeoutExpired:
                agent.kill()
                code = "killed"
        told(code == 0, "the agent ends when told", code)
    print("1..%d" % len(tests))
    return 0 if all(tests) else 1


if __name__ == "__main__":
    sys.exit(main())
