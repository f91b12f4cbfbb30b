#!/usr/bin/env python3
"""The programs on a router that has pf: namespaces of mounts and network, a
pfctl that prints what the running filter of OpenBSD would, a pflog0 that is
a pipe. Nothing outside the namespaces is touched.

Catches: a block that the agent does not tell in time, rules that are loaded
and differ from the file, a pf that is disabled, states that end between the
legs, a healthy router that is blamed.
"""
import json, os, shutil, socket, struct, subprocess, sys, tempfile, threading
import time
import urllib.request

BUILD = os.path.abspath(os.environ.get("MEETPROBE_BUILD", "build"))
HERE = os.path.dirname(os.path.abspath(__file__))
done = failed = 0


def ok(good, text):
    global done, failed
    done += 1
    failed += not good
    text = text.replace("\n", " | ")
    print(f"{'ok' if good else 'not ok'} {done} - {text}", flush=True)
    return good


def sh(*command):
    subprocess.run(command, check=True)


class Host:
    """The talk's router, built inside the namespaces."""

    def __init__(self, work):
        self.work = work
        sh("mount", "-t", "tmpfs", "tmpfs", work)
        for i, place in enumerate(("/usr/sbin", "/etc", "/var/log")):
            up, w = f"{work}/up{i}", f"{work}/work{i}"
            os.mkdir(up)
            os.mkdir(w)
            sh("mount", "-t", "overlay", "overlay", "-o",
               f"lowerdir={place},upperdir={up},workdir={w}", place)
        # a router has none of these; only the overlay loses them
        for place in ("/etc/prosody", "/etc/nginx", "/etc/jitsi",
                      "/var/log/prosody", "/var/log/nginx"):
            shutil.rmtree(place, ignore_errors=True)
        sh("ip", "link", "set", "lo", "up")
        self.interface("em0", "203.0.113.10/24")
        sh("ip", "route", "add", "default", "via", "203.0.113.1")
        for i in range(4):
            self.interface(f"tap{i}", f"100.64.{i + 1}.2/31")
        self.interface("pflog0", "127.9.9.9/32")
        self.write("/etc/hosts", "127.0.0.1 localhost\n100.64.1.3 web\n"
                   "100.64.2.3 xmpp\n100.64.3.3 jicofo\n100.64.4.3 jvb\n"
                   "198.51.100.5 admin\n")
        self.pipe = f"{work}/pflog"
        os.mkfifo(self.pipe)
        self.say()

    def interface(self, name, address):
        sh("ip", "link", "add", name, "type", "veth", "peer", "name",
           f"{name}p")
        sh("ip", "addr", "add", address, "dev", name)
        sh("ip", "link", "set", name, "up")
        sh("ip", "link", "set", f"{name}p", "up")

    def write(self, path, text):
        with open(path, "w") as f:
            f.write(text)

    def say(self, rules="", states="", info=None, interfaces=""):
        """What pfctl prints from now on."""
        info = ENABLED if info is None else info
        for name, text in (("rules", rules), ("states", states),
                           ("info", info), ("interfaces", interfaces)):
            self.write(f"{self.work}/{name}", text)
        self.write("/usr/sbin/pfctl", "#!/bin/sh\ncase \"$*\" in\n"
                   f"'-a * -vvsr') cat {self.work}/rules ;;\n"
                   f"'-v -ss') cat {self.work}/states ;;\n"
                   f"'-vsi') cat {self.work}/info ;;\n"
                   f"'-v -sI') cat {self.work}/interfaces ;;\n"
                   "*) exit 1 ;;\nesac\n")
        os.chmod("/usr/sbin/pfctl", 0o755)

    def conf(self, text):
        self.write("/etc/pf.conf", text)

    def probe(self, name, role="router", preload=None):
        """(state, summary, transcript, facts) of a probe."""
        self.write(f"{self.work}/conf", f"role {role}\n")
        env = dict(os.environ)
        if preload:
            env.update(LD_PRELOAD=preload, PFLOG_PIPE=self.pipe,
                       ASAN_OPTIONS="verify_asan_link_order=0")
        r = subprocess.run([f"{BUILD}/meetprobe", "--json", "-f",
                            f"{self.work}/conf", "probe", name],
                           capture_output=True, text=True, env=env)
        c = json.loads(r.stdout)[0]
        return c["state"], c["summary"], c["transcript"]


