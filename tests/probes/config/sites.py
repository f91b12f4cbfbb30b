# SPDX-License-Identifier: ISC
"""Sites in order, of many kinds, as files below a folder: a dict of name and
text, which each set-up of SETUPS changes. Used by several tests."""
import re

PROSODY = """plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }
modules_enabled = { "saslauth"; "tls"; "disco" }
consider_bosh_secure = true
consider_websocket_secure = true
VirtualHost "meet.test.org"
    authentication = "jitsi-anonymous" -- do not delete me
    modules_enabled = { "bosh"; "websocket"; "smacks" }
    c2s_require_encryption = false
Component "conference.meet.test.org" "muc"
    restrict_room_creation = true
    admins = { "focus@auth.meet.test.org" }
Component "internal.auth.meet.test.org" "muc"
    modules_enabled = { "muc_filter_access" }
    muc_filter_whitelist = "auth.meet.test.org"
    admins = { "focus@auth.meet.test.org", "jvb@auth.meet.test.org" }
VirtualHost "auth.meet.test.org"
    ssl = { key = "/etc/prosody/certs/a.key"; certificate = "/etc/prosody/certs/a.crt"; }
    authentication = "internal_hashed"
Component "focus.meet.test.org" "client_proxy"
    target_address = "focus@auth.meet.test.org"
"""
SITE = """server {
  listen 80;
  server_name meet.test.org;
  location ^~ /.well-known/acme-challenge/ { root /usr/share/jitsi-meet; }
  location / { return 301 https://$host$request_uri; }
}
server {
  listen 443 ssl;
  server_name meet.test.org;
  ssl_certificate /etc/jitsi/meet/meet.test.org.crt;
  ssl_certificate_key /etc/jitsi/meet/meet.test.org.key;
  root /usr/share/jitsi-meet;
  ssi on;
  set $prefix "";
  location = /config.js { alias /etc/jitsi/meet/meet.test.org-config.js; }
  location = /external_api.js { alias /usr/share/jitsi-meet/libs/external_api.min.js; }
  location ~ ^/(libs|css|static)/(.*)$ { alias /usr/share/jitsi-meet/$1/$2; }
  location = /http-bind {
    proxy_pass http://127.0.0.1:5280/http-bind?prefix=$prefix&$args;
    proxy_set_header Host $http_host;
  }
  location = /xmpp-websocket {
    proxy_pass http://127.0.0.1:5280/xmpp-websocket?prefix=$prefix&$args;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_set_header Host $http_host;
  }
  location ~ ^/colibri-ws/default-id/(.*) {
    proxy_pass http://127.0.0.1:9090/colibri-ws/default-id/$1$is_args$args;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
  }
  location ~ ^/([^/?&:'"]+)$ { try_files $uri @root_path; }
  location @root_path { rewrite ^/(.*)$ / break; }
}
"""
BASE = {
    "nginx/nginx.conf": "user www-data;\nevents { worker_connections 768; }\nhttp {\n"
        "  include /etc/nginx/mime.types;\n  include /etc/nginx/conf.d/*.conf;\n"
        "  include /etc/nginx/sites-enabled/*;\n}\n",
    "nginx/sites-enabled/meet.conf": SITE,
    "prosody/prosody.cfg.lua": "certificates = \"certs\"\nVirtualHost \"localhost\"\n"
        "Include \"conf.d/*.cfg.lua\"\n",
    "prosody/conf.d/meet.cfg.lua": PROSODY,
    "jitsi/meet/meet.test.org-config.js": """var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain.startsWith('<!--')) { subdomain = ''; }
var config = {
    hosts: {
        domain: 'meet.test.org',
        muc: 'conference.' + subdomain + 'meet.test.org', // here
    },
    bosh: 'https://meet.test.org/' + 'http-bind',
    websocket: 'wss://meet.test.org/xmpp-websocket',
};
""",
    "jitsi/jicofo/jicofo.conf": """jicofo {
  xmpp: {
    client: {
      client-proxy: "focus.meet.test.org"
      xmpp-domain: "meet.test.org"
      domain: "auth.meet.test.org"
      username: "focus"
      password: "x9"
    }
    trusted-domains: [ "recorder.meet.test.org" ]
  }
  bridge: { brewery-jid: "JvbBrewery@internal.auth.meet.test.org" }
}
""",
    "jitsi/jicofo/sip-communicator.properties": "org.jitsi.jicofo.health.ENABLE=true\n",
    "jitsi/videobridge/jvb.conf": "videobridge {\n  http-servers { public { port = 9090 } }\n"
        "  websockets { enabled = true, domain = \"meet.test.org:443\", tls = true }\n}\n",
    "jitsi/videobridge/sip-communicator.properties":
        "org.ice4j.ice.harvest.DISABLE_AWS_HARVESTER=true\n"
        "org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES=stun.test.org:443\n"
        "org.jitsi.videobridge.xmpp.user.shard.HOSTNAME=localhost\n"
        "org.jitsi.videobridge.xmpp.user.shard.DOMAIN=auth.meet.test.org\n"
        "org.jitsi.videobridge.xmpp.user.shard.USERNAME=jvb\n"
        "org.jitsi.videobridge.xmpp.user.shard.PASSWORD=y9\n"
        "org.jitsi.videobridge.xmpp.user.shard.MUC_JIDS=JvbBrewery@internal.auth.meet.test.org\n"
        "org.jitsi.videobridge.xmpp.user.shard.MUC_NICKNAME=b0b1\n",
    "hosts": "127.0.0.1 localhost\n127.0.1.1 meet.test.org meet\n203.0.113.9 meet.test.org\n",
    "turnserver.conf": "use-auth-secret\nstatic-auth-secret=t9\nrealm=meet.test.org\nsyslog\n",
}


