#!/usr/bin/env python3
"""The agent while peers hang: private memory of all its processes, CPU at
the default intervals, and how long /metrics takes.

Targets: 12 MB, 0.5 % of a core, p99 of 1 ms.
"""
import http.client, os, socket, subprocess, sys, tempfile, time

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))


def private_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return sum(int(line.split()[1]) for line in f
                   if line.startswith("Private_"))


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid):
    found = [pid]
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = open(f"/proc/{p}/stat").read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(p))
    return found


def main():
    hung = socket.socket()
    hung.bind(("127.0.0.1", 0))
    hung.listen(64)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    conf = tempfile.NamedTemporaryFile("w", suffix=".conf")
    conf.write('site "site.invalid"\nrole { web xmpp jicofo jvb }\n' +
               "".join(f"host {r} address 127.0.0.1\n"
                       for r in ("web", "xmpp", "jicofo", "jvb")) +
               f"listen on 127.0.0.1 port {port}\n" +
               "".join(f"rest {w} address 127.0.0.1 port "
                       f"{hung.getsockname()[1]}\n"
                       for w in ("jvb", "jicofo")))
    conf.flush()
    agent = subprocess.Popen([f"{BUILD}/meetprobed", "-d", "-f", conf.name],
                             stderr=subprocess.DEVNULL)
    try:
        time.sleep(12)                  # the first runs are spread over 10 s
        pids = family(agent.pid)
        before = sum(map(cpu_seconds, pids)), time.time()
        times = []
        end = time.time() + SECONDS
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        while time.time() < end:
            started = time.perf_counter()
            c.request("GET", "/metrics")
            c.getresponse().read()
            times.append(time.perf_counter() - started)
            time.sleep(0.02)
        cpu = (sum(cpu_seconds(p) for p in pids if os.path.exists(
            f"/proc/{p}")) - before[0]) / (time.time() - before[1])
        kb = sum(private_kb(p) for p in family(agent.pid))
        times.sort()
        p99 = times[int(len(times) * 0.99)] * 1000
        print(f"agent: {len(pids)} processes, {kb / 1024:.1f} MB private "
              f"(target 12), {cpu * 100:.2f} % of a core with 50 scrapes a "
              f"second, /metrics p50 {times[len(times) // 2] * 1000:.2f} ms "
              f"p99 {p99:.2f} ms (target 1) of {len(times)}")
    finally:
        agent.terminate()
        agent.wait()
    return 0


sys.exit(main())