ENABLED = """\
Status: Enabled for 3 days 01:02:03              Debug: err

Hostid:   0x5a6b7c8d
Checksum: 0x0123456789abcdef0123456789abcdef

State Table                          Total             Rate
  current entries                       42
  half-open tcp                          0
  searches                         1834226          6.9/s
  inserts                            31234          0.1/s
  removals                           31192          0.1/s
Counters
  match                              52123          0.2/s
  state-mismatch                         7          0.0/s
"""
DISABLED = ENABLED.replace("Enabled", "Disabled")

# The talk's rules, and the lines that they lack.
TALK = """\
admin = "198.51.100.5"
block return log
pass out quick on egress proto { tcp udp } to any port { 123 53 80 443 }
pass in quick on egress proto tcp from $admin to port 22
pass in on egress proto tcp to any port { 80 443 } rdr-to web
pass in on egress proto udp to any port { 10000 } rdr-to jvb
pass in proto tcp from { jvb jicofo } to xmpp port 5222 # native
pass in proto tcp from web to xmpp port 5280 # http/BOSH
"""
OUT = "pass out on { tap0 tap1 tap2 tap3 }\n"


def loaded(conf):
    """The text of pfctl -vvsr for a file: its print-out with numbers and
    counters."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write(conf)
        f.flush()
        r = subprocess.run([f"{BUILD}/meetprobe", "pf", "print", "-f",
                            f.name], capture_output=True, text=True,
                           check=True)
    rules = [x for x in r.stdout.splitlines() if x and " = " not in
             x.split("proto")[0].split("from")[0]]
    return "".join(f"@{i} {x}\n  [ Evaluations: {900 - i:<8}  Packets: "
                   f"{i:<8}  Bytes: {60 * i:<11}  States: 0     ]\n"
                   "  [ Inserted: uid 0 pid 4711 State Creations: 0     ]\n"
                   for i, x in enumerate(rules))


def logged(source, target, port, interface="tap3", out=True, rule=0,
           proto=17, flags=0):
    """A record of pflog as it stands in a savefile, without its head."""
    h = struct.pack("!BBBB16s16sIIIiIiBBBB16s16sHH", 100, 2, 1, 0,
                    interface.encode(), b"", rule, 0xffffffff, 0xffffffff,
                    100000, 0, 1, 2 if out else 1, 0, 2, 0, b"", b"", 0, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 48, 1, 0, 63, proto, 0,
                     socket.inet_aton(source), socket.inet_aton(target))
    l4 = struct.pack("!HHIIBBHHH", 52000, port, 0, 0, 0x50, flags, 0, 0, 0)
    data = h + ip + l4
    now = time.time()
    return struct.pack("=IIII", int(now), int(now % 1 * 1e6), len(data),
                       len(data)) + data


def savefile(*records):
    return struct.pack("=IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 160,
                       117) + b"".join(records)


def build_preload(work):
    lib = f"{work}/pcap_pipe.so"
    r = subprocess.run([os.environ.get("CC", "cc").split()[-1], "-shared",
                        "-fPIC", "-o", lib, f"{HERE}/pcap_pipe.c",
                        "-lpcap"], capture_output=True, text=True)
    if r.returncode != 0:
        print("#", r.stderr)
        return None
    return lib


def log_file(h):
    h.conf(TALK)
    h.say(loaded(TALK))
    with open("/var/log/pflog", "wb") as f:
        f.write(savefile(
            logged("198.51.100.77", "100.64.4.3", 10000),
            logged("198.51.100.77", "100.64.4.3", 10000),
            logged("198.51.100.80", "203.0.113.10", 5222, "em0", False,
                   proto=6, flags=2)))
    state, said, all_said = h.probe("pf.log")
    ok(state == "fail" and "udp/10000 from 198.51.100.77 to jvb" in said and
       "going out on tap3 by rule 0, /etc/pf.conf:2: 2 packets" in said,
       f"pflogd's file: {said}")
    ok("1 blocked packets to ports that must not be open" in all_said,
       "a scan of 5222 is counted, no more")
    ok("doas meetprobe probe pf.log" in all_said,
       "what cannot be captured says how")
    h.say(loaded(TALK + OUT))
    state, said, all_said = h.probe("pf.log")
    ok(state == "pass" and "the rules that are loaded now pass it" in
       all_said, f"mended since: {said}")
    os.unlink("/var/log/pflog")
    state, said, all_said = h.probe("pf.log")
    ok(state == "unknown" and "doas meetprobe probe pf.log" in said,
       f"neither file nor interface: {said}")


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}",
                                timeout=5) as r:
        return r.read().decode()


def until(test, seconds):
    end = time.time() + seconds
    while time.time() < end:
        try:
            value = test()
        except OSError:
            value = None
        if value:
            return value
        time.sleep(0.3)
    return None


def pf_log(port):
    for c in json.loads(get(port, "/api/v1/report"))["checks"]:
        if c["id"] == "pf.log":
            return c
    return None


def agent(h, preload):
    h.conf(TALK)
    h.say(loaded(TALK))
    conf = f"{h.work}/agent.conf"
    h.write(conf, "role router\nlisten on 127.0.0.1 port 10917\n")
    env = dict(os.environ, LD_PRELOAD=preload, PFLOG_PIPE=h.pipe,
               ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
    log = open(f"{h.work}/agent.log", "w+")
    pipe = os.open(h.pipe, os.O_RDWR)
    a = subprocess.Popen([f"{BUILD}/meetprobed", "-d", "-f", conf],
                         stderr=log, env=env)
    try:
        c = until(lambda: pf_log(10917), 40)
        ok(c and c["state"] == "pass", f"nothing is blocked yet: {c}")
        began = time.time()
        for _ in range(5):
            os.write(pipe, logged("198.51.100.77", "100.64.4.3", 10000))
        os.write(pipe, logged("198.51.100.80", "203.0.113.10", 8080, "em0",
                              False, proto=6, flags=2))
        c = until(lambda: (pf_log(10917) or {}).get("state") == "fail" and
                  pf_log(10917), 60)
        ok(c is not None, "a block is told within one interval: after "
           f"{time.time() - began:.0f} s")
        ok(c and "udp/10000 from 198.51.100.77 to jvb" in c["summary"] and
           "by rule 0, /etc/pf.conf:2: " in c["summary"],
           f"with its rule and line: {c and c['summary']}")
        r = until(lambda: [x for x in json.loads(get(
            10917, "/api/v1/report"))["causes"]
            if "pf-drops-seen" in [x["id"], *x["explains"]]], 20)
        ok(bool(r), "and is evidence for a cause")
        m = until(lambda: "meetprobe_pf_flow_allowed" in get(
            10917, "/metrics") and get(10917, "/metrics"), 30) or ""
        want = ('meetprobe_pf_flow_allowed{flow="outside>jvb:10000/udp",'
                'leg="%s"} %d')
        ok(want % ("in", 1) in m and want % ("out", 0) in m,
           "the metrics tell each leg")
        ok('meetprobe_capture_dropped_packets_total{where="pflog"} 0' in m
           and 'meetprobe_child_restarts_total{process="pflog"} 0' in m,
           "and the capture's own")
    finally:
        a.terminate()
        ok(a.wait(20) == 0, "an orderly end")
        os.close(pipe)
    log.seek(0)
    text = log.read()
    ok("pflog: capturing on pflog0" in text, "the log says where")


def rules(h):
    good = TALK + OUT
    h.conf(good)
    h.say(loaded(good))
    state, said, _ = h.probe("pf.rules")
    ok(state == "pass", f"what is loaded lets the site through: {said}")
    state, said, _ = h.probe("pf.config")
    ok(state == "pass", f"and so does the file: {said}")
    h.say(loaded(good.replace("10000", "10001")))
    state, said, _ = h.probe("pf.rules")
    ok(state == "fail" and "outside to jvb:10000/udp is blocked coming in on "
       "em0" in said and "/etc/pf.conf passes outside to jvb:10000/udp coming "
       "in: it was changed and not loaded (doas pfctl -f /etc/pf.conf)" in
       said,
       f"the file was edited and not loaded: {said}")
    h.conf(TALK)
    h.say(loaded(good))
    state, said, _ = h.probe("pf.rules")
    ok(state == "warn" and "but /etc/pf.conf blocks web to xmpp:5280/tcp "
       "going out: from the next start" in said,
       f"the file is worse than what is loaded: {said}")
    h.conf(good + "pass in on\n")
    state, said, all_said = h.probe("pf.rules")
    ok(state == "pass" and "pfctl refuses it: /etc/pf.conf:10: syntax error"
       in all_said, f"a file that pfctl refuses: {all_said}")
    h.conf(good)
    h.say(loaded(good), info=DISABLED)
    state, said, _ = h.probe("pf.rules")
    ok(state == "fail" and said.startswith("pf is disabled (doas pfctl -e): ")
       and "nothing redirects it" in said, f"disabled: {said}")
    skip = "set skip on { lo tap0 tap1 tap2 tap3 }\n"
    h.conf(skip + TALK)
    h.say(loaded(TALK), interfaces="all\nem0\n\tCleared:     Sun Nov 22 "
          "10:00:00 2026\nlo0 (skip)\ntap0 (skip)\ntap1 (skip)\n"
          "tap2 (skip)\ntap3 (skip)\n")
    state, said, _ = h.probe("pf.rules")
    ok(state == "pass", f"interfaces that pf skips, as pfctl says: {said}")
    h.say(loaded(TALK))
    state, said, _ = h.probe("pf.rules")
    ok(state == "pass", f"or as the file does: {said}")
    h.say(loaded(TALK), interfaces="all\nem0\ntap0\ntap1\ntap2\ntap3\n")
    state, said, _ = h.probe("pf.rules")
    ok(state == "fail" and "was changed and not loaded" in said,
       f"in the file only: {said}")
    h.conf(good)
    h.say("@0 pass all flags S/SA\n", info="")
    state, said, _ = h.probe("pf.rules", "xmpp")
    ok(state in ("warn", "fail") and "disabled" not in said,
       f"no status is not disabled: {said}")
    ok("is blocked" not in said, "a rule that passes is not said to block")


def causes(h):
    """The ids of causes that name pf, as `diagnose` ranks them."""
    h.write(f"{h.work}/conf", "role router\nprobe dns.site off\n"
            "probe tcp.connect off\nprobe pf.log off\n")
    r = subprocess.run([f"{BUILD}/meetprobe", "--json", "--deadline", "15s",
                        "-f", f"{h.work}/conf", "diagnose"],
                       capture_output=True, text=True)
    return [(c["id"], c["severity"]) for c in json.loads(r.stdout)["causes"]
            if c["id"].startswith("pf-") and c["id"] != "pf-nat-missing"]


def diagnosis(h):
    """What is loaded decides; the file is a risk or the remedy."""
    good = TALK + OUT
    h.conf(TALK)
    h.say(loaded(good))
    found = causes(h)
    ok(found == [("pf-blocks-after-reload", "risk")],
       f"only the file blocks: {found}")
    h.conf(good)
    h.say(loaded(TALK))
    found = causes(h)
    ok(found and found[0] == ("pf-rules-not-loaded", "down"),
       f"only what is loaded blocks: {found}")
    h.conf(TALK)
    found = causes(h)
    ok(found and found[0] == ("pf-out-leg-blocked", "down"),
       f"both block: {found}")
    h.conf(good)
    h.say(loaded(good), info=DISABLED)
    found = causes(h)
    ok(found and found[0] == ("pf-disabled", "down"), f"disabled: {found}")
    h.say(loaded(good))
    found = causes(h)
    ok(not found, f"all is well: {found}")


def dns_server(names):
    """A name server on the loopback: A records of some names, else none."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))

    def serve():
        while True:
            q, who = s.recvfrom(512)
            end = q.index(b"\0", 12) + 5
            labels, at = [], 12
            while q[at]:
                labels.append(q[at + 1:at + 1 + q[at]].decode())
                at += q[at] + 1
            address = names.get(".".join(labels).lower())
            kind = struct.unpack("!H", q[end - 4:end - 2])[0]
            found = address and kind == 1
            head = q[:2] + struct.pack("!HHHHH", 0x8580 if address else
                                       0x8583, 1, bool(found), 0, 0)
            answer = struct.pack("!HHHIH", 0xc00c, 1, 1, 60,
                                 4) + socket.inet_aton(address) if found \
                else b""
            s.sendto(head + q[12:end] + answer, who)
    threading.Thread(target=serve, daemon=True).start()