def edit(files, name, *pairs):
    for old, new in pairs:
        assert old in files[name], (name, old)
        files[name] = files[name].replace(old, new)


def debian(f):
    """one host, as the packages make it"""


def secure_domain(f):
    """moderators log in, guests come from another VirtualHost"""
    edit(f, "prosody/conf.d/meet.cfg.lua", ('"jitsi-anonymous" -- do not delete me', '"internal_hashed"'))
    f["prosody/conf.d/meet.cfg.lua"] += ('VirtualHost "guest.meet.jitsi"\n    authentication = '
                                         '"jitsi-anonymous"\n    c2s_require_encryption = false\n')
    edit(f, "jitsi/meet/meet.test.org-config.js",
         ("domain: 'meet", "anonymousdomain: 'guest.meet.jitsi',\n        domain: 'meet"))
    edit(f, "jitsi/jicofo/jicofo.conf",
         ("jicofo {", "jicofo {\n  authentication: { enabled: true, type: XMPP, login-url: meet.test.org }"))


def old_component(f):
    """jicofo of before 2021 logs in as a component"""
    edit(f, "prosody/conf.d/meet.cfg.lua", ('"client_proxy"\n    target_address = "focus@auth.meet.test.org"',
                                            '\n    component_secret = "c5"'))
    del f["jitsi/jicofo/jicofo.conf"]
    f["jitsi/jicofo/config"] = ("JICOFO_HOST=localhost\nJICOFO_HOSTNAME=meet.test.org\nJICOFO_SECRET=c5\nJICOFO_PORT=5347\n"
                                "JICOFO_AUTH_DOMAIN=auth.meet.test.org\nJICOFO_AUTH_USER=focus\nJICOFO_AUTH_PASSWORD=x9\n"
                                "JICOFO_OPTS=\"\"\n")
    f["jitsi/jicofo/sip-communicator.properties"] = "org.jitsi.jicofo.BRIDGE_MUC=JvbBrewery@internal.auth.meet.test.org\n"


def everyone_logs_in(f):
    """nobody comes in without an account"""
    edit(f, "prosody/conf.d/meet.cfg.lua", ('"jitsi-anonymous" -- do not delete me', '"internal_hashed"'))
    edit(f, "jitsi/jicofo/jicofo.conf", ("jicofo {", "jicofo {\n  authentication: { enabled: true, type: XMPP }"))


def local_page(f):
    """a site of containers for the own machine only, as the sample of .env makes it"""
    containers(f)
    for n in f:
        f[n] = f[n].replace("//meet.test.org", "//localhost:8443").replace('domain = "meet.test.org"',
                                                                          'domain = "localhost:8443"')


def tokens(f):
    """guests bring a token"""
    edit(f, "prosody/conf.d/meet.cfg.lua",
         ('"jitsi-anonymous"', '"token"\n    app_id = "a"\n    app_secret = "s"\n    allow_empty_token = false'))


