/* SPDX-License-Identifier: ISC */
/*
 * Every rule on a site with one thing changed. Would catch: a rule that does
 * not speak, one that speaks of a healthy site, an id of lint.def that nothing
 * gives rise to.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/facts/fact.h"
#include "agent/facts/finding.h"
#include "agent/facts/site.h"
#include "probes/config/config.h"
#include "probes/config/lint.h"
#include "tests/kit/check.h"

struct part {
	const char *kind, *host, *text;
};

/* A site of four VMs in which nothing is to be said. */
static const struct part site[] = {
	{ "prosody.cfg.lua", "xmpp",
	    "modules_enabled = { \"saslauth\"; \"tls\"; \"smacks\" }\n"
	    "http_ports = { 5280 }\n"
	    "http_interfaces = { \"*\", \"::\" }\n"
	    "consider_bosh_secure = true\n"
	    "consider_websocket_secure = true\n"
	    "VirtualHost \"meet.example\"\n"
	    "    authentication = \"anonymous\"\n"
	    "    modules_enabled = { \"bosh\"; \"websocket\" }\n"
	    "VirtualHost \"auth.meet.example\"\n"
	    "    ssl = { key = \"/k.key\"; certificate = \"/c.crt\" }\n"
	    "    authentication = \"internal_hashed\"\n"
	    "Component \"conference.meet.example\" \"muc\"\n"
	    "Component \"focus.meet.example\" \"client_proxy\"\n"
	    "    target_address = \"focus@auth.meet.example\"\n"
	    "Component \"internal.auth.meet.example\" \"muc\"\n"
	    "    modules_enabled = { \"muc_filter_access\" }\n"
	    "    admins = { \"focus@auth.meet.example\" }\n" },
	{ "jicofo.conf", "jicofo",
	    "jicofo {\n"
	    "  bridge { brewery-jid = \"Br@internal.auth.meet.example\" }\n"
	    "  sctp { enabled = false }\n"
	    "  xmpp { client {\n"
	    "    hostname = xmpp\n"
	    "    domain = \"auth.meet.example\"\n"
	    "    xmpp-domain = \"meet.example\"\n"
	    "    username = \"focus\"\n"
	    "    password = \"pw-focus\"\n"
	    "  } }\n"
	    "}\n" },
	{ "jvb.conf", "jvb",
	    "videobridge {\n"
	    "  apis.xmpp-client.configs { one {\n"
	    "    hostname = \"xmpp\"\n"
	    "    domain = \"auth.meet.example\"\n"
	    "    username = \"jvb\"\n"
	    "    password = \"pw-jvb\"\n"
	    "    muc_jids = \"Br@internal.auth.meet.example\"\n"
	    "    muc_nickname = \"jvb1\"\n"
	    "  } }\n"
	    "  http-servers.public { host = \"100.64.4.3\", port = 9090 }\n"
	    "  websockets { enabled = true, server-id = \"jvb1\",\n"
	    "    domain = \"meet.example:443\" }\n"
	    "  sctp { enabled = false }\n"
	    "}\n" },
	{ "nginx.conf", "web",
	    "http {\n"
	    " server {\n"
	    "  listen 80;\n"
	    "  listen 443 ssl;\n"
	    "  server_name meet.example;\n"
	    "  ssl_certificate /w.crt; ssl_certificate_key /w.key;\n"
	    "  root /var/www/jitsi-meet;\n"
	    "  ssi on;\n"
	    "  location /.well-known/acme-challenge/ { root /acme; }\n"
	    "  location = /http-bind {\n"
	    "   proxy_pass http://xmpp:5280/http-bind;\n"
	    "   proxy_set_header Host $http_host;\n"
	    "   proxy_read_timeout 90s;\n"
	    "  }\n"
	    "  location = /xmpp-websocket {\n"
	    "   proxy_pass http://xmpp:5280/xmpp-websocket;\n"
	    "   proxy_http_version 1.1;\n"
	    "   proxy_set_header Upgrade $http_upgrade;\n"
	    "   proxy_set_header Connection \"upgrade\";\n"
	    "   proxy_set_header Host $http_host;\n"
	    "   proxy_read_timeout 900s;\n"
	    "  }\n"
	    "  location ~ ^/colibri-ws/jvb1/(.*) {\n"
	    "   proxy_pass http://100.64.4.3:9090/colibri-ws/jvb1/$1;\n"
	    "   proxy_http_version 1.1;\n"
	    "   proxy_set_header Upgrade $http_upgrade;\n"
	    "   proxy_set_header Connection \"upgrade\";\n"
	    "  }\n"
	    "  location ~ ^/([a-zA-Z0-9=]+)$ { rewrite ^/(.*)$ / break; }\n"
	    " }\n"
	    "}\n" },
	{ "config.js", "web",
	    "var config = {\n"
	    "  hosts: {\n"
	    "    domain: 'meet.example',\n"
	    "    muc: 'conference.meet.example'\n"
	    "  },\n"
	    "  bosh: '//meet.example/http-bind',\n"
	    "  websocket: 'wss://meet.example/xmpp-websocket'\n"
	    "};\n" },
	{ "hosts", "jicofo", "127.0.0.1 localhost\n"
	    "100.64.1.3 web\n100.64.2.3 xmpp meet.example\n"
	    "100.64.3.3 jicofo\n100.64.4.3 jvb\n" },
	{ "hosts", "jvb", "127.0.0.1 localhost\n"
	    "100.64.1.3 web\n100.64.2.3 xmpp meet.example\n"
	    "100.64.3.3 jicofo\n100.64.4.3 jvb\n" },
	{ "hosts", "web", "127.0.0.1 localhost\n100.64.2.3 xmpp\n" },
	{ "sip-communicator.properties", "jvb",
	    "org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS=100.64.4.3\n"
	    "org.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS=192.0.2.1\n" },
	{ "jicofo.in.sh", "jicofo", "JICOFO_MAXMEM=1G\n"
	    "JICOFO_TRUSTSTORE=/etc/ssl/jicofo-key.store\n"
	    "JICOFO_TRUSTSTORE_PASSWORD=pw-store\n" },
	{ "jvb.in.sh", "jvb", "JVB_MAXMEM=1G\nJVB_GC_TYPE=G1GC\n" },
	{ "vm.conf", "router",
	    "vm \"web\" {\n memory 4G\n disk \"/web.qcow2\"\n"
	    " local interface { up }\n}\n"
	    "vm \"web\" instance \"xmpp\" {\n disk \"/x.qcow2\"\n}\n"
	    "vm \"web\" instance \"jicofo\" {\n}\n"
	    "vm \"web\" instance \"jvb\" {\n}\n" },
	{ "sysctl.conf", "router", "net.inet.ip.forwarding=1\n" },
	{ "commands", NULL,
	    "prosodyctl register focus auth.meet.example pw-focus\n"
	    "prosodyctl register jvb auth.meet.example pw-jvb\n"
	    "keytool -import -keystore jicofo-key.store -storepass "
	    "pw-store\n" },
};
#define PARTS (sizeof(site) / sizeof(site[0]))

/* In one file, one text becomes another ("" before: the file is new, or
 * gets this at its end); then that finding is there. */
