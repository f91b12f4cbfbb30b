"""The whole chain on the lab.  Catches: a lab that is not the talk's site; a
healthy site that is called ill; a fault that is not named, or named as
something else, or named too late.

Prints TAP; skips, and says why, where namespaces cannot be made.  $LAB_ONLY
names the faults to try (all).
"""
import concurrent.futures
import json
import os
import queue
import sys

from kit import BUILD, DEADLINE, HERE, VMS, Lab, Report, Tap

tap = Tap()
ok = tap.ok
lab = Lab("lab-test")
on, fault = lab.on, lab.fault


# The lab is what it says.

def fetch(vm, url):
    status, body, _, _ = on(vm, "curl", "-s", "-m", "3", "-w",
                            "\n%{http_code}", url)
    body, _, code = body.rpartition("\n")
    return (code, body) if status == 0 else (f"curl {status}", "")


def connects(vm, address, port):
    return on(vm, sys.executable, "-c", "import socket, sys\n"
              "socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)",
              address, str(port))[0] == 0


def stun(ufrag, password):
    return on("client", sys.executable, os.path.join(HERE, "client.py"),
              ufrag, password, "0")[0] == 0


def test_lab():
    jvb, jicofo = "http://127.0.0.1:8080", "http://127.0.0.1:8888"
    ok(fetch("jvb", jvb + "/about/health") == ("200", ""),
       "jvb's health is 200 with an empty body, as recorded")
    ok(fetch("jicofo", jicofo + "/about/health") == ("404", ""),
       "jicofo's health is 404 with an empty body, as recorded")
    code, body = fetch("jicofo", jicofo + "/stats")
    ok(code == "200" and json.loads(body)["bridge_selector"]
       ["operational_bridge_count"] == 1,
       "jicofo found the bridge in the brewery", body)
    ok(not connects("router", "100.64.4.3", 8080) and
       not connects("router", "100.64.3.3", 8888),
       "both REST interfaces are bound to the loopback")
    ok(connects("jicofo", "xmpp", 5222) and connects("web", "xmpp", 5280)
       and not connects("web", "xmpp", 5222)
       and not connects("client", "100.64.2.3", 5222),
       "the router passes what the talk passes, and nothing else")
    status, text, _, _ = on("client", sys.executable,
                            os.path.join(HERE, "bosh.py"))
    ok(status == 0, "a browser's login reaches the focus through nginx and "
       "prosody", text)
    code, body = lab.script("call", "1")[:2]
    ok(code == 0 and "srtp: sent 0" not in body,
       "a participant's packets come back through the router", body)
    ok(not stun("nobody", "x" * 26),
       "udp/10000 is silent to an ufrag that was not handed out")
    code, body, _, _ = on(
        "jvb", "curl", "-s", "-m", "3", "-d", "{}",
        jvb + "/colibri/v2/conferences")
    given = json.loads(body)
    ok(not stun(given["ufrag"], "x" * 26) and
       stun(given["ufrag"], given["pwd"]),
       "udp/10000 answers an ufrag only with its own password")


# A healthy site.

def test_healthy():
    every = VMS + ("router", "client")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        accepts = pool.map(lambda vm: Report(lab, vm, "accept"), every)
        diagnoses = pool.map(lambda vm: Report(lab, vm, "diagnose"), every)
    for report in accepts:
        ok(report.status == 0 and report.json.get("verdict") == "healthy"
           and not report.bad() and not report.active(),
           f"accept on {report.vm}: healthy, nothing said", report)
    for report in diagnoses:
        ok(report.status == 0 and not report.active(),
           f"diagnose on {report.vm}: no cause, exit 0", report)


# Every fault: on which VM it is looked for, the check, its reasons, its
# layers, the causes one of which must head the list ("-": none is asked).

FIREWALL = ("firewall-blocks-5222 firewall-rejects-5222 pf-blocks-5222 "
            "bridge-cut-from-prosody")
DOWN = "prosody-down prosody-stopped"
FAULTS = """
prosody-down       jicofo tcp.connect     refused             net      DOWN
prosody-frozen     jicofo xmpp.starttls   timeout             xmpp,tls,net prosody-hung
focus-password     jicofo xmpp.login      sasl-not-authorized xmpp     jicofo-wrong-password wrong-password
jvb-password       jvb    xmpp.login      sasl-not-authorized xmpp     jvb-wrong-password wrong-password
roster-missing     jicofo xmpp.components *                   xmpp     focus-roster-subscription-missing
cert-expired       jicofo xmpp.starttls   tls-expired         tls      certificate-expired
cert-name          jicofo xmpp.starttls   tls-name            tls      certificate-name-mismatch
5222-dropped       jicofo tcp.connect     timeout             net      FIREWALL
5222-rejected      jicofo tcp.connect     refused             net      FIREWALL DOWN
5280-dropped       web    tcp.connect     timeout             net      firewall-drops-5280 pf-blocks-5280
location-missing   web    bosh.public     http-status         http,bosh,web http-bind-location-missing
host-header        web    bosh.public     host-unknown        http,bosh,web proxy-host-header-missing http-host-unknown
ws-upgrade         web    ws.public       *                   http,bosh,web websocket-upgrade-headers-missing
ssi-off            web    web.page        http-body           web,http -
room-regex         web    web.page        http-status         web,http -
config-comma       web    web.config      *                   web,config config-js-syntax-error
dns-missing        jvb    dns.peers       dns-nxdomain        dns      xmpp-hostname-not-resolvable dns-name-not-resolved hosts-entry-missing
two-a-records      client dns.site        *                   dns      dns-several-addresses
nginx-down         web    tcp.connect     refused             net web-server-down
jvb-health-500     jvb    jvb.health      http-status         http,ice,media,host bridge-health-check-failed bridge-rest-unhealthy media-port-in-use
jvb-frozen         jvb    jvb.health      timeout             http,net,host bridge-hung bridge-down
jvb-down           jvb    jvb.health      refused             http,net,host bridge-down bridge-not-running
jvb-cut            jvb    tcp.connect     timeout             net      FIREWALL jvb-not-connected
jvb-cut-silently   jvb    tcp.connect     timeout             net      FIREWALL jvb-not-connected
brewery-empty      jicofo jicofo.stats    *                   *        brewery-jid-mismatch bridge-not-in-brewery jicofo-sees-no-bridge
"""