def recorders(f):
    """jibri and jigasi beside"""
    f["prosody/conf.d/meet.cfg.lua"] += (
        'VirtualHost "recorder.meet.test.org"\n  modules_enabled = { "ping" }\n  authentication = '
        '"internal_hashed"\nComponent "callcontrol.meet.test.org" component_secret = "c"\n'
        'VirtualHost "jigasi.meet.jitsi"\n  enabled = false\n  modules_enabled = { "bosh" }\n'
        '  authentication = "token"\n')
    f["jitsi/jigasi/sip-communicator.properties"] = (
        "org.jitsi.jigasi.xmpp.acc.USER_ID=jigasi@auth.meet.test.org\n"
        "net.java.sip.communicator.impl.protocol.jabber.acc.BREWERY=JigasiBrewery@internal.auth.meet.test.org\n")
    edit(f, "jitsi/jicofo/jicofo.conf", ("bridge:", 'jibri.brewery-jid: "J@internal.auth.meet.test.org"\n  bridge:'))


def other_sites(f):
    """nginx serves other sites too, one of them by default"""
    f["nginx/sites-enabled/blog"] = (
        "upstream php { server unix:/run/php.sock; }\nserver {\n server_name blog.test.org;\n root /srv/blog;\n"
        " location ~ \\.php$ { fastcgi_pass php; }\n listen 443 ssl default_server; # managed by Certbot\n"
        " ssl_certificate /etc/letsencrypt/live/blog/fullchain.pem;\n"
        " ssl_certificate_key /etc/letsencrypt/live/blog/privkey.pem;\n}\nserver {\n"
        " if ($host = blog.test.org) { return 301 https://$host$request_uri; }\n listen 80 default_server;\n"
        " return 404;\n}\n")
    f["nginx/conf.d/up.conf"] = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n"


def stream(f):
    """a stream has port 443, for TURN and the site"""
    f["nginx/nginx.conf"] = "include /etc/nginx/modules-enabled/*.conf;\n" + f["nginx/nginx.conf"]
    f["nginx/modules-enabled/60-jitsi.conf"] = (
        "stream {\n upstream web { server 127.0.0.1:4444; }\n upstream turn { server 127.0.0.1:4445; }\n"
        " map $ssl_preread_alpn_protocols $upstream { ~\\bh2\\b web; default turn; }\n"
        " server { listen 443; ssl_preread on; proxy_pass $upstream; }\n}\n")
    edit(f, "nginx/sites-enabled/meet.conf", ("listen 443 ssl", "listen 4444 ssl http2"))


def behind_haproxy(f):
    """another program does the TLS"""
    site = f["nginx/sites-enabled/meet.conf"]
    site = re.sub(r"\A.*?\n}\n", "", site, flags=re.S).replace("listen 443 ssl", "listen 127.0.0.1:8081")
    f["nginx/sites-enabled/meet.conf"] = re.sub(r"  ssl_.*\n", "", site)
    f["nginx/sites-enabled/default"] = "server { listen 80 default_server; server_name _; root /var/www; }\n"


def upstreams(f):
    """names of upstream blocks, chosen by a map"""
    f["nginx/sites-enabled/meet.conf"] = (
        "upstream prosody { zone u 64K; server 127.0.0.1:5280; keepalive 2; }\nupstream jvb1 { server 127.0.0.1:9090; }\n"
        "map $arg_vnode $prosody_node { default prosody; v1 v1; }\n"
        + SITE.replace("http://127.0.0.1:5280", "http://$prosody_node").replace("127.0.0.1:9090", "jvb1"))


def backend_variables(f):
    """the whole of proxy_pass stands in a variable, which one file knows"""
    f["nginx/sites-enabled/meet.conf"] = (
        "upstream prosody { server [::1]:5280; }\nmap $arg_b $bridge { default http://127.0.0.1:9090; }\n"
        + SITE.replace('set $prefix "";', 'set $backend http://prosody;')
              .replace("http://127.0.0.1:5280/http-bind?prefix=$prefix&$args", "$backend/http-bind$is_args$args")
              .replace("http://127.0.0.1:5280/xmpp-websocket?prefix=$prefix&$args", "$backend$request_uri")
              .replace("http://127.0.0.1:9090/colibri", "$bridge/colibri"))


def snippets(f):
    """the site's locations stand in pieces, one level below"""
    head, locations = SITE.split("  location = /config.js", 1)
    f["nginx/sites-enabled/meet.conf"] = head + "  include /etc/nginx/conf.d/meet.test.org.d/*.conf;\n}\n"
    f["nginx/conf.d/meet.test.org.d/jitsi.conf"] = "location = /config.js" + locations.rstrip().rstrip("}")