struct change {
	const char *id, *kind, *host, *before, *after;
};

static const struct change changes[] = {
	/* prosody */
	{ "anonymous-auth-disabled", "prosody.cfg.lua", "xmpp",
	    "\"anonymous\"", "\"internal_hashed\"" },
	{ "auth-virtualhost-without-certificate", "prosody.cfg.lua", "xmpp",
	    "    ssl = { key = \"/k.key\"; certificate = \"/c.crt\" }\n", "" },
	{ "bosh-module-not-enabled", "prosody.cfg.lua", "xmpp",
	    "{ \"bosh\"; \"websocket\" }", "{}" },
	{ "bosh-not-considered-secure", "prosody.cfg.lua", "xmpp",
	    "consider_bosh_secure = true\n", "" },
	{ "bosh-wrong-domain", "config.js", "web", "domain: 'meet.example'",
	    "domain: 'other.example'" },
	{ "brewery-open-to-anonymous", "prosody.cfg.lua", "xmpp",
	    "    modules_enabled = { \"muc_filter_access\" }\n", "" },
	{ "c2s-interfaces-loopback-only", "prosody.cfg.lua", "xmpp",
	    "http_ports", "c2s_interfaces = { \"127.0.0.1\" }\nhttp_ports" },
	{ "client-proxy-target-wrong", "prosody.cfg.lua", "xmpp",
	    "target_address = \"focus@", "target_address = \"jicofo@" },
	{ "component-secret-not-set", "prosody.cfg.lua", "xmpp",
	    "Component \"focus", "Component \"x.meet.example\"\nComponent "
	    "\"focus" },
	{ "conference-muc-component-missing", "prosody.cfg.lua", "xmpp",
	    "Component \"conference.meet.example\" \"muc\"\n", "" },
	{ "config-host-defined-twice", "prosody.cfg.lua", "xmpp",
	    "Component \"focus", "Component \"meet.example\" \"muc\"\n"
	    "Component \"focus" },
	{ "config-include-not-given", "prosody.cfg.lua", "xmpp", "http_ports",
	    "Include \"conf.d/x.lua\"\nhttp_ports" },
	{ "config-syntax-error", "prosody.cfg.lua", "xmpp",
	    "\"saslauth\"; \"tls\"", "\"saslauth\" \"tls\"" },
	{ "config-unquoted-value", "prosody.cfg.lua", "xmpp",
	    "\"anonymous\"", "anonymous" },
	{ "domain-spelled-differently", "prosody.cfg.lua", "xmpp",
	    "\"conference.meet.example\"", "\"conference.meat.example\"" },
	{ "domain-spelled-differently", "jvb.conf", "jvb",
	    "domain = \"auth.meet.example\"",
	    "domain = \"auth.meeet.example\"" },
	{ "trusted-proxies-missing", "prosody.cfg.lua", "xmpp", NULL, NULL },
	{ "focus-component-not-configured", "prosody.cfg.lua", "xmpp",
	    "Component \"focus.meet.example\" \"client_proxy\"\n", "" },
	{ "focus-component-with-secret-obsolete", "prosody.cfg.lua", "xmpp",
	    "\"focus.meet.example\" \"client_proxy\"\n",
	    "\"focus.meet.example\"\n component_secret = \"x\"\n" },
	{ "focus-not-owner-of-brewery", "prosody.cfg.lua", "xmpp",
	    "    admins = { \"focus@auth.meet.example\" }\n", "" },
	{ "http-interfaces-loopback-only", "prosody.cfg.lua", "xmpp",
	    "http_interfaces = { \"*\", \"::\" }\n", "" },
	{ "http-interfaces-loopback-only", "prosody.cfg.lua", "xmpp",
	    "{ \"*\", \"::\" }", "{ \"127.0.0.1\" }" },
	{ "http-ports-disabled", "prosody.cfg.lua", "xmpp",
	    "http_ports = { 5280 }", "http_ports = {}" },
	{ "internal-muc-missing", "prosody.cfg.lua", "xmpp",
	    "Component \"internal.auth.meet.example\" \"muc\"\n", "" },
	{ "brewery-muc-not-hosted", "jicofo.conf", "jicofo",
	    "Br@internal.auth", "Br@conference.auth" },
	{ "jvb-configured-as-component", "prosody.cfg.lua", "xmpp",
	    "Component \"focus", "Component \"jvb.meet.example\"\n "
	    "component_secret = \"x\"\nComponent \"focus" },
	{ "mod-saslauth-not-loaded", "prosody.cfg.lua", "xmpp",
	    "\"saslauth\"; ", "" },
	{ "mod-tls-not-loaded", "prosody.cfg.lua", "xmpp", "\"tls\"; ", "" },
	{ "module-name-has-mod-prefix", "prosody.cfg.lua", "xmpp",
	    "\"smacks\"", "\"mod_smacks\"" },
	{ "muc-component-without-module", "prosody.cfg.lua", "xmpp",
	    "\"internal.auth.meet.example\" \"muc\"",
	    "\"internal.auth.meet.example\"" },
	{ "muc-domain-mismatch", "config.js", "web",
	    "conference.meet", "rooms.meet" },
	{ "muc-module-missing", "prosody.cfg.lua", "xmpp",
	    "\"conference.meet.example\" \"muc\"",
	    "\"conference.meet.example\" \"mucc\"" },
	{ "no-virtualhost", "prosody.cfg.lua", "xmpp", NULL,
	    "http_ports = { 5280 }\n" },
	{ "obsolete-option", "prosody.cfg.lua", "xmpp", "http_ports",
	    "cross_domain_bosh = true\nhttp_ports" },
	{ "option-in-wrong-section", "prosody.cfg.lua", "xmpp",
	    "    authentication = \"anonymous\"\n",
	    "    authentication = \"anonymous\"\n    https_ports = {}\n" },
	{ "plaintext-login-allowed", "prosody.cfg.lua", "xmpp",
	    "    authentication = \"internal_hashed\"\n",
	    "    authentication = \"internal_hashed\"\n"
	    "    c2s_require_encryption = false\n" },
	{ "turn-secret-missing", "prosody.cfg.lua", "xmpp",
	    "\"smacks\" }\n", "\"smacks\"; \"turn_external\" }\n"
	    "turn_external_host = \"turn.example\"\n" },
	/* jicofo */
	{ "brewery-jid-mismatch", "jicofo.conf", "jicofo", "Br@", "Bx@" },
	{ "brewery-jid-not-set", "jicofo.conf", "jicofo",
	    "brewery-jid = \"Br@internal.auth.meet.example\"", "" },
	{ "certificate-verification-disabled", "jicofo.conf", "jicofo",
	    "    username", "    disable-certificate-verification = true\n"
	    "    username" },
	{ "config-key-misspelt", "jicofo.conf", "jicofo", "brewery-jid",
	    "brewery_jid" },
	{ "config-key-obsolete", "jicofo.conf", "jicofo", "  sctp",
	    "  rest.tls-port = 8843\n  sctp" },
	{ "config-key-unknown", "jicofo.conf", "jicofo", "  sctp",
	    "  weather = fine\n  sctp" },
	{ "domain-is-public-virtualhost", "jicofo.conf", "jicofo",
	    " domain = \"auth.meet", " domain = \"meet" },
	{ "domain-is-public-virtualhost", "jvb.conf", "jvb",
	    " domain = \"auth.meet", " domain = \"meet" },
	{ "hocon-quoted-substitution", "jicofo.conf", "jicofo",
	    "\"pw-focus\"", "\"${FOCUS_COMP_PASS}\"" },
	{ "hocon-syntax-error", "jicofo.conf", "jicofo", "  } }\n", "  }\n" },
	{ "hocon-wrong-type", "jicofo.conf", "jicofo", "enabled = false",
	    "enabled = maybe" },
	{ "hosts-entry-missing", "jicofo.conf", "jicofo", "hostname = xmpp",
	    "hostname = xmpp.meet.example" },
	{ "jicofo-host-option-is-address", "rc.conf.local", "jicofo", "",
	    "jicofo_flags=\"--host=100.64.2.3\"\n" },
	{ "jicofo-wrong-password", "jicofo.conf", "jicofo", "pw-focus",
	    "pw-other" },
	{ "jicofo-wrong-xmpp-domain", "jicofo.conf", "jicofo",
	    " domain = \"auth.meet.example\"", " domain = \"100.64.2.3\"" },
	{ "jicofo-xmpp-domain-not-set", "jicofo.conf", "jicofo",
	    "    xmpp-domain = \"meet.example\"\n", "" },
	{ "presence-interval-wait", "jvb.conf", "jvb",
	    "  sctp", "  apis.xmpp-client.presence-interval = 120s\n  sctp" },
	{ "sctp-enabled-on-jicofo-only", "jicofo.conf", "jicofo",
	    "enabled = false", "enabled = true" },
	{ "sctp-one-side-only", "jvb.conf", "jvb", "sctp { enabled = false }",
	    "sctp { enabled = true }" },
	{ "user-not-registered", "jicofo.conf", "jicofo", "\"focus\"",
	    "\"someone\"" },
	{ "user-registered-on-wrong-host", "commands", NULL,
	    "jvb auth.meet", "jvb meet" },
	{ "xmpp-hostname-not-resolvable", "jicofo.conf", "jicofo",
	    "hostname = xmpp", "hostname = prosody" },
	{ "xmpp-hostname-not-set", "jicofo.conf", "jicofo",
	    "    hostname = xmpp\n", "" },
	{ "xmpp-without-tls", "jicofo.conf", "jicofo", "    username",
	    "    use-tls = false\n    username" },
	/* the bridge */
	{ "bridge-channel-not-configured", "jvb.conf", "jvb",
	    "websockets { enabled = true", "websockets { enabled = false" },
	{ "colibri-websocket-not-proxied", "nginx.conf", "web",
	    "^/colibri-ws/jvb1/", "^/nothing/jvb1/" },
	{ "colibri-websocket-route-wrong", "jvb.conf", "jvb", "port = 9090",
	    "port = 9091" },
	{ "colibri-websocket-server-id-mismatch", "jvb.conf", "jvb",
	    "server-id = \"jvb1\"", "server-id = \"jvb9\"" },
	{ "jvb-rest-loopback-only", "pf.conf", "jvb", "",
	    "pass in proto tcp from 10.0.0.9 to port 8080\n" },
	{ "jvb-wrong-domain", "jvb.conf", "jvb",
	    " domain = \"auth.meet.example\"",
	    " domain = \"secret.meet.example\"" },
	{ "jvb-wrong-password", "jvb.conf", "jvb", "pw-jvb", "pw-x" },
	{ "jvb-xmpp-client-not-configured", "jvb.conf", "jvb",
	    "    muc_nickname = \"jvb1\"\n", "" },
	{ "nat-address-not-set", "sip-communicator.properties", "jvb", NULL,
	    "org.ice4j.ice.harvest.DISABLE_AWS_HARVESTER=true\n" },
	{ "nat-harvester-key-misspelled", "sip-communicator.properties",
	    "jvb", "NAT_HARVESTER_LOCAL", "NAT_HARVSTER_LOCAL" },
	{ "nat-local-address-not-local", "sip-communicator.properties", "jvb",
	    "=100.64.4.3", "=100.64.9.3" },
	{ "nat-public-address-wrong", "sip-communicator.properties", "jvb",
	    "=192.0.2.1", "=10.0.0.1" },
	{ "rest-port-open-to-world", "jvb.conf", "jvb", "  sctp",
	    "  http-servers.private.host = \"0.0.0.0\"\n  sctp" },
	{ "sctp-native-library", "jicofo.conf", "jicofo", NULL, NULL },
	{ "bind-address-not-local", "jvb.conf", "jvb", "\"100.64.4.3\"",
	    "\"100.64.4.4\"" },
	{ "jicofo-rest-loopback-only", "pf.conf", "jicofo", "",
	    "pass in proto tcp from 10.0.0.9 to port 8888\n" },
	{ "jicofo-health-not-enabled", "pf.conf", "jicofo", "",
	    "pass in proto tcp from 10.0.0.9 to port 8888\n" },
	{ "port-in-use", "jvb.conf", "jvb", "\"100.64.4.3\", port = 9090",
	    "\"0.0.0.0\", port = 8080" },
	/* the web */
	{ "acme-challenge-path", "nginx.conf", "web",
	    "location /.well-known/acme-challenge/ { root /acme; }",
	    "location ~ ^/(.*)/(.*)$ { root /x; }" },
	{ "bosh-url-other-origin", "config.js", "web", "'//meet.example/",
	    "'//elsewhere.example/" },
	{ "config-js-syntax-error", "config.js", "web", "'meet.example',",
	    "'meet.example'" },
	{ "http-bind-location-missing", "nginx.conf", "web", "= /http-bind",
	    "= /http-band" },
	{ "http-host-unknown", "nginx.conf", "web",
	    "   proxy_set_header Host $http_host;\n   proxy_read_timeout 90s",
	    "   proxy_set_header Host nobody;\n   proxy_read_timeout 90s" },
	{ "https-to-plain-http-port", "nginx.conf", "web",
	    "http://xmpp:5280/http-bind", "https://xmpp:5280/http-bind" },
	{ "mixed-content", "config.js", "web", "'//meet.example/http",
	    "'http://meet.example/http" },
	{ "nginx-config-syntax", "nginx.conf", "web", "listen 80;",
	    "listen 80" },
	{ "nginx-no-resolver", "nginx.conf", "web",
	    "http://xmpp:5280/http-bind", "http://$up:5280/http-bind" },
	{ "plain-http-to-https-port", "nginx.conf", "web",
	    "5280/http-bind", "5281/http-bind" },
	{ "proxy-host-header-missing", "nginx.conf", "web",
	    "   proxy_set_header Host $http_host;\n   proxy_read_timeout 90s",
	    "   proxy_read_timeout 90s" },
	{ "proxy-path-mismatch", "nginx.conf", "web", "5280/http-bind",
	    "5280/" },
	{ "proxy-read-timeout-equals-bosh-wait", "nginx.conf", "web",
	    "   proxy_read_timeout 90s;\n", "" },
	{ "proxy-read-timeout-too-short", "nginx.conf", "web", "90s", "30s" },
	{ "proxy-to-c2s-port", "nginx.conf", "web", "5280/http-bind",
	    "5222/http-bind" },
	{ "proxy-to-wrong-port", "nginx.conf", "web", "5280/http-bind",
	    "5347/http-bind" },
	{ "room-regex-holds-address", "nginx.conf", "web",
	    "^/([a-zA-Z0-9=]+)$", "^/([^/]+)$" },
	{ "ssi-off", "nginx.conf", "web", "ssi on;", "" },
	{ "upstream-name-not-resolvable", "hosts", "web",
	    "100.64.2.3 xmpp\n", "" },
	{ "web-assets-missing", "nginx.conf", "web",
	    "  root /var/www/jitsi-meet;\n", "" },
	{ "web-tls-not-configured", "nginx.conf", "web", "listen 443 ssl;",
	    "" },
	{ "websocket-module-not-enabled", "prosody.cfg.lua", "xmpp",
	    "; \"websocket\"", "" },
	{ "websocket-proxy-read-timeout", "nginx.conf", "web",
	    "   proxy_read_timeout 900s;\n", "" },
	{ "websocket-upgrade-headers-missing", "nginx.conf", "web",
	    "   proxy_set_header Connection \"upgrade\";\n   proxy_set_header "
	    "Host", "   proxy_set_header Host" },
	/* hosts, router, Java, containers, TURN */
	{ "container-variable-missing", ".env", NULL, "",
	    "PUBLIC_URL=https://meet.example\nJVB_AUTH_PASSWORD=pw-jvb\n"
	    "JVB_ADVERTISE_IPS=192.0.2.1\n" },
	{ "dns-hosts-disagree", "hosts", "jvb", "100.64.2.3 xmpp meet",
	    "100.64.2.9 xmpp meet" },
	{ "dns-several-addresses", "hosts", "jvb", "100.64.3.3 jicofo",
	    "100.64.3.3 jicofo web" },
	{ "forwarding-disabled", "sysctl.conf", "router", "=1", "=0" },
	{ "hosts-entry-wrong-address", "hosts", "jicofo",
	    "100.64.4.3 jvb", "100.64.5.3 jvb" },
	{ "java-heap-larger-than-memory", "jvb.in.sh", "jvb", "=1G", "=4G" },
	{ "java-heap-too-small", "jvb.in.sh", "jvb", "=1G", "=20m" },
	{ "jvm-option-not-supported", "jvb.in.sh", "jvb", "G1GC",
	    "ConcMarkSweepGC" },
	{ "no-valid-bridge-address", ".env", NULL, "",
	    "PUBLIC_URL=https://192.168.1.7:8443\nJVB_AUTH_PASSWORD=pw-jvb\n"
	    "JICOFO_AUTH_PASSWORD=pw-focus\n" },
	{ "public-url-wrong", ".env", NULL, "",
	    "PUBLIC_URL=https://localhost:8443\nJVB_AUTH_PASSWORD=pw-jvb\n" },
	{ "config-placeholder-left", "jvb.conf", "jvb", "pw-jvb",
	    "CHANGE_jvb" },
	{ "truststore-wrong-password", "jicofo.in.sh", "jicofo", "pw-store",
	    "pw-stare" },
	{ "turn-no-auth-configured", "turnserver.conf", NULL, "",
	    "listening-port=3478\n" },
	/* names and places that fit nowhere */
	{ "module-file-missing", "prosody.cfg.lua", "xmpp", "\"client_proxy\"",
	    "\"client-proxy\"" },
	{ "module-file-missing", "prosody.cfg.lua", "xmpp", "\"smacks\"",
	    "\"smakcs\"" },
	{ "auth-module-missing", "prosody.cfg.lua", "xmpp", "\"anonymous\"",
	    "\"anonymus\"" },
	{ "config-key-misspelt", "prosody.cfg.lua", "xmpp", "target_address",
	    "target_adress" },
	{ "config-key-misspelt", "prosody.cfg.lua", "xmpp", "certificate",
	    "certifcate" },
	{ "config-key-misspelt", "jvb.conf", "jvb", "websockets {",
	    "websocket {" },
	{ "config-key-misspelt", "jicofo.conf", "jicofo", "jicofo {",
	    "jicfo {" },
	{ "config-key-misspelt", "config.js", "web", "hosts:", "host:" },
	{ "config-key-misspelt", "jvb.in.sh", "jvb", "JVB_MAXMEM",
	    "JVB_MAX_MEM" },
	{ "config-key-misspelt", "sysctl.conf", "router", "forwarding",
	    "fowarding" },
	{ "config-key-misspelt", "turnserver.conf", NULL, "",
	    "static-auth-secert=x\n" },
	{ "config-wrong-quotes", "jvb.conf", "jvb", "\"pw-jvb\"",
	    "'pw-jvb'" },
	{ "hocon-duration-without-unit", "jicofo.conf", "jicofo", "  sctp",
	    "  xmpp.client.reply-timeout = 15\n  sctp" },
	{ "hocon-wrong-type", "jicofo.conf", "jicofo", "  sctp",
	    "  xmpp.client.port = 522200\n  sctp" },
	{ "hocon-wrong-type", "jicofo.conf", "jicofo", "  sctp",
	    "  xmpp.trusted-domains = \"a.example\"\n  sctp" },
	{ "hocon-wrong-type", "jicofo.conf", "jicofo", "  sctp",
	    "  authentication.type = SHIBOLETH\n  sctp" },
	{ "domain-spelled-differently", "prosody.cfg.lua", "xmpp",
	    "VirtualHost \"meet.example\"", "VirtualHost \"meat.example\"" },
	{ "domain-spelled-differently", "nginx.conf", "web",
	    "server_name meet", "server_name mete" },
	{ "domain-spelled-differently", "hosts", "jicofo", "xmpp meet",
	    "xmpp meeet" },
	{ "domain-spelled-differently", "config.js", "web", "'//meet",
	    "'//meeet" },
	{ "xmpp-hostname-wrong", "jicofo.conf", "jicofo", "hostname = xmpp",
	    "hostname = web" },
	{ "xmpp-hostname-wrong", "jvb.conf", "jvb", "\"xmpp\"",
	    "\"100.64.2.4\"" },
	{ "xmpp-hostname-not-set", "jvb.conf", "jvb", "\"xmpp\"",
	    "\"localhost\"" },
	{ "xmpp-port-mismatch", "jicofo.conf", "jicofo", "hostname = xmpp",
	    "hostname = xmpp, port = 5223" },
	{ "xmpp-port-mismatch", "prosody.cfg.lua", "xmpp", "http_ports",
	    "c2s_ports = { 5322 }\nhttp_ports" },
	{ "jicofo-wrong-password", "jicofo.conf", "jicofo",
	    "    password = \"pw-focus\"\n", "" },
	{ "hocon-duplicate-key", "jicofo.conf", "jicofo", "hostname = xmpp",
	    "hostname = web\n    hostname = xmpp" },
	{ "config-key-misspelt", "prosody.cfg.lua", "xmpp",
	    "http_interfaces", "http_intrfaces" },
	{ "mod-saslauth-not-loaded", "prosody.cfg.lua", "xmpp", "http_ports",
	    "modules_enabled = { \"tls\" }\nhttp_ports" },
	{ "config-syntax-error", "prosody.cfg.lua", "xmpp",
	    "\"conference.meet.example\" \"muc\"",
	    "\"conference.meet.example\" muc" },
	{ "config-syntax-error", "prosody.cfg.lua", "xmpp",
	    "VirtualHost \"auth", "Virtualhost \"auth" },
	{ "config-syntax-error", "prosody.cfg.lua", "xmpp", "http_ports",
	    "// ports\nhttp_ports" },
	{ "config-js-syntax-error", "config.js", "web", "'meet.example',",
	    "\342\200\230meet.example\342\200\231," },
	{ "config-js-syntax-error", "config.js", "web", "'meet.example',",
	    "www.meet.example," },
	{ "config-js-syntax-error", "config.js", "web", "};\n",
	    "};\nThis is mine\n" },
	{ "config-js-syntax-error", "config.js", "web", "var config",
	    "var confg" },
	{ "direct-tls-on-starttls-port", "prosody.cfg.lua", "xmpp",
	    "http_ports", "c2s_direct_tls_ports = { 5222 }\nhttp_ports" },
	{ "mod-limits-throttling", "prosody.cfg.lua", "xmpp",
	    "\"smacks\" }\n", "\"smacks\"; \"limits\"; "
	    "\"limits_exception\" }\nunlimited_jids = { \"x@auth.meet.example\" "
	    "}\n" },
	{ "brewery-muc-not-hosted", "jicofo.conf", "jicofo", "  sctp",
	    "  jibri.brewery-jid = \"J@rooms.meet.example\"\n  sctp" },
	{ "stanza-to-unserved-domain", "config.js", "web", "    muc:",
	    "    focus: 'jicofo.meet.example',\n    muc:" },
	{ "config-key-misspelt", "acme-client.conf", "web", "",
	    "domain other.example {\n siign with x\n}\n" },
	{ "config-key-misspelt", "docker-compose.yml", NULL, "",
	    "services:\n  web:\n    image: a\n    volmues:\n      - b\n" },
	{ "config-key-misspelt", "nginx.conf", "web", "Upgrade $http_upgrade",
	    "Upgarde $http_upgrade" },
	{ "config-key-misspelt", "logging.properties", "jvb", "",
	    "handlers=java.util.loggign.ConsoleHandler\n" },
	{ "nginx-config-syntax", "nginx.conf", "web", "listen 80",
	    "lsiten 80" },
	{ "config-js-syntax-error", "config.js", "web", "};\n",
	    "};\ncofnig.p2p = {};\n" },
	{ "dns-hosts-disagree", "hosts", "jvb", "100.64.3.3 jicofo",
	    "100.64.3.3 jicoof" },
	/* who may do what in prosody */
	{ "muc-room-creation-restricted", "prosody.cfg.lua", "xmpp",
	    "\"conference.meet.example\" \"muc\"\n",
	    "\"conference.meet.example\" \"muc\"\n"
	    " restrict_room_creation = true\n" },
	{ "brewery-filter-excludes-services", "prosody.cfg.lua", "xmpp",
	    "    admins", "    muc_filter_whitelist = \"meet.example\"\n"
	    "    admins" },
	{ "stanza-to-unserved-domain", "prosody.cfg.lua", "xmpp",
	    "    authentication = \"anonymous\"\n", "    authentication = "
	    "\"anonymous\"\n    lobby_muc = \"lobby.meet.example\"\n" },
	{ "domain-is-public-virtualhost", "prosody.cfg.lua", "xmpp",
	    "\"internal_hashed\"", "\"anonymous\"" },
	{ "websocket-not-considered-secure", "prosody.cfg.lua", "xmpp",
	    "consider_websocket_secure = true\n", "" },
	{ "bind-address-not-local", "prosody.cfg.lua", "xmpp",
	    "{ \"*\", \"::\" }", "{ \"100.64.2.2\" }" },
	/* the way through nginx */
	{ "proxy-to-wrong-host", "nginx.conf", "web", "http://xmpp:5280/http",
	    "http://100.64.3.3:5280/http" },
	{ "proxy-to-wrong-host", "nginx.conf", "web", "http://xmpp:5280/http",
	    "http://localhost:5280/http" },
	{ "nginx-no-resolver", "nginx.conf", "web", "http://100.64.4.3:9090",
	    "http://jvb:9090" },
	{ "proxy-path-mismatch", "nginx.conf", "web", "5280/xmpp-websocket",
	    "5280/http-bind" },
	{ "websocket-upgrade-headers-missing", "nginx.conf", "web",
	    "Connection \"upgrade\"", "Connection \"close\"" },
	{ "colibri-websocket-route-wrong", "nginx.conf", "web",
	    "9090/colibri-ws/jvb1/$1", "9090/$1" },
	{ "colibri-websocket-route-wrong", "jvb.conf", "jvb",
	    "\"meet.example:443\"", "\"wss://meet.example:443\"" },
	{ "mixed-content", "jvb.conf", "jvb", "websockets { enabled = true",
	    "websockets { tls = false, enabled = true" },
	{ "bosh-url-other-origin", "config.js", "web", "'//meet.example/",
	    "'//meet.example:5280/" },
	{ "nginx-config-syntax", "nginx.conf", "web", "proxy_pass http://",
	    "proxy_pass " },
	{ "nginx-config-syntax", "nginx.conf", "web", "90s", "90seconds" },
	{ "nginx-config-syntax", "nginx.conf", "web", "location = /http-bind",
	    "location ~ /http-bind" },
	{ "nginx-config-syntax", "nginx.conf", "web", "[a-zA-Z0-9=]+)",
	    "[a-zA-Z0-9=]+" },
	{ "nginx-config-syntax", "nginx.conf", "web", "= /xmpp-websocket",
	    "= /http-bind" },
	{ "nginx-config-syntax", "nginx.conf", "web", "Host $http_host",
	    "Host" },
	{ "web-certificate-untrusted", "nginx.conf", "web", "/w.crt",
	    "/etc/letsencrypt/live/meet.example/cert.pem" },
	{ "cert-key-mismatch", "nginx.conf", "web", "/w.crt", "/w2.key; "
	    "ssl_certificate_key /w.crt" },
	{ "acme-certificate-not-used", "acme-client.conf", "web", "",
	    "domain meet.example {\n domain full chain certificate "
	    "\"/other.pem\"\n}\n" },
	{ "acme-challenge-path", "acme-client.conf", "web", "",
	    "domain meet.example {\n domain full chain certificate "
	    "\"/w.crt\"\n}\n" },
	{ "room-regex-holds-address", "nginx.conf", "web",
	    "  location ~ ^/colibri", "  location ~ ^/([^/]+)/(.*)$ { "
	    "return 404; }\n  location ~ ^/colibri" },
	{ "nginx-body-too-large", "nginx.conf", "web", "ssi on;",
	    "ssi on; client_max_body_size 1k;" },
	{ "nginx-worker-connections", "nginx.conf", "web", "http {",
	    "events { worker_connections 8; }\nhttp {" },
	{ "web-tls-not-configured", "nginx.conf", "web",
	    " ssl_certificate_key /w.key;", "" },
	{ "config-syntax-error", "acme-client.conf", "web", "",
	    "domain meet.example {\n sign with nobody\n}\n" },
	/* machines, TURN, containers */
	{ "hosts-entry-wrong-address", "hosts", "jicofo", "100.64.2.3",
	    "100.64.2.333" },
	{ "hosts-entry-wrong-address", "hosts", "jvb", "100.64.2.3 xmpp",
	    "127.0.0.1 xmpp" },
	{ "hosts-entry-wrong-address", "vm.conf", "router",
	    " local interface { up }\n", "" },
	{ "dns-name-not-resolved", "resolv.conf", "jvb", "",
	    "nameserver 100.64.4.256\n" },
	{ "xmpp-hostname-not-resolvable", "resolv.conf", "jicofo", "",
	    "nameserver 192.0.2.53\nlookup bind\n" },
	{ "vm-disk-shared", "vm.conf", "router", "/x.qcow2", "/web.qcow2" },
	{ "vm-not-running", "vm.conf", "router", " memory 4G",
	    " disable\n memory 4G" },
	{ "config-syntax-error", "vm.conf", "router",
	    "\"web\" instance \"jvb\"", "\"wep\" instance \"jvb\"" },
	{ "turn-server-unreachable", "turnserver.conf", NULL, NULL, NULL },
	{ "external-services-not-enabled", "prosody.cfg.lua", "xmpp",
	    "http_ports", "external_services = { { type = \"stun\", host = "
	    "\"t.example\" } }\nhttp_ports" },
	{ "turn-secret-missing", "prosody.cfg.lua", "xmpp", "http_ports",
	    "external_services = { { type = \"turn\", host = "
	    "\"t.example\" } }\nhttp_ports" },
	{ "turn-no-auth-configured", "turnserver.conf", NULL, "",
	    "listening-port=3478\nno-auth\n" },
	{ "turn-relay-ports-exhausted", "turnserver.conf", NULL, "",
	    "static-auth-secret=x\nmin-port=50000\nmax-port=50010\n" },
	{ "turn-listen-address-not-local", "turnserver.conf", "jvb", "",
	    "static-auth-secret=x\nlistening-ip=100.64.2.3\n" },
	{ "nat-public-address-wrong", "sip-communicator.properties", "jvb",
	    "=192.0.2.1", "=\"192.0.2.1\"" },
	{ "config-unquoted-value", "jvb.in.sh", "jvb", "G1GC",
	    "G1GC -verbose" },
	{ "config-syntax-error", "jvb.in.sh", "jvb", "JVB_GC_TYPE=",
	    "JVB_GC_TYPE =" },
	{ "jvm-option-not-supported", "jvb.in.sh", "jvb", "=1G", "=1GB" },
	{ "logging-config-missing", "logging.properties", "jvb", "",
	    ".level=INFO\n" },
	{ "media-redirect-missing", "docker-compose.yml", NULL, "",
	    "services:\n  jvb:\n    image: jitsi/jvb:1\n    ports:\n"
	    "      - '10000:10000'\n" },
	{ "component-versions-differ", "docker-compose.yml", NULL, "",
	    "services:\n  web:\n    image: jitsi/web:1\n  jicofo:\n"
	    "    image: jitsi/jicofo:2\n" },
	{ "public-url-wrong", ".env", NULL, "", "JVB_AUTH_PASSWORD=pw-jvb\n"
	    "JICOFO_AUTH_PASSWORD=pw-focus\nJVB_ADVERTISE_IPS=192.0.2.1\n"
	    "PUBLIC_URL=https://meet.example:8443\n" },
	{ "jvb-wrong-password", ".env", NULL, "", "JVB_AUTH_PASSWORD=newer\n"
	    "JICOFO_AUTH_PASSWORD=pw-focus\nJVB_ADVERTISE_IPS=192.0.2.1\n"
	    },
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* Ids that other tests give rise to, and where. */
static const char *const elsewhere[][2] = {
	{ "bridge-nickname-conflict", "check_pairs" },
	{ "cert-file-missing", "needs this host's own files" },
	{ "cert-file-not-pem", "check_pairs" },
	{ "cert-key-mismatch", "keystore_test.py" },
	{ "certificate-expired", "keystore_test.py" },
	{ "certificate-expired-pinned-java-accepts", "keystore_test.py" },
	{ "certificate-expires-soon", "keystore_test.py" },
	{ "certificate-name-mismatch", "keystore_test.py" },
	{ "certificate-not-yet-valid", "keystore_test.py" },
	{ "component-versions-differ", "versions_test" },
	{ "config-key-too-new", "versions_test" },
	{ "config-not-read", "hostile_test" },
	{ "config-too-large", "hocon_test" },
	{ "hocon-unresolved-substitution", "hocon_test" },
	{ "jicofo-host-option-ignored", "check_pairs" },
	{ "java-home-ignored", "versions_test" },
	{ "jdk-too-old", "versions_test" },
	{ "key-file-missing", "needs this host's own files" },
	{ "logging-config-missing", "needs this host's own files" },
	{ "colibri-websocket-unreachable", "site_test" },
	{ "media-redirect-missing", "site_test" },
	{ "pf-blocks-10000", "site_test" },
	{ "pf-blocks-5222", "site_test" },
	{ "pf-blocks-5280", "site_test" },
	{ "pf-blocks-8080", "site_test" },
	{ "pf-blocks-8888", "site_test" },
	{ "pf-blocks-http", "site_test" },
	{ "pf-blocks-outgoing", "site_test" },
	{ "pf-blocks-web", "site_test" },
	{ "pf-config-not-loaded", "site_test" },
	{ "pf-name-not-known", "site_test" },
	{ "pf-nat-missing", "site_test" },
	{ "pf-out-leg-blocked", "site_test" },
	{ "pf-redirects-elsewhere", "site_test" },
	{ "xmpp-port-open-to-world", "site_test" },
	{ "prosody-too-old", "versions_test" },
	{ "secret-file-readable-by-all", "needs this host's own files" },
	{ "sctp-native-library", "check_pairs" },
	{ "truststore-certificate-stale", "keystore_test.py" },
	{ "truststore-damaged", "keystore_test.py" },
	{ "truststore-empty", "keystore_test.py" },
	{ "truststore-file-missing", "needs this host's own files" },
	{ "truststore-lacks-cert", "keystore_test.py" },
	{ "truststore-needs-newer-java", "keystore_test.py" },
	{ "truststore-of-other-java", "versions_test" },
	{ "component-secret-mismatch", "check_pairs" },
	{ "config-not-included", "files_test" },
	{ "hocon-file-missing", "files_test" },
	{ "turn-cert-missing", "check_pairs" },
	{ "turn-secret-mismatch", "check_pairs" },
};

/* The text with the first `before` replaced. */
static char *
replaced(const char *text, const char *before, const char *after)
{
	const char *at;

	if (before == NULL)
		return (mem_strdup(after));
	at = strstr(text, before);
	if (at == NULL)
		fatal("the test's site has no \"%s\"", before);
	return (mem_printf("%.*s%s%s", (int)(at - text), text, after,
	    at + strlen(before)));
}

static int
same(const char *a, const char *b)
{
	return (a == NULL || b == NULL ? a == b : strcmp(a, b) == 0);
}

static void
add(struct config_set *set, const char *kind, const char *host,
    const char *text)
{
	char *name = mem_printf("%s%s%s", kind, host == NULL ? "" : ".",
	    host == NULL ? "" : host);

	config_add_text(set, kind, host, name, str_from(text), -1);
	free(name);
}

/* The site with a change (NULL: none), linted. */
static struct config_set *
lint(const struct change *c, struct findings *findings)
{
	struct config_set *set = config_set_new();
	struct facts facts;
	char *text;
	size_t i;

	set->in_process = 1;
	for (i = 0; i < PARTS; i++) {
		if (c != NULL && same(c->kind, site[i].kind) &&
		    same(c->host, site[i].host)) {
			text = replaced(site[i].text, c->before, c->after);
			add(set, c->kind, c->host, text);
			free(text);
		} else {
			add(set, site[i].kind, site[i].host, site[i].text);
		}
	}
	if (c != NULL && c->before != NULL && c->before[0] == '\0')
		add(set, c->kind, c->host, c->after);
	config_read(set);
	findings_init(findings);
	facts_init(&facts);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    findings, &facts);
	facts_free(&facts);
	return (set);
}

