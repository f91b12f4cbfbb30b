#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Our reading of prosody.cfg.lua against a real `prosodyctl check config`:
what it refuses (and the line it names), what it calls misplaced, obsolete or
misnamed. Would catch: an option list that has gone out of date, a file taken
that prosody refuses. And what a real configmanager has read, value by value,
is what the lint's facts rest on."""
import json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
from sites import BASE, SETUPS, write

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


REFUSED = [
    'VirtualHost "a"\nmodules_enabled = {\n "x"\n "y"\n}\n',
    'VirtualHost "a"\nx = "y\n',
    'VirtualHost jts.example\n',
    'VirtualHost "a"\nmodules_enabled = { "x"; \n',
    'VirtualHost "a"\nx = = 1\n',
    'VirtualHost "a" }\n',
    'VirtualHost "a"\nadmins = { "b"; "c" };;x\n',
    'VirtualHost "a"\nlog = { info = "x" error = "y" }\n',
]
HOSTED = ["http_ports = { 5280 }", "consider_bosh_secure = true",
          "trusted_proxies = { \"127.0.0.1\" }", "log = \"*syslog\"",
          "c2s_ports = { 5222 }", "pidfile = \"/x\"", "limits = {}",
          "plugin_paths = { \"/x\" }", "interfaces = { \"*\" }",
          "network_backend = \"epoll\"", "use_ipv6 = false",
          "http_interfaces = { \"*\" }", "umask = \"027\"",
          # these belong there
          "authentication = \"anonymous\"", "ssl = {}", "admins = {}",
          "c2s_require_encryption = false", "storage = \"memory\"",
          "muc_room_locking = false", "http_host = \"x\"",
          "app_id = \"x\""]
GLOBAL = ["cross_domain_bosh = true", "cross_domain_websocket = true",
          "daemonize = true", "use_libevent = true", "setuid = \"x\"",
          "anonymous_login = true", "require_encryption = true",
          "bosh_ports = { 5280 }", "legacy_ssl_ports = { 5223 }",
          "modules_enabled = { \"mod_bosh\" }",
          "modules_enabled = { \"auth_x\" }",
          "modules_enabled = { \"bosh\", \"tls\", \"saslauth\" }",
          "http_ports = { 5280 }", "storage = \"internal\""]