def pieces(f):
    """prosody's hosts in several files, one of them only comments"""
    at = PROSODY.index("Component \"internal")
    f["prosody/conf.d/10-meet.cfg.lua"] = PROSODY[:at]
    f["prosody/conf.d/meet.cfg.lua"] = PROSODY[at:]
    f["prosody/conf.d/00-readme.cfg.lua"] = "-- nothing here\n"
    f["prosody/conf.d/localhost.cfg.lua"] = 'VirtualHost "localhost"\n'


def computed(f):
    """prosody's names are computed"""
    f["prosody/conf.d/meet.cfg.lua"] = (
        'local domain = "meet.test.org"\nlocal auth = "auth." .. domain\nlocal secrets = require "secrets"\n'
        'local function admin(n) return n .. "@" .. auth end\n'
        + PROSODY.replace('"focus@auth.meet.test.org"', 'admin "focus"')
                 .replace('VirtualHost "meet.test.org"', "VirtualHost (domain)\n    app_secret = secrets.app")
                 .replace('VirtualHost "auth.meet.test.org"', "VirtualHost (auth)"))


def json_hocon(f):
    """HOCON that a program wrote, with a secret from the environment"""
    f["jitsi/jicofo/jicofo.conf"] = (
        '{"jicofo":{"bridge":{"brewery-jid":"JvbBrewery@internal.auth.meet.test.org"},"xmpp":{"client":{'
        '"domain":"auth.meet.test.org","hostname":"localhost","password":${JICOFO_AUTH_PASS},'
        '"username":"focus","xmpp-domain":"meet.test.org"}}}}')


def line_ends(f):
    """CRLF, a byte order mark where it does no harm, no newline at the end"""
    for name in f:
        f[name] = f[name].replace("\n", "\r\n").rstrip("\r\n")
        if name.endswith(("jicofo.conf", "config.js")):
            f[name] = "\ufeff" + f[name]


def without_nginx(f):
    """another web server"""
    for name in [n for n in f if n.startswith("nginx")]:
        del f[name]
    f["apache2/sites-enabled/meet.conf"] = "<VirtualHost *:443>\n  ServerName meet.test.org\n</VirtualHost>\n"


def several_hosts(f):
    """a host each, two bridges with their own names"""
    bridge = {n: f.pop(n) for n in list(f) if "videobridge" in n}
    for n in list(f):
        f["meet/etc/" + n] = f.pop(n)
    for i in "12":
        f[f"jvb{i}/etc/hosts"] = f"127.0.0.1 localhost\n10.2.0.1{i} jvb{i}\n10.2.0.5 meet.test.org\n"
        f[f"jvb{i}/etc/jitsi/videobridge/jvb.conf"] = """videobridge {
  http-servers { public { port = 9090 }, private { host = 10.2.0.1%s } }
  websockets { enabled = true, domain = "meet.test.org:443", tls = true, server-id = "jvb%s" }
  relay { enabled = true, region = "r", relay-id = "jvb%s" }
  apis.xmpp-client.configs { shard {
    HOSTNAME = "meet.test.org", DOMAIN = "auth.meet.test.org", USERNAME = "jvb", PASSWORD = "y9"
    MUC_JIDS = "JvbBrewery@internal.auth.meet.test.org", MUC_NICKNAME = "jvb%s"
  } }
}
ice4j.harvest.mapping.static-mappings = [ { local-address = "10.2.0.1%s", public-address = "203.0.113.3%s" } ]
""" % (i, i, i, i, i, i)
    site = "meet/etc/nginx/sites-enabled/meet.conf"
    part = re.search(r"  location ~ \^/colibri-ws.*?\n  }\n", f[site], re.S).group(0)
    f[site] = f[site].replace(part, "".join(
        part.replace("127.0.0.1", f"10.2.0.1{i}").replace("default-id", f"jvb{i}") for i in "12"))
    assert bridge


