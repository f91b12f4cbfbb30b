#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A site's logs and packet filters in one diagnosis. Would catch: a rule that
blocks what the logs complain of and is not named first, a rule that explains
nothing seen and goes before what does, a fix without the line, a healthy site
that is blamed."""
import json, os, subprocess, sys, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = failed = 0


def ok(good, text):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {text}")


HOSTS = """127.0.0.1 localhost
100.64.1.3 web
100.64.2.3 xmpp
100.64.3.3 jicofo
100.64.4.3 jvb
"""
ROUTER = """set skip on lo
block return log
match out on egress inet from 100.64.0.0/10 nat-to (egress:0)
pass out on egress
pass in on egress inet proto tcp to (egress) port { 80 443 } rdr-to web
pass in on egress inet proto udp to (egress) port 10000 rdr-to jvb
pass in on tap inet proto tcp from { jvb jicofo } to xmpp port 5222
pass in on tap inet proto tcp from web to xmpp port 5280
pass out on tap
"""
XMPP = """block drop log
pass in proto tcp from { jicofo jvb } to self port 5222
pass in proto tcp from web to self port 5280
"""
TIMEOUT = """Jicofo 2026-11-02 10:00:31.000 SEVERE: [21] [c=client] \
XmppProvider.doConnect#219: Failed to connect/login: The following addresses \
failed: 'RFC 6120 A/AAAA Endpoint + [xmpp:5222] (xmpp/100.64.2.3:5222)' \
failed because: java.net.SocketTimeoutException: Connect timed out
"""
ICE = """JVB 2026-11-02 10:00:05.100 INFO: [41] [confId=a epId=b1] \
IceTransport.startConnectivityEstablishment#300: Start ICE connectivity \
establishment. local_ufrag=x
JVB 2026-11-02 10:00:24.100 INFO: [41] [confId=a epId=b1] \
Agent.setState#934: ICE state changed from Running to Terminated.
"""
UPSTREAM = """2026/11/02 10:00:00 [error] 77#77: *5 upstream timed out (110: \
Connection timed out) while connecting to upstream, client: 198.51.100.7, \
server: meet.example, request: "POST /http-bind HTTP/1.1", upstream: \
"http://100.64.2.3:5280/http-bind", host: "meet.example"
"""


def diagnose(**files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in dict(files, hosts=HOSTS).items():
            (Path(folder) / name.replace("_", ".")).write_text(text)
        p = subprocess.run([f"{BUILD}/meetprobe", "--json", "diagnose",
                            "--offline", folder], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, timeout=60)
    return p.returncode, json.loads(p.stdout)


def first(what, want, line, fix, **files):
    status, report = diagnose(**files)
    got = [c["id"] for c in report["causes"]]
    ok(status == 1 and got[:1] == [want], f"{what}: {want} first, got {got}")
    if got[:1] != [want]:
        return
    cause = report["causes"][0]
    evidence = [e for e in report["evidence"] if e["id"] in cause["for"]]
    ok(any(e["source"] == "config" and e["line"] == line and
           "pf.conf" in e["file"] for e in evidence),
       f"{what}: line {line} of pf.conf is evidence")
    ok(any(e["source"] == "log" for e in evidence), f"{what}: the log too")
    ok(fix in cause["fix"][0]["text"],
       f"{what}: the fix is {fix}, got {cause['fix'][0]['text']}")


first("prosody's VM", "pf-blocks-5222", 1, "port 5222", pf_conf_router=ROUTER,
      pf_conf_xmpp=XMPP.replace("{ jicofo jvb }", "jvb"), jicofo_log=TIMEOUT)
first("the router's second leg", "pf-out-leg-blocked", 2,
      "pass out on tap1 inet proto tcp to xmpp port 5222",
      pf_conf_router=ROUTER.replace("pass out on tap\n",
                                    "pass out on { tap0 tap3 }\n"),
      jicofo_log=TIMEOUT)
first("BOSH", "pf-blocks-5280", 1, "port 5280",
      pf_conf_xmpp=XMPP.replace("from web", "from jvb"),
      nginx_error_log=UPSTREAM)
first("media", "pf-blocks-10000", 1, "port 10000",
      pf_conf_router=ROUTER, pf_conf_jvb="block return\npass out\n",
      jvb_log=ICE)
first("media to another port", "media-redirect-missing", 6, "port 10001",
      pf_conf_router=ROUTER, jvb_conf="videobridge.ice.udp.port = 10001\n",
      jvb_log=ICE)
first("a file that pfctl refuses", "pf-config-not-loaded", 10,
      "jvb", pf_conf_router=ROUTER + "pass in on egress proto udp to port 9 "
      "rdr-to jbv\n", jicofo_log=TIMEOUT)

_, report = diagnose(pf_conf_xmpp="block return\n", jvb_log=ICE)
got = [c["id"] for c in report["causes"]]
ok(got[:1] == ["media-blocked-inbound"] and "pf-blocks-5222" in got[1:],
   f"rules that explain nothing seen come after what was seen, got {got}")
_, report = diagnose(pf_conf_router=ROUTER + "pass in on egress proto tcp to "
                     "port 5280 rdr-to xmpp\n", jicofo_log=TIMEOUT)
got = {c["id"]: c["severity"] for c in report["causes"]}
ok(list(got)[:1] == ["firewall-blocks-5222"] and
   got.get("xmpp-port-open-to-world") == "risk",
   f"what is open is a risk, and no reason for a time-out, got {got}")
status, report = diagnose(pf_conf_router=ROUTER, pf_conf_xmpp=XMPP)
ok(status == 0 and not report["causes"],
   f"a healthy site says nothing, got {report['causes']}")
print(f"1..{count}")
sys.exit(failed > 0)