def names(h):
    """Names that DNS knows and /etc/hosts does not."""
    h.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    dns_server({"bridge.example.org": "100.64.4.3"})
    good = (TALK + OUT).replace("rdr-to jvb", "rdr-to bridge.example.org")
    h.conf(good)
    state, said, _ = h.probe("pf.config")
    ok(state == "pass", f"a name of DNS in pf.conf: {said}")
    h.conf(good.replace("bridge.", "nobody."))
    state, said, _ = h.probe("pf.config")
    ok(state == "fail" and "/etc/pf.conf:6: no IP address found for "
       "nobody.example.org" in said, f"one that nobody knows: {said}")


def table_pool(h):
    """Several bridges or web servers: pfctl prints the name of a table."""
    text = loaded(TALK + OUT)
    text = text.replace("rdr-to 100.64.4.3",
                        "rdr-to <__automatic_5a6b_0:2> round-robin")
    h.conf((TALK + OUT).replace("rdr-to jvb",
                                "rdr-to { 100.64.4.3 100.64.4.5 }"))
    h.say(text)
    state, said, all_said = h.probe("pf.rules")
    ok(state == "pass" and "redirected to a table" in all_said,
       f"a redirect to a table is no block: {said}")


def advice(h):
    """The lines of the advice, applied with patch(1), let all through."""
    h.conf(TALK + "pass in on egress proto tcp to port 5280 rdr-to xmpp\n")
    state, said, all_said = h.probe("pf.config")
    ok(state == "fail" and "/etc/pf.conf:8 let it in on tap0, and the state "
       "made there does not cover the way out" in said,
       f"the talk's rules: {said}")
    ok("with them port 5280 of xmpp would be open too: /etc/pf.conf:9 lets "
       "it in" in all_said, "what the lines would open is told")
    diff = all_said[all_said.index("--- "):all_said.index("with them")]
    h.conf(TALK + "pass in on egress proto tcp to port 5280 rdr-to xmpp\n")
    if not shutil.which("patch"):
        print("ok - # SKIP no patch(1)")
        return
    r = subprocess.run(["patch", "/etc/pf.conf"], input=diff, text=True,
                       capture_output=True)
    ok(r.returncode == 0 and "offset" not in r.stdout and
       "fuzz" not in r.stdout, f"patch takes it: {r.stdout}{r.stderr}")
    state, said, all_said = h.probe("pf.config")
    ok(state == "warn" and "xmpp:5280/tcp is open, it must not be: coming in "
       "on" in said.replace("going out", "coming in"),
       f"then only the debug line is left: {said}")