def containers(f):
    """the containers' volumes, TLS done elsewhere"""
    site = re.search(r"  root .*", SITE, re.S).group(0).rstrip().rstrip("}")
    site = (site.replace("$http_host", "meet.jitsi").replace("127.0.0.1:5280", "xmpp.meet.jitsi:5280")
                .replace("default-id/(.*)", "([a-zA-Z0-9-\\._]+)/(.*)")
                .replace("127.0.0.1:9090/colibri-ws/default-id/$1", "$1:9090/colibri-ws/$1/$2"))
    jitsi = {n: f[n].replace("internal.auth.meet.test.org", "internal-muc.meet.jitsi")
                    .replace("meet.test.org", "meet.jitsi") for n in f}
    f.clear()
    f.update({
        "web/nginx/nginx.conf": "events {}\nhttp {\n resolver 127.0.0.11;\n include /config/nginx/site-confs/*;\n}\ndaemon off;\n",
        "web/nginx/site-confs/default": "server {\n listen 80 default_server;\n include /config/nginx/meet.conf;\n}\n",
        "web/nginx/meet.conf": "server_name _;\n" + site,
        "web/config.js": jitsi["jitsi/meet/meet.test.org-config.js"].replace("https://meet.jitsi/' + '", "/' + '")
                                                                  .replace("wss://meet.jitsi", "wss://meet.test.org"),
        "prosody/config/prosody.cfg.lua": 'http_interfaces = { "*", "::" }\ndata_path = "/config/data"\n'
                                          'http_default_host = "meet.jitsi"\nInclude "conf.d/*.cfg.lua"\n',
        "prosody/config/conf.d/jitsi-meet.cfg.lua": jitsi["prosody/conf.d/meet.cfg.lua"],
        "jicofo/jicofo.conf": jitsi["jitsi/jicofo/jicofo.conf"].replace(
            "client: {", "client: {\n      hostname: xmpp.meet.jitsi\n      port: \"5222\"").replace(
            "jicofo {", 'jicofo {\n  rest { host = "0.0.0.0" }'),
        "jvb/jvb.conf": 'videobridge {\n  apis.xmpp-client.configs { shard0 { HOSTNAME = "xmpp.meet.jitsi", PORT = "5222"\n'
            ' DOMAIN = "auth.meet.jitsi", USERNAME = "jvb", PASSWORD = "y9"\n'
            ' MUC_JIDS = "JvbBrewery@internal-muc.meet.jitsi", MUC_NICKNAME = "a1b2" } }\n'
            ' websockets { enabled = true, domain = "meet.test.org", tls = true, server-id = "172.18.0.5" }\n'
            ' http-servers { private { host = 0.0.0.0 }, public { host = 0.0.0.0, port = 9090 } }\n}\n'
            'ice4j.harvest.mapping.stun.addresses = [ "stun.test.org:443" ]\n',
        ".env": "CONFIG=~/.jitsi-meet-cfg\nHTTPS_PORT=443\nPUBLIC_URL=https://meet.test.org:${HTTPS_PORT}\n"
                "DISABLE_HTTPS=1\nJICOFO_AUTH_PASSWORD=x9\nJVB_AUTH_PASSWORD=y9\nLDAP_BASE=\"DC=x,DC=y\"\n",
        "docker-compose.yml": "services:\n    jvb:\n        image: jitsi/jvb:${V:-stable}\n        ports:\n"
                              "            - '127.0.0.1:${P:-8080}:8080'\nnetworks:\n    meet.jitsi:\n",
    })


def proxied_page(f):
    """nginx only passes on to another web server"""
    f["nginx/sites-enabled/meet.conf"] = (
        "map $http_upgrade $up { default upgrade; '' close; }\nserver {\n listen 443 ssl;\n server_name meet.test.org;\n"
        " ssl_certificate /etc/x.crt;\n ssl_certificate_key /etc/x.key;\n location / {\n  proxy_pass http://10.2.0.9:8000;\n"
        "  proxy_set_header Host $host;\n  proxy_http_version 1.1;\n  proxy_set_header Upgrade $http_upgrade;\n"
        "  proxy_set_header Connection $up;\n }\n}\n")
    for name in [n for n in f if n.startswith(("prosody", "jitsi"))]:
        if not name.endswith(".lua"):
            del f[name]


def visitors(f):
    """a node of visitors beside"""
    f["prosody-v1/conf.d/more.cfg.lua"] = "Component 'focus.meet.test' 'client_proxy'\n target_address = 'x@a'\n"
    f["prosody-v1/prosody.cfg.lua"] = (
        "http_ports = { 52801 }\nc2s_ports = { 52221 }\nconsider_bosh_secure = true\n"
        "modules_enabled = { 'saslauth'; 'tls'; 'secure_interfaces' }\nVirtualHost 'v1.meet.test'\n authentication = 'jitsi-anonymous'\n"
        " modules_enabled = { 'bosh' }\nVirtualHost 'auth.meet.test'\n authentication = 'internal_hashed'\n"
        "Component 'conference.v1.meet.test' 'muc'\n modules_enabled = { 'fmuc' }\nInclude 'conf.d/*.cfg.lua'\n")


