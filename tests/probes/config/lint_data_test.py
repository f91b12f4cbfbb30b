#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The lint over real configurations: recorded runs, the talk's files, the
slides' own texts. Would catch: an error said of a healthy site, a fault that
the configuration shows and the lint does not, a finding that comes or goes.

The golden list tests/golden/lint-talk.txt has one line a finding, with the
argument why it is right or wrong; `--update` prints the present lines.
"""
import json, os, re, subprocess, sys, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
DATA = Path(os.environ.get("MEETPROBE_DATA", "../shared/data"))
SLIDES = DATA / ".." / "talk" / "slides.txt"
GOLDEN = Path("tests/golden/lint-talk.txt")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def skip(text):
    global count
    count += 1
    print(f"ok {count} # SKIP {text}")


def lint(*paths):
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", *map(str, paths)],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                       timeout=60)
    return p.returncode, json.loads(p.stdout)


# What the configuration of a recorded run shows, by run.
SHOWN = {
    "bosh_proxy_wrong_port": "plain-http-to-https-port",
    "brewery_mismatch": "brewery-jid-mismatch",
    "colibri_ws_not_proxied": "colibri-websocket-not-proxied",
    "conference_muc_missing": "conference-muc-component-missing",
    "dns_unresolvable_jvb": "xmpp-hostname-not-resolvable",
    "internal_muc_missing": "internal-muc-missing",
    "jicofo_conf_wrong_type": "hocon-wrong-type",
    "jicofo_hostname_missing": "xmpp-hostname-not-set",
    "jicofo_ip_instead_of_name": "jicofo-wrong-xmpp-domain",
    "jvb_conf_key_dashes": "jvb-xmpp-client-not-configured",
    "jvb_conf_syntax": "hocon-syntax-error",
    "jvb_domain_public_vhost": "domain-is-public-virtualhost",
    "jvb_low_memory": "java-heap-too-small",
    "jvb_password_literal_var": "hocon-quoted-substitution",
    "nat_mapping_missing": "nat-address-not-set",
}


def recorded():
    lab = DATA / "jitsi-lab"
    if not lab.is_dir():
        skip("no recorded runs (../shared/data/jitsi-lab)")
        return
    for run in sorted(lab.iterdir()):
        if not (run / "config").is_dir():
            continue
        status, report = lint(run / "config")
        errors = [f["id"] for f in report["findings"] if f["level"] == "error"]
        if run.name in SHOWN:
            ok(SHOWN[run.name] in errors and status == 1,
               f"{run.name}: {SHOWN[run.name]} (got {errors})")
        else:
            ok(not errors and status == 0,
               f"{run.name}: no error (got {errors})")


def refused():
    """pfctl's own tests: what it takes is no error here, without hosts file
    and interfaces; of what it refuses nearly all is seen"""
    files = DATA / "pfctl-regress"
    if not files.is_dir():
        skip("no tests of pfctl (../shared/data/pfctl-regress)")
        return
    wrong, silent, fails = [], [], 0
    for f in sorted(files.glob("*.in")):
        _, report = lint(f"pf.conf={f}")
        errors = [x for x in report["findings"] if x["level"] == "error"]
        if f.name.startswith("pfail"):
            fails += 1
            silent += [] if errors else [f.name]
        elif errors:
            wrong.append(f"{f.name}:{errors[0].get('line')} {errors[0]['id']}")
    ok(not wrong, f"what pfctl takes is no error (got {wrong})")
    ok(len(silent) * 20 <= fails, f"what pfctl refuses is told, but for what "
       f"hangs on addresses ({silent} of {fails})")


def slide_blocks(text):
    """The numbered lines of each slide, by the slide's headings."""
    blocks, current, last = [], [], 0
    heading = ""
    for line in text.splitlines():
        m = re.match(r"^(?:- )?(\d+) ?(.*)$", line)
        if m and (int(m[1]) == last + 1 or int(m[1]) == 1):
            if int(m[1]) == 1 and current:
                blocks.append((heading, current))
                current = []
            current.append(m[2].replace("**", "").replace("\\", "")
                           if not m[2].endswith("\\") else m[2])
            last = int(m[1])
        elif line.startswith("```") or not line.strip():
            continue
        else:
            if current:
                blocks.append((heading, current))
                current, last = [], 0
            heading = line
    if current:
        blocks.append((heading, current))
    return blocks


# A word of each text of the slides, and the file it is of.
TEXTS = [
    ('vm "web" {', "vm.conf"),
    ("100.64.1.3", "hosts.jicofo"),
    ("http_interfaces", "prosody.cfg.lua"),
    ('Component "conference', "prosody.cfg.lua"),
    ("prosodyctl register", "install.txt"),
    ("keytool", "install.txt"),
    ("var config", "config.js"),
    ("JICOFO_CONF", "jicofo.in.sh"),
    ("jicofo { bridge", "jicofo.conf"),
    ("jicofo_flags", "rc.conf.local"),
    ("JVB_CONF", "jvb.in.sh"),
    ("videobridge { apis", "jvb.conf"),
    ("NAT_HARVESTER_LOCAL", "sip-communicator.properties"),
]