static const struct finding *
find(const struct findings *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (strcmp(f->list[i].id, id) == 0)
			return (&f->list[i]);
	return (NULL);
}

/* All ids found, for the message of a failed test. */
static char *
ids(const struct findings *f)
{
	struct buf b;
	size_t i;

	buf_init(&b, 4096);
	for (i = 0; i < f->count; i++)
		buf_addf(&b, " %s", f->list[i].id);
	return (buf_take(&b));
}

static void
check_changes(void)
{
	const struct finding *f;
	struct config_set *set;
	struct findings findings;
	char *list;
	size_t i, errors, k;

	for (i = 0; i < CHANGES; i++) {
		if (changes[i].after == NULL)
			continue;
		set = lint(&changes[i], &findings);
		list = ids(&findings);
		f = find(&findings, changes[i].id);
		CHECK(f != NULL, "%s (got%s)", changes[i].id, list);
		for (errors = 0, k = 0; k < findings.count; k++)
			errors += findings.list[k].severity <=
			    SEVERITY_DEGRADED;
		CHECK(errors <= 3, "%s: one change, few errors (got%s)",
		    changes[i].id, list);
		CHECK(f == NULL || f->at.file != NULL, "%s names a file",
		    changes[i].id);
		free(list);
		findings_free(&findings);
		config_set_free(set);
	}
}