def own_brewery_server(f):
    """bridges log in to an XMPP server of their own, whose file is not given"""
    edit(f, "jitsi/jicofo/jicofo.conf",
         ("JvbBrewery@internal.auth.meet.test.org", "jvbbrewery@muc.jvb.test.org"),
         ("    trusted-domains", '    service { enabled = true, hostname = "10.2.0.7", port = 6222, domain = '
          '"auth.jvb.test.org", username = "focus", password = "x" }\n    trusted-domains'))
    f["jitsi/videobridge/sip-communicator.properties"] = ""
    f["jitsi/videobridge/jvb.conf"] = (
        'videobridge { http-servers.public.port = 9090\n websockets { enabled = true, domain = "meet.test.org" }\n'
        ' apis.xmpp-client.configs.a { hostname = "10.2.0.7", port = 6222, domain = "auth.jvb.test.org"\n'
        '  username = jvb, password = "y", muc_jids = "jvbbrewery@muc.jvb.test.org", muc_nickname = a } }\n')


def public_bridge(f):
    """the bridge has a public address itself"""
    edit(f, "jitsi/videobridge/sip-communicator.properties",
         ("org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES=stun.test.org:443\n", ""))


def own_names(f):
    """components with other names"""
    for n in f:
        f[n] = f[n].replace("conference.meet", "rooms.meet").replace("'conference.'", "'rooms.'") \
                   .replace("internal.auth.meet", "bridges.meet")


def bridge_tls(f):
    """clients reach the bridge's websockets past nginx"""
    f["jitsi/videobridge/jvb.conf"] = """videobridge {
  http-servers.public { tls-port = 9443, key-store-path = /etc/ssl/jvb.p12, key-store-password = "k" }
  websockets { enabled = true, domains = ["jvb1.test.org:9443"], server-id = jvb1, tls = true }
  cc { assumed-bandwidth-limit = 10 Mbps }
  load-management.conference-last-n-limits { 20 = 20, 30 = 15 }
  entity-expiration { timeout = 2 minutes, check-interval = ${videobridge.entity-expiration.timeout} }
}
jmt { debug.pcap.enabled = false }
"""


def turn_module(f):
    """prosody's own module announces a TURN server with other ports"""
    edit(f, "prosody/conf.d/meet.cfg.lua", ('"smacks" }', '"smacks"; "turn_external" }\n    turn_external_host = '
         '"turn.test.org"\n    turn_external_secret = "t9"\n    turn_external_tls_port = 443'))
    f["turnserver.conf"] = ("listening-port=3478\ntls-listening-port=443\nfingerprint\nuse-auth-secret\n"
                            "static-auth-secret=t9\nrealm=turn.test.org\nserver-name=turn.test.org\nstale-nonce\n"
                            "cert=/etc/c.pem\npkey=/etc/k.pem\nno-multicast-peers\nmin-port=49152\nmax-port=50000\n")


def far_web(f):
    """the web server is another machine"""
    for n in list(f):
        f[("web/etc/" if n.startswith("nginx") or "config.js" in n else "xmpp/etc/") + n] = f.pop(n)
    for n in ("web/etc/hosts", "xmpp/etc/hosts"):
        f[n] = "127.0.0.1 localhost\n10.1.0.2 xmpp.test\n"
    site = "web/etc/nginx/sites-enabled/meet.conf"
    f[site] = ("upstream prosody { server xmpp.test:5280; }\nupstream jvb { server xmpp.test:9090; }\n"
               + f[site].replace("127.0.0.1:5280", "prosody").replace("127.0.0.1:9090", "jvb"))
    f["xmpp/etc/prosody/conf.d/meet.cfg.lua"] = ('http_interfaces = { "*", "::" }\ntrusted_proxies = { "10.1.0.0/24" }\n'
                                                 + f["xmpp/etc/prosody/conf.d/meet.cfg.lua"])


def foreign_xmpp(f):
    """a chat server of another kind, alone"""
    f.clear()
    f["prosody.cfg.lua"] = ('modules_enabled = { "saslauth", "tls", "roster" }\nVirtualHost "chat.test.org"\n'
                            'Component "conference.chat.test.org" "muc"\nComponent "gw.chat.test.org"\n'
                            '  component_secret = "s"\n')