def prosodyctl(path):
    p = subprocess.run(["prosodyctl", "--root", "--config", str(path), "check", "config"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return p.returncode, p.stdout.decode(errors="replace")


def lint(path):
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", str(path)],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    return json.loads(p.stdout)["findings"]


def main(tmp):
    path = tmp / "prosody.cfg.lua"
    for text in REFUSED:
        path.write_text(text)
        _, said = prosodyctl(path)
        m = re.search(r"prosody\.cfg\.lua:(\d+):", said)
        refused = "problem occurred while reading the config" in said
        got = [f for f in lint(path) if f["id"] in ("config-syntax-error", "config-unquoted-value")]
        ok(refused and got, f"refused by both: {text!r}")
        if m and got:
            theirs, ours = int(m[1]), got[0].get("line", 0)
            ok(ours in (theirs, theirs - 1), f"line {theirs}, ours {ours}: {text!r}")
    for line in HOSTED:
        path.write_text(f'VirtualHost "a"\n{line}\n')
        _, said = prosodyctl(path)
        name = line.split()[0]
        m = re.search(r"need to move the following options?: (.*)", said)
        theirs = bool(m) and name in m[1].replace(",", " ").split()
        ours = any(f["id"] == "option-in-wrong-section" for f in lint(path))
        ok(theirs == ours, f"{name} below a VirtualHost: misplaced {theirs}, ours {ours}")
    for line in GLOBAL:
        path.write_text(f'{line}\nVirtualHost "a"\n')
        _, said = prosodyctl(path)
        theirs = bool(re.search(r"obsolete options|deprecated options|prefix included|"
                                r"should not (be|have)|not be (enabled|listed)|"
                                r"specify the (authentication|storage)", said))
        ours = any(f["id"] in ("obsolete-option", "module-name-has-mod-prefix",
                               "option-in-wrong-section") for f in lint(path))
        ok(theirs == ours, f"global {line}: told {theirs}, ours {ours}")


# What prosody's own configmanager makes of a file, value by value.
DUMP = """
package.path = "/usr/lib/prosody/?.lua;" .. package.path
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
prosody = { paths = { config = arg[2] }, events = { add_handler = function() end,
  fire_event = function() end }, platform = "posix" }
CFG_CONFIGDIR = arg[2]
local config = require "core.configmanager"
local fine, err = config.load(arg[1])
local function walk(prefix, v)
  if type(v) ~= "table" then print(prefix .. "=" .. tostring(v)) return end
  for k, x in pairs(v) do
    walk(prefix .. "/" .. (type(k) == "number" and tostring(k - 1) or tostring(k)), x)
  end
end
for host, options in pairs(config.getconfig()) do
  for k, v in pairs(options) do
    if k ~= "defined" and k ~= "component_module" and k ~= "load_global_modules" then
      walk(host .. "/" .. k, v)
    end
  end
end
"""

SITE = '''
modules_enabled = { "saslauth"; "tls", "smacks"; }
http_ports = { 5280 } http_interfaces = { "*", "::" }
local domain = "jts.example"
log = { info = "/var/x"; { levels = { min = "warn" }, to = "syslog" } }
VirtualHost (domain)
    authentication = "anonymous"; c2s_require_encryption = false
    modules_enabled = { "bosh"; "pubsub"; }
VirtualHost ("auth." .. domain) { authentication = "internal_hashed"; admins = { "a"; "b" } }
    ssl = { key = "/k", certificate = "/c" }
Component ("conference." .. domain) "muc" { restrict_room_creation = true }
Component "focus.jts.example" "client_proxy"
    target_address = "focus@auth." .. domain
for i = 1, 3 do Component ("x" .. i .. ".jts.example") component_secret = "s" .. i end
Include "conf.d/*.cfg.lua"
'''
PIECE = 'VirtualHost "piece.example"\n  authentication = "internal_plain"\n'


def read_both(main, pieces, tmp):
    """What prosody has read of a file and those it includes, and what we have."""
    (tmp / "dump.lua").write_text(DUMP)
    p = subprocess.run(["lua5.4", tmp / "dump.lua", main, main.parent],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    theirs = sorted(l for l in p.stdout.decode().splitlines() if l)
    p = subprocess.run([f"{BUILD}/tests/probes/config/prosody_test", main, *pieces],
                       stdout=subprocess.PIPE, timeout=60)
    return theirs, sorted(l for l in p.stdout.decode().splitlines() if l)


def values(tmp):
    (tmp / "conf.d").mkdir()
    (tmp / "prosody.cfg.lua").write_text(SITE)
    (tmp / "conf.d" / "piece.cfg.lua").write_text(PIECE)
    theirs, ours = read_both(tmp / "prosody.cfg.lua", [tmp / "conf.d" / "piece.cfg.lua"], tmp)
    if not theirs:
        global count
        count += 1
        print(f"ok {count} # SKIP prosody's configmanager does not load here")
        return
    for l in theirs:
        ok(l in ours, f"prosody has read {l}, and so have we")
    for l in ours:
        ok(l in theirs, f"we have read {l}, and so has prosody")
    for setup in SETUPS:
        files = dict(BASE)
        setup(files)
        main = [n for n in files if n.endswith("prosody.cfg.lua")]
        if setup.__name__ == "computed" or not main:
            continue            # needs a module of its own
        root = tmp / setup.__name__
        write(root, files)
        theirs, ours = read_both(root / main[0], sorted((root / main[0]).parent.glob("conf.d/*.cfg.lua")), tmp)
        ok(theirs and theirs == ours, f"{setup.__name__}: prosody and we have read the same "
                                      f"(differ: {sorted(set(theirs) ^ set(ours))[:5]})")


if not shutil.which("prosodyctl"):
    count += 1
    print(f"ok {count} # SKIP no prosodyctl on this machine")
else:
    with tempfile.TemporaryDirectory() as t:
        main(Path(t))
        values(Path(t))
print(f"1..{count}")