static void
check_healthy(void)
{
	struct config_set *set;
	struct findings findings;
	struct site s;
	char *list;

	set = lint(NULL, &findings);
	list = ids(&findings);
	CHECK_INT(findings.count, 0, "nothing is said of the site as it is "
	    "(got%s)", list);
	free(list);
	site_init(&s);
	config_fill_site(set, &s);
	CHECK_STR(s.domain, "meet.example", "site: domain");
	CHECK_STR(s.auth_domain, "auth.meet.example", "site: auth domain");
	CHECK_STR(s.muc, "conference.meet.example", "site: muc");
	CHECK_STR(s.focus, "focus.meet.example", "site: focus");
	CHECK_STR(s.internal_muc, "internal.auth.meet.example", "internal");
	CHECK_STR(s.brewery, "Br@internal.auth.meet.example", "brewery");
	CHECK_STR(s.name, "meet.example", "site: name");
	CHECK_STR(s.host[ROLE_XMPP].address, "100.64.2.3", "site: xmpp");
	CHECK_STR(s.host[ROLE_JVB].address, "100.64.4.3", "site: jvb");
	CHECK_STR(s.jicofo.user, "focus", "site: account of jicofo");
	CHECK_STR(s.jicofo.domain, "auth.meet.example", "its domain");
	CHECK_STR(s.jicofo.password, "pw-focus", "its password");
	CHECK_STR(s.jvb.user, "jvb", "site: account of the bridge");
	CHECK_STR(s.nat_public, "192.0.2.1", "site: public address");
	CHECK_STR(s.bosh_path, "/http-bind", "site: BOSH path");
	CHECK_STR(s.websocket_path, "/xmpp-websocket", "websocket path");
	CHECK_STR(s.truststore, "/etc/ssl/jicofo-key.store", "trust store");
	CHECK_STR(s.web_root, "/var/www/jitsi-meet", "site: web root");
	CHECK_INT(s.http_port, 5280, "site: HTTP port");
	CHECK_INT(s.jvb_rest.port, 8080, "site: the bridge's REST port");
	CHECK_INT(s.jicofo_rest.port, 8888, "site: jicofo's REST port");
	CHECK(s.roles == (ROLES_ALL & ~ROLE_BIT(ROLE_OUTSIDE)),
	    "site: all roles but outside");
	site_free(&s);
	findings_free(&findings);
	config_set_free(set);
}