def turn_behind_nginx(f):
    """nginx ends the TLS of TURN on port 443"""
    f["turnserver.conf"] = "use-auth-secret\nstatic-auth-secret=t9\nrealm=meet.test.org\nno-dtls\n"
    edit(f, "prosody/conf.d/meet.cfg.lua", ('"smacks" }', '"smacks"; "external_services" }'), ("consider_bosh", """
external_service_secret = "t9"
external_services = {
    { type = "stun", host = "meet.test.org", port = 3478 };
    { type = "turn", host = "meet.test.org", port = 3478, transport = "udp", secret = true, ttl = 86400, algorithm = "turn" };
    { type = "turns", host = "meet.test.org", port = 443, transport = "tcp", secret = true, ttl = 86400, algorithm = "turn" };
}
consider_bosh"""))


COMPONENTS = """
Component "lobby.meet.test.org" "muc"
    storage = "memory"
    restrict_room_creation = true
    muc_room_locking = false
    muc_room_default_public_jids = true
    modules_enabled = { "muc_hide_all"; "muc_rate_limit"; "polls" }
Component "breakout.meet.test.org" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = { "muc_meeting_id"; "polls" }
    admins = { "focus@auth.meet.test.org" }
    muc_room_locking = false
Component "speakerstats.meet.test.org" "speakerstats_component"
    muc_component = "conference.meet.test.org"
Component "conferenceduration.meet.test.org" "conference_duration_component"
    muc_component = "conference.meet.test.org"
Component "endconference.meet.test.org" "end_conference"
    muc_component = "conference.meet.test.org"
Component "avmoderation.meet.test.org" "av_moderation_component"
    muc_component = "conference.meet.test.org"
Component "metadata.meet.test.org" "room_metadata_component"
    muc_component = "conference.meet.test.org"
    breakout_rooms_component = "breakout.meet.test.org"
"""


def all_components(f):
    """lobby, breakout rooms, moderation, polls and what else there is"""
    edit(f, "prosody/conf.d/meet.cfg.lua", ('"smacks" }', """"smacks"; "speakerstats"; "conference_duration";
        "end_conference"; "muc_lobby_rooms"; "muc_breakout_rooms"; "av_moderation"; "room_metadata" }
    lobby_muc = "lobby.meet.test.org"
    breakout_rooms_muc = "breakout.meet.test.org"
    room_metadata_component = "metadata.meet.test.org"
    main_muc = "conference.meet.test.org"
    muc_lobby_whitelist = { "recorder.meet.test.org" }"""))
    f["prosody/conf.d/meet.cfg.lua"] = f["prosody/conf.d/meet.cfg.lua"].replace(
        "    restrict_room_creation", """    modules_enabled = { "muc_hide_all"; "muc_meeting_id"; "polls"; "muc_domain_mapper";
        "muc_password_whitelist"; "muc_rate_limit" }
    muc_password_whitelist = { "focus@auth.meet.test.org" }
    muc_room_locking = false
    storage = "memory"
    restrict_room_creation""", 1) + COMPONENTS


def guests_and_tokens(f):
    """hosts bring a token, guests come from another VirtualHost"""
    secure_domain(f)
    f["prosody/conf.d/meet.cfg.lua"] = f["prosody/conf.d/meet.cfg.lua"].replace(
        '    authentication = "internal_hashed"', '    authentication = "token"\n    app_id = "a"\n    app_secret = "s"',
        1).replace("    restrict_room", '    modules_enabled = { "token_verification" }\n    restrict_room', 1)
    edit(f, "jitsi/jicofo/jicofo.conf", ("type: XMPP", "type: JWT"))


def numbered(f):
    """other domains are numbered, one is a socket's and one has no name"""
    f["nginx/sites-enabled/apps"] = (
        "server {\n listen 443 ssl;\n server_name \"\";\n ssl_reject_handshake on;\n}\n"
        "server {\n listen 443 ssl;\n server_name meet2.test.org;\n ssl_certificate /etc/b.crt;\n"
        " ssl_certificate_key /etc/b.key;\n location ~ ^/(api|ws)/ { proxy_pass http://unix:/run/app.sock; }\n"
        " location / { proxy_pass http://unix:/run/app.sock:/; }\n}\n")
    f["hosts"] += "198.51.100.4 meet2.test.org meet3.test.org\n"