def write_slides(folder):
    for _, lines in slide_blocks(SLIDES.read_text()):
        text = "\n".join(lines) + "\n"
        for word, name in TEXTS:
            if word in text:
                with open(folder / name, "a") as f:
                    f.write(text)
                break


# The slides of pf.conf: a word of each, and whose it is; the first is
# everybody's.
FILTERS = [
    ("block return log", ("router", "web", "xmpp", "jvb", "jicofo")),
    ("rdr-to web", ("router",)),
    ("vms={", ("router",)),
    ("to self port { 80 443 }", ("web",)),
    ("to self port 5280", ("xmpp",)),
    ("to self port 10000", ("jvb",)),
    ("to self port 8888", ("jicofo",)),
]


HOSTS = """127.0.0.1 localhost
100.64.1.3 web
100.64.2.3 xmpp
100.64.3.3 jicofo
100.64.4.3 jvb
"""


def write_filters(folder, put_right):
    """pf.conf of each host; put right: the macros are defined and the list
    has its quotes, the line numbers stay."""
    macros = 'admin = "192.0.2.50"; monitor = "192.0.2.51"; resolve = "9.9.9.9"'
    for text, hosts in FILTERS:
        for _, lines in slide_blocks(SLIDES.read_text()):
            block = "\n".join(line.rstrip() for line in lines) + "\n"
            if text not in block or "pass" not in block:
                continue
            if put_right:
                block = block.replace("vms={ web xmpp jicofo jvb }",
                                      'vms="{ web xmpp jicofo jvb }"')
                for macro in macros.split("; "):
                    name, value = macro.split(" = ")
                    block = block.replace("$" + name, value.strip('"'))
            for host in hosts:
                with open(folder / f"pf.conf.{host}", "a") as f:
                    f.write(block)


def line_of(f, strip):
    name = f.get("file", "-").replace(strip, "").lstrip("/")
    return f"{name}:{f.get('line', 0)} {f['level']} {f['id']}"


def talk_lines():
    lines = []
    for folder in sorted((DATA / "talk-config").iterdir()):
        _, report = lint(folder)
        lines += [line_of(f, str(DATA / "talk-config")) for f in report["findings"]]
    with tempfile.TemporaryDirectory() as tmp:
        # as printed, and with what the slide of jvb.conf lacks put right: a
        # new line before udp, a brace at the end
        for name in ("slides", "slides-jvb-put-right"):
            folder = Path(tmp) / name
            folder.mkdir()
            write_slides(folder)
            if name != "slides":
                text = (folder / "jvb.conf").read_text()
                (folder / "jvb.conf").write_text(
                    text.replace("} udp {", "}\nudp {") + "}\n")
            _, report = lint(folder)
            lines += [line_of(f, tmp) for f in report["findings"]]
        # the packet filters, as printed and with what pfctl refuses put right
        for name in ("slides-pf", "slides-pf-put-right"):
            folder = Path(tmp) / name
            folder.mkdir()
            write_filters(folder, name != "slides-pf")
            (folder / "hosts").write_text(HOSTS)
            _, report = lint(folder)
            lines += [line_of(f, tmp) for f in report["findings"]]
    return lines


def talk():
    if not (DATA / "talk-config").is_dir() or not SLIDES.is_file():
        skip("no configurations of the talk (../shared/data/talk-config)")
        return
    have = talk_lines()
    if "--update" in sys.argv:
        print("\n".join(have))
        return
    want = [l for l in GOLDEN.read_text().splitlines()
            if l.strip() and not l.startswith("#")]
    for l in want:
        ok(l in have, f"still said: {l}")
    for l in have:
        ok(l in want, f"in the golden list: {l}")
    for finding, where, what in (
            ("domain-spelled-differently", "slides/prosody", "jts and jits"),
            ("truststore-wrong-password", "slides/", "two trust store passwords"),
            ("jvb-configured-as-component", "slides/prosody",
             "a user against a component's secret"),
            ("user-not-registered", "slides-jvb-put-right/jvb.conf",
             "the bridge's account is never registered"),
            ("pf-config-not-loaded", "slides-pf/pf.conf.router",
             "a list without quotes, macros that nothing defines"),
            ("pf-out-leg-blocked", "slides-pf-put-right/pf.conf.router",
             "the router's missing second leg")):
        ok(any(finding in l and l.startswith(where) for l in have),
           f"the talk's own mistake is found: {what}")


if not Path(f"{BUILD}/meetprobe").exists():
    skip("no build")
else:
    if "--update" not in sys.argv:
        recorded()
        refused()
    talk()
print(f"1..{count}")