/* Sets of files of their own. */
static void
check_set(const char *id, const struct part *parts, size_t n)
{
	struct config_set *set = config_set_new();
	struct findings findings;
	char *list;
	size_t i;

	set->in_process = 1;
	for (i = 0; i < n; i++)
		add(set, parts[i].kind, parts[i].host, parts[i].text);
	config_read(set);
	findings_init(&findings);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, NULL);
	list = ids(&findings);
	CHECK(find(&findings, id) != NULL, "%s (got%s)", id, list);
	free(list);
	findings_free(&findings);
	config_set_free(set);
}

#define CAPITALS "videobridge.apis.xmpp-client.configs.a { HOSTNAME = x, " \
    "DOMAIN = \"auth.a.example\", USERNAME = u, PASSWORD = p, " \
    "MUC_JIDS = \"x@internal.a.example\", MUC_NICKNAME = n }\n"
#define CLIENT "videobridge.apis.xmpp-client.configs.a { hostname = x, " \
    "username = u, password = p, muc_jids = \"b@m.example\", " \
    "muc_nickname = same }\n"

static void
check_pairs(void)
{
	static const struct part nicks[] = {
		{ "jvb.conf", "jvb1", CLIENT },
		{ "jvb.conf", "jvb2", CLIENT } };
	static const struct part pem[] = {
		{ "certificate", NULL, "not PEM\n" } };
	static const struct part flags[] = {
		{ "rc.conf.local", NULL,
		    "jicofo_flags=\"--host=a.example\"\n" },
		{ "jicofo.conf", NULL, "jicofo.xmpp.client.domain = a\n" } };
	static const struct part sctp[] = {
		{ "jvb.conf", NULL, CLIENT },
		{ "jicofo.conf", NULL, "jicofo.xmpp.client.domain = a\n" },
		{ "vm.conf", NULL, "vm \"a\" {\n}\n" } };
	static const struct part turn[] = {
		{ "prosody.cfg.lua", NULL, "external_service_secret = "
		    "\"x\"\nVirtualHost \"auth.a\"\n" },
		{ "turnserver.conf", NULL, "static-auth-secret=y\n" } };

	static const struct part old_way[] = {
		{ "jicofo.conf", NULL,
		    "jicofo.bridge.brewery-jid = \"a@internal.x.example\"\n" },
		{ "sip-communicator.properties", NULL,
		    "org.jitsi.videobridge.xmpp.user.shard.MUC_JIDS="
		    "b@internal.x.example\n" } };
	static const struct part capitals[] = {
		{ "jvb.conf", NULL, CAPITALS },
		{ "jicofo.conf", NULL,
		    "jicofo.bridge.brewery-jid = "
		    "\"a@internal.a.example\"\n" } };
	static const struct part secret[] = {
		{ "prosody.cfg.lua", NULL, "VirtualHost \"a.example\"\n"
		    "Component \"focus.a.example\"\n"
		    "component_secret = \"x\"\n" },
		{ ".env", NULL, "JICOFO_COMPONENT_SECRET=y\n" } };
	static const struct part proto[] = {
		{ "prosody.cfg.lua", NULL, "VirtualHost \"a.example\"\n"
		    "modules_enabled = { \"bosh\" }\n" },
		{ "nginx.conf", NULL, "http { server { listen 443 ssl; "
		    "location = /http-bind { proxy_pass http://xmpp:5280; "
		    "proxy_set_header X-Forwarded-Proto https; } } }\n" } };

	static const struct part relays[] = {
		{ "prosody.cfg.lua", NULL, "external_services = { { type = "
		    "\"turns\", host = \"t.example\", port = 5349, secret = "
		    "true } }\nVirtualHost \"a.example\"\n"
		    "modules_enabled = { \"bosh\" }\n" },
		{ "turnserver.conf", NULL, "static-auth-secret=y\n"
		    "tls-listening-port=5350\n" } };

	check_set("turn-server-unreachable", relays, 2);
	check_set("turn-cert-missing", relays, 2);
	check_set("bridge-nickname-conflict", nicks, 2);
	check_set("cert-file-not-pem", pem, 1);
	check_set("jicofo-host-option-ignored", flags, 2);
	check_set("sctp-native-library", sctp, 3);
	check_set("brewery-jid-mismatch", old_way, 2);
	check_set("brewery-jid-mismatch", capitals, 2);
	check_set("turn-secret-mismatch", turn, 2);
	check_set("component-secret-mismatch", secret, 2);
	check_set("trusted-proxies-missing", proto, 2);
}