def states(h):
    lost = ("all udp 100.64.4.3:10000 (203.0.113.10:10000) <- "
            "198.51.100.77:52000       NO_TRAFFIC:SINGLE\n"
            "   age 00:00:21, expires in 00:00:48, 84:0 pkts, 10416:0 bytes, "
            "rule 10\n   id: 67445fa000000a11 creatorid: 5a6b7c8d\n")
    h.say(states=lost)
    state, said, _ = h.probe("pf.states")
    ok(state == "fail" and "198.51.100.77:52000 to 100.64.4.3:10000/udp, let "
       "in by rule 10" in said, f"a state without its second leg: {said}")
    h.conf(TALK)
    h.say(loaded(TALK), lost.replace("rule 10", "rule 12"))
    state, said, _ = h.probe("pf.states")
    ok("let in by /etc/pf.conf:6" in said, f"with the rule's line: {said}")
    h.say(states="")
    state, said, _ = h.probe("pf.states")
    ok(state == "not-applicable", f"no call: {said}")


def offline(h):
    """pflogd's file as one of the files given."""
    def diagnose(*records, arguments=()):
        path = f"{h.work}/given"
        with open(path, "wb") as f:
            f.write(savefile(*records))
        r = subprocess.run([f"{BUILD}/meetprobe", "--json", "diagnose",
                            "--offline", *arguments, path],
                           capture_output=True, text=True)
        report = json.loads(r.stdout)
        return r.returncode, [c["id"] for c in report["causes"]], report

    status, causes, report = diagnose(logged("198.51.100.77", "100.64.4.3",
                                             10000))
    ok(status == 1 and causes == ["pf-drops-seen"] and
       report["coverage"][0]["lines"] == 1, f"blocked media: {causes}")
    status, causes, _ = diagnose(
        logged("198.51.100.80", "203.0.113.10", 5222, "em0", False, proto=6,
               flags=2),
        logged("198.51.100.80", "203.0.113.10", 443, "em0", False, proto=6,
               flags=0x10),
        logged("100.64.1.3", "9.9.9.9", 443, "tap0", False, proto=6,
               flags=2),
        logged("100.64.4.3", "192.168.7.9", 52000))
    ok(status == 0 and not causes, f"a healthy router's log: {causes}")
    status, causes, _ = diagnose(logged("198.51.100.77", "100.64.4.3",
                                        10007))
    ok(status == 0, "another port than the bridge's")
    status, causes, _ = diagnose(logged("198.51.100.77", "100.64.4.3",
                                        10007),
                                 arguments=["--port", "10000-10050"])
    ok(causes == ["pf-drops-seen"], "unless it is said to be the bridge's")
    status, causes, report = diagnose()
    ok(status == 0 and report["coverage"][0]["state"] == "empty",
       "a file without records")
    status, causes, report = diagnose(struct.pack("=IIII", 1, 1, 40, 40) +
                                      b"\xff" * 40)
    ok(status == 0 or status == 3, "a record that is none")


