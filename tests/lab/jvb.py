"""The lab's stand-in for jitsi-videobridge.

Logs in to prosody as jvb, joins the brewery with the statistics extension,
answers health checks, serves the REST interface, and owns udp/10000, where
it answers STUN binding requests whose ufrag it handed out (POST
/colibri/v2/conferences) and stays silent to everything else.  After a
valid check it answers DTLS and sends RTP back, packets of the right shape
without any cryptography inside.
"""
import datetime
import json
import os
import threading
import time
import xml.etree.ElementTree as ET

import media
import service
import xmpp

CONF = "/etc/jvb/jvb.conf"
VERSION = "2.3.SNAPSHOT"
OPENMETRICS = "application/openmetrics-text;charset=utf-8;version=1.0.0"
CONN = "[hostname=xmpp id=ourprosody] "
LOGIN = CONN + "MucClient.lambda$getConnectAndLoginCallable$8"
JETTY = "org.glassfish.jersey.internal.inject.Providers.checkProviderRuntime"


class Jvb:
    def __init__(self):
        self.log = service.Log("JVB", "/var/log/jitsi/jvb.log")
        get = lambda key, default="": service.value(CONF, key, default)
        self.host, self.domain = get("hostname"), get("domain")
        self.room = get("muc_jids").lower()
        self.nick = get("muc_nickname")
        self.no_check = get("disable_certificate_verification") == "true"
        trust = None if self.no_check else xmpp.Trust("/run/trust.pem",
                                                      "/run/peer.crt")
        self.make = lambda: xmpp.Session(
            self.host, 5222, self.domain, get("username"), get("password"),
            os.urandom(6).hex(), trust)
        self.session = None
        self.joined = False
        self.losses = 0
        self.started = time.time()
        self.bridge = None

    # REST.

    def health(self):
        why = service.knob("jvb.health")
        if why is not None:
            return 500, "text/html", why
        return 200, None, ""

    def numbers(self):
        media_now = self.bridge.counts() if self.bridge else {}
        now = datetime.datetime.now(datetime.timezone.utc)
        stats = {
            "incoming_loss": 0.0, "outgoing_loss": 0.0, "overall_loss": 0.0,
            "bit_rate_download": 0, "bit_rate_upload": 0,
            "packet_rate_download": 0, "packet_rate_upload": 0,
            "rtt_aggregate": 0.0, "endpoints": 0, "participants": 0,
            "local_endpoints": 0, "conferences": 0, "largest_conference": 0,
            "inactive_conferences": 0, "octo_conferences": 0,
            "total_conferences_created": 0, "total_participants": 0,
            "endpoints_ice_failed": 0, "dtls_failed_endpoints": 0,
            "total_ice_failed": 0, "total_ice_succeeded": 0,
            "total_packets_received": 0, "total_packets_sent": 0,
            "stress_level": 0.01, "threads": threading.active_count(),
            "graceful_shutdown": False, "shutting_down": False,
            "drain": False, "muc_clients_configured": 1,
            "muc_clients_connected": int(self.connected()),
            "mucs_configured": 1, "mucs_joined": int(self.joined),
            "healthy": service.knob("jvb.health") is None,
            "current_timestamp": now.strftime("%Y-%m-%d %H:%M:%S.000"),
            "version": VERSION}
        stats.update(media_now)
        return stats

    def connected(self):
        return bool(self.session and self.session.jid)

    def metrics(self):
        stats = self.numbers()
        return service.openmetrics("jitsi_jvb_", {
            "healthy": ("gauge", "Whether the bridge is healthy",
                        stats["healthy"]),
            "muc_clients_configured": (
                "gauge", "Number of MUC clients configured", 1),
            "muc_clients_connected": (
                "gauge", "Number of MUC clients connected",
                stats["muc_clients_connected"]),
            "mucs_joined": ("gauge", "Number of MUCs joined",
                            stats["mucs_joined"]),
            "xmpp_disconnects": ("counter", "XMPP disconnects", self.losses),
            "startup_time": ("gauge", "Start, milliseconds",
                             int(self.started * 1000)),
            "local_endpoints": ("gauge", "Current local endpoints",
                                stats["local_endpoints"]),
            "ice_succeeded": ("counter", "ICE sessions that succeeded",
                              stats["total_ice_succeeded"]),
            "ice_failed": ("counter", "ICE sessions that failed", 0),
        }, OPENMETRICS)

    def allocate(self, body):
        """Hands out an ufrag, as the bridge's REST interface does."""
        try:
            name = json.loads(body or b"{}").get("name", "lab")
        except ValueError:
            return 400, "text/plain", "not JSON"
        if not self.bridge:
            return 500, "text/plain", "no single-port harvester"
        ufrag, password = self.bridge.allocate()
        context = (f"[confId={ufrag[:8]} conf_name={name}@conference."
                   f"{self.domain.removeprefix('auth.')} epId={ufrag[:8]}] ")
        self.log.info(39, context + "Endpoint.<init>#432: Created new "
                      "endpoint, iceControlling=true")
        self.bridge.context[ufrag] = context
        return service.as_json({
            "ufrag": ufrag, "pwd": password,
            "candidates": [{"ip": "203.0.113.1", "port": 10000,
                            "protocol": "udp", "type": "srflx"}]})

    def rest(self):
        service.Rest(8080, {
            "/about/health": self.health,
            "/about/version": lambda: service.as_json(
                {"name": "JVB", "version": VERSION, "os": "Linux"}),
            "/colibri/stats": lambda: service.as_json(self.numbers()),
            "/metrics": self.metrics,
            "/colibri/drain": lambda: service.as_json({"drain": False}),
            "/colibri/muc-client/list": lambda: service.as_json(
                ["ourprosody"]),
            "/debug": lambda: service.as_json(
                {"shutdown_state": "RUNNING", "drain": False}),
        }, {"/colibri/v2/conferences": self.allocate})

    # XMPP.

    def presence(self):
        stats = "".join(
            f"<stat name='{key}' value='{str(val).lower()}'/>"
            for key, val in self.numbers().items()
            if key != "current_timestamp" and key != "version")
        return (f"<presence to='{self.room}/{self.nick}'>"
                "<x xmlns='http://jabber.org/protocol/muc'/>"
                "<stats xmlns='http://jitsi.org/protocol/colibri'>"
                f"{stats}<stat name='version' value='{VERSION}'/></stats>"
                "</presence>")

    def request(self, stanza):
        body = stanza[0] if len(stanza) else None
        tag = body.tag if body is not None else ""
        why = service.knob("jvb.health")
        if tag.endswith("}healthcheck") and why is not None:
            self.session.reply(
                stanza, "<error type='cancel'><internal-server-error xmlns="
                "'urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:"
                f"ietf:params:xml:ns:xmpp-stanzas'>{why}</text></error>",
                "error")
        elif tag.endswith("}healthcheck") or tag == "{urn:xmpp:ping}ping":
            self.session.reply(stanza)
        else:
            self.session.reply(
                stanza, "<error type='cancel'><feature-not-implemented xmlns="
                "'urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "error")

    def live(self):
        self.session = session = self.make()
        session.connect(lambda: self.log.info(
            20, CONN + "MucClient$2.connected#338: Connected. isSmEnabled:"
            "false isSmAvailable:false isSmResumptionPossible:false"))
        self.log.info(20, LOGIN + "#703: Logging in.")
        self.log.info(20, CONN + "MucClient$2.authenticated#351: "
                      "Authenticated, resumed=false")
        session.send(self.presence())
        while True:
            stanza = session.next()
            if session.take_answer(stanza):
                continue
            if stanza.tag == xmpp.CLIENT + "presence" and not self.joined \
                    and stanza.get("from") == f"{self.room}/{self.nick}":
                self.join_answer(stanza)
            elif stanza.tag == xmpp.CLIENT + "iq":
                self.request(stanza)

    def join_answer(self, stanza):
        if stanza.get("type") == "error":
            error = ET.tostring(stanza.find(xmpp.CLIENT + "error"), "unicode")
            self.log.warning(20, CONN + "MucClient$2.authenticated#361: "
                             "Failed to join the MUCs.", service.trace(
                                 "org.jivesoftware.smack.XMPPException"
                                 f"$XMPPErrorException: {error}", []))
            return
        self.joined = True
        self.log.info(20, CONN + "MucClient$MucWrapper.join#826: Joined MUC: "
                      + self.room)

    def failed(self, failure):
        was_in, self.joined = self.joined, False
        if was_in:
            self.losses += 1
            self.log.warning(
                44, CONN + "MucClient$2.connectionClosedOnError#392: Closed "
                "on error:", service.trace(
                    "org.jivesoftware.smack.xml.XmlPullParserException: "
                    "javax.xml.stream.XMLStreamException: ParseError at "
                    "[row,col]:[1,18831]", []))
            self.log.info(45, CONN + "MucClient$1.reconnectingIn#224: "
                          "Reconnecting in 0")
            return
        step = "#703: Error logging in:" if failure.kind == "sasl" else \
            "#697: Error connecting:"
        self.log.warning(20, LOGIN + step, service.trace(
            CLASSES.get(failure.kind, "org.jivesoftware.smack."
                        "SmackException") + ": " + failure.text,
            failure.below))

    def boot(self):
        log = self.log
        log.info(1, "JitsiConfig.<clinit>#47: Initialized newConfig: merge "
                 f"of {CONF}: 1,application.conf,system properties")
        log.info(1, "ReadOnlyConfigurationService.reloadConfiguration#51: "
                 "loading config file at path "
                 "/etc/jvb/sip-communicator.properties")
        log.info(1, "MainKt.main#82: Starting jitsi-videobridge version "
                 + VERSION)
        log.info(16, "org.ice4j.ice.harvest.MappingCandidateHarvesters."
                 "initialize: Adding a static mapping: StaticMapping("
                 "localAddress=100.64.4.3, publicAddress=203.0.113.1, "
                 "localPort=null, publicPort=null, name=null)")
        log.info(16, "org.ice4j.ice.harvest.MappingCandidateHarvesters."
                 "initialize: Initialized mapping harvesters (delay=44ms).  "
                 "stunDiscoveryFailed=false")
        self.harvest()
        log.info(20, CONN + "MucClient.initializeConnectAndJoin#300: "
                 "Initializing a new MucClient for [ org.jitsi.xmpp."
                 "mucclient.MucClientConfiguration id=ourprosody domain="
                 f"{self.domain} hostname={self.host} port=null username="
                 f"jvb mucs=[{service.value(CONF, 'muc_jids')}] mucNickname="
                 f"{self.nick} disableCertificateVerification="
                 f"{str(self.no_check).lower()}]")
        log.info(1, "HealthChecker.start#122: Started with interval=60000, "
                 "timeout=PT1M30S, maxDuration=PT3S, stickyFailures=false.")
        if self.no_check:
            log.warning(20, "MucClient.createXMPPTCPConnectionConfiguration"
                        "#119: Disabling certificate verification!")
        log.info(1, "MucPublisher.start#36: Starting with interval PT2M.")
        log.info(1, "MainKt.main#147: Starting private http server")
        log.warning(21, CONN + "MucClient.setPresenceExtensions#519: Cannot "
                    "set presence extension: not connected.")
        log.info(20, CONN + "MucClient.initializeConnectAndJoin#401: "
                 "Dispatching a thread to connect and login.")
        self.rest()
        log.info(1, "org.eclipse.jetty.server.AbstractConnector.doStart: "
                 "Started ServerConnector@61e86192{HTTP/1.1, (http/1.1)}"
                 "{127.0.0.1:8080}")

    def harvest(self):
        address = "100.64.4.3"
        try:
            self.bridge = media.Bridge(address, 10000, self.log)
        except OSError:
            self.log.info(1, "org.ice4j.ice.harvest.SinglePortUdpHarvester."
                          "createHarvesters: Failed to create "
                          "SinglePortUdpHarvester for address "
                          f"{address}:10000/udp: java.net.BindException: "
                          "Address already in use")
            self.log.warning(1, "Harvesters.INSTANCE_delegate$lambda$0#43: "
                             "No single-port harvesters created.")
            return
        self.log.info(1, "org.ice4j.ice.harvest.SinglePortUdpHarvester."
                      "<init>: Initialized SinglePortUdpHarvester with "
                      f"address {address}:10000/udp")

    def stop(self):
        self.log.info(39, "MainKt.main$lambda$7$0#174: Caught signal "
                      "SIGTERM, shutting down.")
        self.log.info(1, "MainKt.main#187: Bridge shutting down")
        if self.session:
            self.session.close()
        self.log.info(1, CONN + "MucClient$2.connectionClosed#370: Closed.")

    def run(self):
        self.boot()
        service.on_term(self.stop)
        while True:
            try:
                self.live()
            except xmpp.Failure as failure:
                self.failed(failure)
                wait = 0.1 if failure.kind == "sasl" else 5
                if self.losses:         # Smack's reconnection, not ours
                    wait = min(wait, 1)
            except (OSError, ET.ParseError) as error:
                self.failed(xmpp.Failure("closed", str(error)))
                wait = 1
            if self.session.jid:
                wait = 1
            self.session.close(False)
            self.session.jid = None
            time.sleep(wait)


CLASSES = {
    "refused": "org.jivesoftware.smack.SmackException"
               "$EndpointConnectionException",
    "timeout": "org.jivesoftware.smack.SmackException"
               "$EndpointConnectionException",
    "dns": "org.jivesoftware.smack.SmackException"
           "$EndpointConnectionException",
    "tls": "org.jivesoftware.smack.SmackException$SmackWrappedException",
    "sasl": "org.jivesoftware.smack.sasl.SASLErrorException",
}

if __name__ == "__main__":
    service.look_like_java()
    Jvb().run()