/* All on one machine, as Debian's packages do it: no error. */
static void
check_one_machine(void)
{
	static const struct part parts[] = {
		{ "prosody.cfg.lua", NULL, "consider_bosh_secure = true\n"
		    "modules_enabled = { \"saslauth\"; \"tls\" }\n"
		    "certificates = \"certs\"\n"
		    "VirtualHost \"a.example\"\n"
		    "authentication = \"jitsi-anonymous\"\n"
		    "modules_enabled = { \"bosh\" }\n"
		    "VirtualHost \"auth.a.example\"\n"
		    "authentication = \"internal_hashed\"\n"
		    "Component \"conference.a.example\" \"muc\"\n"
		    "Component \"focus.a.example\" \"client_proxy\"\n"
		    "target_address = \"focus@auth.a.example\"\n"
		    "Component \"internal.auth.a.example\" \"muc\"\n"
		    "admins = { \"focus@auth.a.example\" }\n" },
		{ "jicofo.conf", NULL, "jicofo { xmpp: { client: {\n"
		    "xmpp-domain: \"a.example\", domain: \"auth.a.example\"\n"
		    "username: \"focus\", password: \"pw\" } }\n"
		    "sctp.enabled = false\n"
		    "bridge.brewery-jid: \"b@internal.auth.a.example\" }" },
		{ "jvb.conf", NULL, "videobridge { sctp.enabled = false\n"
		    "http-servers.public.port = 9090\n"
		    "websockets { enabled = true, domain = \"a.example:443\" "
		    "} }" },
		{ "sip-communicator.properties", NULL,
		    "org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES="
		    "stun.example:443\n"
		    "org.jitsi.videobridge.xmpp.user.shard.HOSTNAME=localhost"
		    "\n" },
		{ "nginx.conf", NULL, "http { upstream prosody { server "
		    "127.0.0.1:5280; }\nmap $arg_vnode $node { default "
		    "prosody; v1 v1; }\nserver { listen 443 ssl; "
		    "server_name a.example; ssl_certificate /c; "
		    "ssl_certificate_key /k;\n"
		    "root /usr/share/jitsi-meet; ssi on;\n"
		    "location = /http-bind { proxy_pass http://$node/"
		    "http-bind?prefix=$prefix; proxy_set_header Host "
		    "$http_host; }\nlocation ~ ^/colibri-ws/default-id/(.*) "
		    "{ proxy_pass http://127.0.0.1:9090/colibri-ws/default-id"
		    "/$1; proxy_http_version 1.1; proxy_set_header Upgrade "
		    "$http_upgrade; proxy_set_header Connection \"upgrade\"; "
		    "}\nlocation ~ ^/([^/?&:'\"]+)$ { try_files $uri @root; } "
		    "location = /config.js { alias /x; }\n"
		    "location = /external_api.js { alias /y; }\n"
		    "location /libs/ { alias /z; } } }\n" },
	};
	struct config_set *set = config_set_new();
	struct findings findings;
	size_t i, errors = 0;
	char *list;

	set->in_process = 1;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		add(set, parts[i].kind, parts[i].host, parts[i].text);
	config_read(set);
	findings_init(&findings);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC },
	    &findings, NULL);
	list = ids(&findings);
	for (i = 0; i < findings.count; i++)
		errors += findings.list[i].severity <= SEVERITY_DEGRADED;
	CHECK_INT(errors, 0, "no error on one machine (got%s)", list);
	free(list);
	findings_free(&findings);
	config_set_free(set);
}

/* Every row of lint.def has a test. */
static void
check_all_rows(void)
{
	size_t i, k;
	int found;

	for (i = 0; i < lint_count; i++) {
		for (found = 0, k = 0; k < CHANGES && !found; k++)
			found = strcmp(changes[k].id, lint_table[i].id) == 0;
		for (k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]) &&
		    !found; k++)
			found = strcmp(elsewhere[k][0], lint_table[i].id) ==
			    0;
		CHECK(found, "%s of lint.def has a test", lint_table[i].id);
		CHECK(i == 0 || strcmp(lint_table[i - 1].id,
		    lint_table[i].id) < 0, "%s stands in order",
		    lint_table[i].id);
	}
	CHECK(lint_known(STR_LIT("brewery-jid-mismatch")), "an id is known");
	CHECK(!lint_known(STR_LIT("brewery")), "half an id is not");
}

int
main(void)
{
	check_healthy();
	check_changes();
	check_pairs();
	check_one_machine();
	check_all_rows();
	return (check_end());
}