def openbsd(f):
    """a virtual machine each below vmd, which does all of the routing"""
    names = "".join(f"10.5.{i}.3 {n}\n" for i, n in enumerate(
        ("web", "xmpp auth.meet.test.org meet.test.org", "jicofo", "jvb"), 1))
    site = re.search(r"server {\n  listen 443.*", SITE, re.S).group(0).replace("/usr/share", "/var/www")
    lua = PROSODY.replace("/etc/prosody/certs/a", "/etc/ssl/a")
    jicofo = f["jitsi/jicofo/jicofo.conf"].replace("client: {", 'client: {\n      hostname: xmpp')
    page = f["jitsi/meet/meet.test.org-config.js"]
    f.clear()
    f.update({
        "router/etc/vm.conf": "switch \"lan\" {\n\tinterface bridge0\n}\n" + "".join(
            f'vm "{n}" {{\n\tmemory {m}\n\tdisk "/home/vm/{n}.qcow2"\n\tlocal interface\n\towner ops\n}}\n'
            for n, m in (("web", "512M"), ("xmpp", "1G"), ("jicofo", "3G"), ("jvb", "4G"))),
        "router/etc/pf.conf": "set skip on lo\nmatch out on egress inet from 10.5.0.0/16 nat-to (egress:0)\nblock return\n"
            "pass out\npass in on tap\npass in on egress proto tcp to port { 80 443 } rdr-to 10.5.1.3\n"
            "pass in on egress proto udp to port 10000 rdr-to 10.5.4.3\n",
        "router/etc/sysctl.conf": "net.inet.ip.forwarding=1\t# for the VMs\n",
        "router/etc/rc.conf.local": "vmd_flags=\ndhcpleased_flags=NO\n",
        "web/etc/nginx/nginx.conf": "events {}\nhttp {\n" + site.replace("127.0.0.1:5280", "10.5.2.3:5280").replace(
            "127.0.0.1:9090", "10.5.4.3:9090") + "}\n",
        "web/etc/acme-client.conf": 'authority letsencrypt {\n\tapi url "https://a.test/directory"\n\taccount key '
            '"/etc/acme/k.pem"\n}\ndomain meet.test.org {\n\tdomain key "/etc/jitsi/meet/meet.test.org.key"\n'
            '\tdomain full chain certificate "/etc/jitsi/meet/meet.test.org.crt"\n\tsign with letsencrypt\n}\n',
        "web/var/www/jitsi-meet/config.js": page,
        "xmpp/etc/prosody/prosody.cfg.lua": 'http_interfaces = { "10.5.2.3" }\ntrusted_proxies = { "10.5.1.3" }\n'
            'c2s_interfaces = { "10.5.2.3" }\n' + lua,
        "jicofo/etc/jicofo/jicofo.conf": jicofo + "jicofo.sctp.enabled = false\n",
        "jvb/etc/jvb/jvb.conf": 'videobridge {\n  sctp.enabled = false\n  http-servers { public { port = 9090 } }\n  websockets { enabled = '
            'true, domain = "meet.test.org:443", tls = true, server-id = default-id }\n  apis.xmpp-client.configs { x {\n'
            '    hostname = xmpp, domain = "auth.meet.test.org", username = jvb, password = y9\n'
            '    muc_jids = "JvbBrewery@internal.auth.meet.test.org", muc_nickname = jvb1 } }\n}\n'
            'ice4j.harvest.mapping.static-mappings = [ { local-address = "10.5.4.3", public-address = "203.0.113.9" } ]\n',
        **{f"{n}/etc/hosts": "127.0.0.1\tlocalhost\n::1\t\tlocalhost\n" + names for n in ("web", "xmpp", "jicofo", "jvb")},
        **{f"{n}/etc/resolv.conf": "nameserver 9.9.9.9 # resolvd: vio0\nlookup file bind\n" for n in ("web", "jvb")},
    })


SETUPS = [debian, secure_domain, tokens, recorders, other_sites, stream, behind_haproxy, upstreams, snippets,
          pieces, computed, json_hocon, line_ends, without_nginx, several_hosts, containers,
          proxied_page, visitors, own_brewery_server, public_bridge,
          own_names, bridge_tls, turn_module, far_web, foreign_xmpp,
          turn_behind_nginx, all_components, guests_and_tokens, numbered, openbsd,
          everyone_logs_in, local_page, old_component, backend_variables]


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