def rows():
    for line in FAULTS.strip().splitlines():
        name, vm, check, reasons, layers, *causes = line.split()
        listed = " ".join(causes).replace("FIREWALL", FIREWALL) \
            .replace("DOWN", DOWN).split()
        yield name, vm, check, reasons.split(","), layers.split(","), listed


def found(report, check, reasons, layers):
    for c in report.checks:
        if c["id"] == check and c["state"] in ("fail", "warn", "unknown") \
                and (reasons == ["*"] or c.get("reason") in reasons) \
                and (layers == ["*"] or c.get("layer") in layers):
            return True
    return False


# An incident begins with empty logs, so that what is found is its own.
LOGS = (("xmpp", "log/prosody/prosody.log"), ("web", "log/nginx/error.log"),
        ("web", "log/nginx/access.log"), ("jvb", "log/jitsi/jvb.log"),
        ("jicofo", "log/jitsi/jicofo.log"))


def new_logs(site):
    for vm, path in LOGS:
        open(site.file(vm, path), "w", encoding="ascii").close()


def try_fault(site, row):
    """One fault on one lab: the lines to print, as arguments of ok."""
    name, vm, check, reasons, layers, causes = row
    new_logs(site)
    status, _, errors, _ = site.fault(name, "on")
    if status != 0:
        return [(False, f"{name}: is on", errors)]
    report = Report(site, vm, "diagnose")
    first = report.causes[0]["id"] if report.causes else "none"
    said = [(found(report, check, reasons, layers),
             f"{name}: {check} on {vm} says {' or '.join(reasons)}", report)]
    if causes != ["-"]:
        said.append((first in causes,
                     f"{name}: the first cause is {causes[0]} ({first})",
                     report))
    said.append((report.status == 1 or name in HARMLESS,
                 f"{name}: diagnose ends with 1", report))
    said.append((report.seconds < DEADLINE,
                 f"{name}: within the deadline ({report.seconds:.1f} s)",
                 report))
    status, _, errors, _ = site.fault(name, "off")
    said.append((status == 0, f"{name}: is off", errors))
    return said


def test_faults(other):
    """Two labs at once: most of the time is spent waiting."""
    only = os.environ.get("LAB_ONLY", "").split()
    free = queue.Queue()
    for site in (lab, other):
        free.put(site)

    def one(row):
        site = free.get()
        try:
            return try_fault(site, row)
        finally:
            free.put(site)

    wanted = [r for r in rows() if not only or r[0] in only]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for said in pool.map(one, wanted):
            for line in said:
                ok(*line)


# A warning or a risk is not an exit status.
HARMLESS = {"two-a-records", "ssi-off"}


def test_call():
    """A participant's packets, seen on both machines they pass."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        call = pool.submit(lab.script, "call", "9")
        flows = [pool.submit(
            on, vm, os.path.join(BUILD, "meetprobe"), "--json", "probe",
            "media.flow") for vm in ("jvb", "router")]
        for vm, flow in zip(("jvb", "router"), flows):
            status, text, errors, _ = flow.result()
            ok(status == 0 and '"pass"' in text,
               f"media.flow on {vm} sees the call", text[-400:] + errors)
        ok(call.result()[0] == 0, "the call had its packets back")


def test_udp():
    """No probe can see this from outside; the packets do."""
    for name in ("udp-dropped", "udp-out-dropped"):
        fault(name, "on")
        status, text, _, _ = lab.script("call", "1")
        ok(status == 1, f"{name}: no packet comes back to the client", text)
        fault(name, "off")


def test_not_enabled():
    report = Report(lab, "jicofo", "accept", "rest")
    state = [c for c in report.checks if c["id"] == "jicofo.health"]
    ok(state and state[0]["state"] in ("pass", "not-applicable")
       and "not enabled" in state[0].get("summary", ""),
       "jicofo-health-404: not enabled, not down", report)
    fault("jicofo-health-on", "on")
    report = Report(lab, "jicofo", "accept", "rest")
    state = [c for c in report.checks if c["id"] == "jicofo.health"]
    ok(state and state[0]["state"] == "pass",
       "jicofo-health-on: passes", report)
    fault("jicofo-health-on", "off")


def main():
    other = Lab("lab-test-2")
    if not lab.up(tap):
        return tap.end()
    try:
        test_lab()
        test_healthy()
        test_not_enabled()
        other.up(tap)
        test_faults(other)
        test_call()
        test_udp()
        for site in (lab, other):
            report = Report(site, "jicofo", "accept")
            ok(report.status == 0, "after all faults jicofo is well",
               report)
    finally:
        lab.down()
        other.down()
    return tap.end()


sys.exit(main())
