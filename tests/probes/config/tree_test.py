#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A whole folder given to the lint: a copied /etc with links, the containers'
volumes, one folder a host. Would catch: a site that is available and not
enabled read twice, an include matched in the wrong folder, a link followed
into this machine's own /etc, other programs' files taken for the site's, a
line on standard error for each file of no interest."""
import json, os, subprocess, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def lint(root, *more):
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", str(root), *more],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    report = json.loads(p.stdout)
    kinds = {c["source"][len(str(root)) + 1:]: c for c in report["coverage"]}
    return report, kinds, p.stderr.decode()


SITE = """map $arg_vnode $node { default prosody; v1 v1; }
upstream prosody { server 127.0.0.1:5280; }
server {
  listen 443 ssl http2;
  server_name meet.test.org;
  ssl_certificate /etc/jitsi/meet/meet.test.org.crt;
  ssl_certificate_key /etc/jitsi/meet/meet.test.org.key;
  root /usr/share/jitsi-meet; ssi on;
  include /etc/jitsi/meet/jaas/*.conf;
  location = /http-bind {
    proxy_pass http://$node/http-bind?prefix=$prefix&$args;
    proxy_set_header Host $http_host;
    include /etc/nginx/snippets/slow.conf;
  }
}
"""
OTHER = "server { listen 443 ssl; server_name blog.test.org; root /srv; }\n"
PROSODY = """VirtualHost "meet.test.org"
  authentication = "jitsi-anonymous"
  modules_enabled = { "bosh" }
  c2s_require_encryption = false
Component "conference.meet.test.org" "muc"
Component "internal.auth.meet.test.org" "muc"
  modules_enabled = { "muc_filter_access" }
  admins = { "focus@auth.meet.test.org" }
VirtualHost "auth.meet.test.org"
  authentication = "internal_hashed"
  ssl = { key = "/etc/prosody/certs/a.key"; certificate = "/etc/prosody/certs/a.crt" }
Component "focus.meet.test.org" "client_proxy"
  target_address = "focus@auth.meet.test.org"
"""


def put(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def etc(root):
    put(root, {
        "nginx/nginx.conf": "events {}\nhttp {\n include /etc/nginx/mime.types;\n"
            " include /etc/nginx/conf.d/*.conf;\n include /etc/nginx/sites-enabled/*;\n}\n",
        "nginx/conf.d/limits.conf": "limit_req_zone $a zone=x:1m rate=1r/s;\n",
        "nginx/snippets/slow.conf": "proxy_read_timeout 90s;\n",
        "nginx/sites-available/meet.conf": SITE,
        "nginx/sites-available/blog": OTHER,
        "nginx/sites-available/off": "server { broken\n",
        "nginx/sites-enabled/.keep": "",
        "apache2/sites-enabled/x.conf": "<VirtualHost *:80>\n</VirtualHost>\n",
        "prosody/prosody.cfg.lua": "plugin_paths = {}\nconsider_bosh_secure = true\n"
            "modules_enabled = { \"saslauth\"; \"tls\" }\n"
            "VirtualHost \"localhost\"\nInclude \"conf.d/*.cfg.lua\"\n",
        "prosody/migrator.cfg.lua": "input { type = \"x\" }\n",
        "prosody/conf.avail/meet.cfg.lua": PROSODY,
        "prosody/conf.avail/old.cfg.lua": "VirtualHost \"old\" broken\n",
        "prosody/conf.d/.keep": "",
        "jitsi/jicofo/sip-communicator.properties": "org.jitsi.jicofo.x=1\n",
        "jitsi/jicofo/jicofo.conf": "jicofo { xmpp { client { domain = auth.meet.test.org\n"
            "xmpp-domain = meet.test.org\n} }\nbridge.brewery-jid = \"b@internal.auth.meet.test.org\" }\n",
        "jitsi/meet/meet.test.org-config.js": "var config = { hosts: { domain: 'meet.test.org',\n"
            "muc: 'conference.meet.test.org' }, bosh: '/http-bind' };\n",
        "hosts": "127.0.0.1 localhost\n", "hosts.allow": "sshd: ALL\n", "passwd": "",
        "avahi/hosts": "::2 printer\n", "java-17/logging.properties": "handlers= x\n",
        "ssl/certs/a.pem": "-----BEGIN CERTIFICATE-----\nx\n",
        "resolv.conf": "search test.org\n", "default/cacerts": "cacerts_updates=yes\n",
        "postgresql/root.crt": "# none\n",
    })
    for i in range(40):
        (root / f"misc{i}.conf").write_text("a b c\n")
    os.symlink("/etc/nginx/sites-available/meet.conf", root / "nginx/sites-enabled/meet.conf")
    os.symlink("../sites-available/blog", root / "nginx/sites-enabled/blog")
    os.symlink("/etc/prosody/conf.avail/meet.cfg.lua", root / "prosody/conf.d/meet.cfg.lua")
    os.symlink("/etc/services", root / "nginx/sites-enabled/nowhere.conf")
    os.symlink("/etc/nginx/nginx.conf", root / "nginx/conf.d/ours.conf")


def copied_etc(root):
    etc(root)
    report, kinds, err = lint(root)
    ok(not report["findings"],
       f"a copied /etc in order: nothing to say (got {[(f['id'], f['file']) for f in report['findings']]})")
    ok(kinds.get("nginx/sites-enabled/meet.conf", {}).get("state") == "read",
       "an absolute link is followed inside the copy")
    ok("nginx/sites-enabled/nowhere.conf" not in kinds,
       "a link out of the copy into this machine's own /etc is not followed")
    ok(not any("available" in k or "avail/" in k for k in kinds), "what is not enabled is not read")
    for name in ("hosts.allow", "avahi/hosts", "java-17/logging.properties", "ssl/certs/a.pem", "default/cacerts", "postgresql/root.crt",
                 "prosody/migrator.cfg.lua", "apache2/sites-enabled/x.conf"):
        ok(kinds.get(name, {}).get("kind") is None, f"{name} is not one of the site's")
    ok(len(err.splitlines()) == 1 and "other files" in err, f"the others are one line ({err!r})")
    (root / "nginx/snippets/slow.conf").write_text("proxy_read_timeout 20s;\n")
    (root / "nginx/sites-available/meet.conf").write_text(SITE.replace("5280;", "5290;"))
    report, _, _ = lint(root)
    said = {(f["id"], f["file"][len(str(root)) + 1:]) for f in report["findings"]}
    ok(("proxy-read-timeout-too-short", "nginx/snippets/slow.conf") in said,
       f"a fault of an included snippet is told in its file ({said})")
    ok(any(i == "proxy-to-wrong-port" for i, _ in said), "one of a linked site too")


def volumes(root):
    put(root, {
        "web/nginx/nginx.conf": "events {}\nhttp {\n resolver 127.0.0.11;\n"
            " include /config/nginx/site-confs/*;\n}\n",
        "web/nginx/site-confs/default": "server { listen 80 default_server;\n include "
            "/config/nginx/meet.conf; }\nserver { listen 443 ssl;\n ssl_certificate "
            "/config/keys/cert.crt;\n ssl_certificate_key /config/keys/cert.key;\n"
            " include /config/nginx/meet.conf; }\n",
        "web/nginx/meet.conf": "server_name _;\nroot /usr/share/jitsi-meet;\nssi on;\n"
            "location = /http-bind { proxy_set_header Host meet.jitsi;\n"
            " proxy_pass http://xmpp.meet.jitsi:5280/http-bind; proxy_read_timeout 90s; }\n",
        "prosody/config/prosody.cfg.lua": "http_interfaces = { \"*\" }\n"
            "consider_bosh_secure = true\nInclude \"conf.d/*.cfg.lua\"\n",
        "prosody/config/conf.d/jitsi-meet.cfg.lua": PROSODY.replace("meet.test.org", "meet.jitsi"),
        "prosody/config/data/accounts.dat": "x",
        "web/config.js": "var config = {};\nconfig.hosts = {};\nconfig.hosts.domain = 'meet.jitsi';\n"
            "config.hosts.muc = 'conference.meet.jitsi';\nconfig.bosh = '/http-bind';\n",
        "web/interface_config.js": "var interfaceConfig = { A: 'hosts: domain:' };\n",
    })
    report, kinds, err = lint(root)
    ok(not report["findings"],
       f"the containers' volumes: nothing to say (got {[(f['id'], f['message']) for f in report['findings']]})")
    ok(all(k in kinds for k in ("web/nginx/site-confs/default", "web/nginx/meet.conf")),
       "files that only an include makes known are read")


def hosts(root):
    put(root, {
        "xmpp/etc/hosts": "10.0.2.3 xmpp meet.test.org\n", "jvb/etc/hosts": "10.0.2.9 xmpp\n",
        "jvb/etc/jvb/jvb.conf": "videobridge {}\n", "jvb/etc/sub/jvb2/hosts": "10.9.9.9 xmpp\n",
    })
    report, kinds, _ = lint(root)
    ok(kinds["jvb/etc/hosts"]["host"] == "jvb" and kinds["jvb/etc/jvb/jvb.conf"]["host"] == "jvb",
       "a folder a host: its name is the host's")
    ok(any(f["id"] == "dns-hosts-disagree" for f in report["findings"]),
       "what two hosts' files say of a name is compared")
    ok(not any("sub" in k for k in kinds), "a hosts file anywhere is none of a host")


def left_overs(root):
    broken = "jicofo {\n"
    put(root, {
        "etc/hosts": "127.0.0.1 localhost\n", "etc/hosts.bak": "not an address\n",
        "etc/jitsi/jicofo/jicofo.conf": "jicofo {}\n", "etc/jitsi/jicofo/jicofo.conf.dpkg-old": broken,
        "etc/jitsi/jicofo/jicofo.conf~": broken, "etc/jitsi/backup/jicofo.conf": broken,
        "etc/jitsi.old/jicofo/jicofo.conf": broken, "etc/prosody/conf.d/a.cfg.lua.save": "VirtualHost(\n",
        "etc/nginx/nginx.conf": "events {}\nhttp { include sites-enabled/*; }\n",
        "etc/nginx/sites-enabled/x.save": "server { listen 80 }\n",
    })
    report, kinds, err = lint(root)
    ok([k for k in kinds if k.startswith("etc/jitsi")] == ["etc/jitsi/jicofo/jicofo.conf"],
       f"what editors and packages leave beside is not read (got {list(kinds)})")
    ok([f["file"].rsplit("/", 1)[1] for f in report["findings"] if "syntax" in f["id"]] == ["x.save"],
       f"but for what nginx takes (got {[(f['file'], f['message']) for f in report['findings']]})")


def main():
    for each in (copied_etc, volumes, hosts, left_overs):
        with tempfile.TemporaryDirectory() as tmp:
            root = Path(tmp) / "copy"
            root.mkdir()
            each(root)
    print(f"1..{count}")


main()