def unprivileged(h):
    """Nobody may ask pf: the report says how it could be asked."""
    with open("/usr/sbin/pfctl") as f:
        text = f.read()
    h.write("/usr/sbin/pfctl", text.replace(
        "case", "[ $(id -u) = 0 ] || exit 1\ncase", 1))
    h.write("/var/log/pflog", "")
    os.chmod("/var/log/pflog", 0o600)
    os.chmod(h.work, 0o755)
    h.write(f"{h.work}/conf", "role router\n")
    r = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534",
                        "--clear-groups", f"{BUILD}/meetprobe", "--json",
                        "--deadline", "12s", "-f", f"{h.work}/conf",
                        "diagnose"], capture_output=True, text=True)
    try:
        hints = [c.get("hint") for c in json.loads(r.stdout)["coverage"]]
    except ValueError:
        hints = [r.stdout, r.stderr]
    for hint in ("doas pfctl -a '*' -vvsr", "doas pfctl -v -ss",
                 "doas meetprobe probe pf.log"):
        ok(hint in hints, f"without root it says: {hint}")
    os.unlink("/var/log/pflog")


def inner(work):
    try:
        h = Host(work)
    except (OSError, subprocess.CalledProcessError) as e:
        print(f"ok - # SKIP the host cannot be built here: {e}")
        return
    rules(h)
    diagnosis(h)
    names(h)
    table_pool(h)
    advice(h)
    states(h)
    offline(h)
    unprivileged(h)
    preload = build_preload(work)
    log_file(h)
    if preload is None:
        print("ok - # SKIP no compiler for a libpcap of our own")
    else:
        agent(h, preload)


def main():
    if len(sys.argv) > 1:
        inner(sys.argv[1])
        print(f"1..{done}")
        return failed != 0
    if os.geteuid() != 0 or not shutil.which("unshare") or subprocess.run(
            ["unshare", "-mn", "true"], capture_output=True).returncode:
        print("ok 1 - # SKIP namespaces cannot be made here\n1..1")
        return 0
    with tempfile.TemporaryDirectory() as work:
        return subprocess.run(["unshare", "-mn", sys.executable,
                               __file__, work]).returncode


if __name__ == "__main__":
    sys.exit(main())
