"""The lab's stand-in for jicofo.

Logs in to prosody as focus, opens the brewery, keeps the list of bridges,
asks each for its health every ten seconds, answers conference requests with
what it knows, serves the REST interface, and says in its log what jicofo
says there.  It holds no conference: that is what the real one is for.
"""
import threading
import time
import xml.etree.ElementTree as ET

import service
import xmpp

CONF = "/etc/jicofo/jicofo.conf"
VERSION = "1.1.SNAPSHOT"
STATS = "{http://jitsi.org/protocol/colibri}stats"
CONN = "[xmpp_connection=client] "
DOCTOR = "JvbDoctor$HealthCheckTask.doHealthCheck"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


class Jicofo:
    def __init__(self):
        self.log = service.Log("Jicofo", "/var/log/jitsi/jicofo.log")
        get = lambda key, default="": service.value(CONF, key, default)
        self.site = get("xmpp-domain")
        self.brewery = get("brewery-jid").lower()
        self.domain = get("domain")
        self.health_on = service.knob("jicofo.health-on") is not None
        off = get("disable-certificate-verification") == "true"
        trust = None if off else xmpp.Trust("/run/trust.pem",
                                            "/run/peer.crt")
        self.session = None
        self.make = lambda: xmpp.Session(
            get("hostname"), 5222,
            self.domain, get("username"), get("password"), "focus", trust)
        self.bridges = {}
        self.lost = 0
        self.conferences = 0
        self.requests = 0

    def context(self):
        return f"[type=bridge brewery={self.brewery.split('@')[0]}] "

    def bridge_text(self, jid):
        version = self.bridges.get(jid, {}).get("version", "2.3.SNAPSHOT")
        return (f"Bridge[jid={jid}, version={version}, relayId=null, "
                "region=null, correctedStress=0.00]")

    # REST.

    def health(self):
        if not self.health_on:
            return 404, None, ""
        good = [b for b in self.bridges.values() if b["healthy"]]
        if good:
            return 200, "text/plain", "OK"
        return (500, "text/plain", "No operational bridges available (total "
                f"bridge count: {len(self.bridges)})")

    def counts(self):
        good = [b for b in self.bridges.values() if b["healthy"]]
        return {"bridge_count": len(self.bridges),
                "operational_bridge_count": len(good),
                "in_shutdown_bridge_count": 0, "lost_bridges": self.lost,
                "bridge_version_count": len({b["version"] for b in
                                             self.bridges.values()})}

    def stats(self):
        return service.as_json({
            "total_participants": 0,
            "total_conferences_created": self.conferences,
            "conferences": 0, "conferences_with_visitors": 0,
            "bridge_failures": {"participants_moved": 0,
                                "bridges_removed": 0},
            "participant_notifications": {"ice_failed": 0,
                                          "request_restart": 0},
            "largest_conference": 0, "participants": 0, "visitors": 0,
            "endpoint_pairs": 0, "bridge_selector": self.counts(),
            "jibri_detector": {"count": 0, "available": 0},
            "sip_jibri_detector": {"count": 0, "available": 0},
            "threads": threading.active_count(), "version": VERSION})

    def metrics(self):
        counts = self.counts()
        return service.openmetrics("jitsi_jicofo_", {
            "bridge_selector_bridge_count": (
                "gauge", "The current number of bridges",
                counts["bridge_count"]),
            "bridge_selector_bridge_count_operational": (
                "gauge", "The current number of operational bridges",
                counts["operational_bridge_count"]),
            "bridge_selector_lost_bridges": (
                "counter", "Bridges which disconnected unexpectedly",
                self.lost),
            "conference_requests": (
                "counter", "Conference requests received", self.requests),
            "participants_restart_requested": (
                "counter", "Restart requests received", 0),
        }, OPENMETRICS)

    def debug(self):
        return service.as_json({
            "focus_manager": {}, "bridge_selector": {
                "strategy": "SingleBridgeSelectionStrategy",
                "bridge": {jid: {"healthy": b["healthy"],
                                 "operational": b["healthy"],
                                 "drain": False, "version": b["version"]}
                           for jid, b in self.bridges.items()}}})

    # XMPP.

    def presence(self, stanza):
        sender = stanza.get("from", "")
        if sender.split("/")[0] != self.brewery or "/" not in sender or \
                sender.endswith("/focus"):
            return
        if stanza.get("type") == "unavailable":
            self.removed(sender)
            return
        stats = stanza.find(STATS)
        if stats is None:
            return
        values = {s.get("name"): s.get("value") for s in stats}
        if sender in self.bridges:
            self.bridges[sender]["version"] = values.get("version", "")
            return
        self.log.info(31, self.context() + "BaseBrewery.addInstance#379: "
                      f"Added brewery instance: {sender}")
        self.bridges[sender] = {"healthy": True, "failed": 0,
                                "version": values.get("version", "")}
        text = self.bridge_text(sender)
        self.log.info(31, "BridgeSelector.addJvbAddress#99: Added new "
                      f"videobridge: {text}")
        self.log.info(34, "JvbDoctor.bridgeAdded#133: Scheduled health-check "
                      f"task for: {text}")
        threading.Thread(target=self.doctor, args=(sender, self.session),
                         daemon=True).start()

    def removed(self, jid):
        if jid not in self.bridges:
            return
        text = self.bridge_text(jid)
        self.log.info(30, self.context() + "BaseBrewery.removeInstance#391: "
                      f"Removed brewery instance: {jid}")
        self.log.info(30, "BridgeSelector.removeJvbAddress#112: Removing "
                      f"JVB: {jid}")
        self.log.warning(30, "BridgeSelector.removeJvbAddress#115: Lost a "
                         f"bridge: {jid}")
        self.log.info(33, "JvbDoctor.bridgeRemoved#110: Stopping "
                      f"health-check task for: {text}")
        self.bridges.pop(jid, None)
        self.lost += 1

    def doctor(self, jid, session):
        body = "<healthcheck xmlns='http://jitsi.org/protocol/healthcheck'/>"
        while session is self.session and jid in self.bridges:
            time.sleep(10)
            bridge = self.bridges.get(jid)
            if session is not self.session or bridge is None:
                return
            answer = session.iq("get", jid, body)
            if answer is None and bridge["failed"] == 0:
                bridge["failed"] = 1
                self.log.warning(
                    28, f"{DOCTOR}#225: {self.bridge_text(jid)} health-check "
                    "timed out, but will give it another try after: 5000")
                time.sleep(5)
                answer = session.iq("get", jid, body)
            if answer is None:
                bridge["healthy"] = False
                self.log.warning(28, f"{DOCTOR}#250: Health check timed out "
                                 f"for: {self.bridge_text(jid)}")
            elif answer.get("type") == "error":
                bridge["healthy"] = False
                error = ET.tostring(answer.find(xmpp.CLIENT + "error"),
                                    "unicode")
                self.log.warning(28, f"{DOCTOR}#276: Health check failed "
                                 f"for: {self.bridge_text(jid)}: {error}")
            else:
                bridge["healthy"], bridge["failed"] = True, 0

    def request(self, stanza):
        """A question to focus: a conference request, disco, or nonsense."""
        body = stanza[0] if len(stanza) else None
        if body is not None and body.tag.endswith("}conference"):
            room = body.get("room", "")
            self.requests += 1
            self.log.info(31, "ConferenceIqHandler.doHandleConferenceIq#126: "
                          f"Conference request for room {room}, from "
                          f"{stanza.get('from')}, token=false")
            self.session.reply(
                stanza, "<conference xmlns='http://jitsi.org/protocol/focus' "
                f"room='{room}' ready='true' focusjid='"
                f"{self.session.jid.split('/')[0]}'/>")
        elif body is not None and body.tag.endswith("disco#info}query"):
            self.session.reply(
                stanza, "<query xmlns='http://jabber.org/protocol/disco#info'"
                "><identity category='component' type='conference' name="
                "'Jitsi Meet Focus'/><feature var='http://jitsi.org/protocol/"
                "focus'/></query>")
        elif body is not None and body.tag == "{urn:xmpp:ping}ping":
            self.session.reply(stanza)
        else:
            self.session.reply(
                stanza, "<error type='cancel'><feature-not-implemented xmlns="
                "'urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "error")

    def join_brewery(self):
        """In its own thread: the reading one takes the answers."""
        session = self.session
        session.send(f"<presence to='{self.brewery}/focus'>"
                     "<x xmlns='http://jabber.org/protocol/muc'/></presence>")
        form = session.iq(
            "set", self.brewery,
            "<query xmlns='http://jabber.org/protocol/muc#owner'>"
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
            "<value>http://jabber.org/protocol/muc#roomconfig</value></field>"
            "<field var='muc#roomconfig_whois'><value>anyone</value></field>"
            "</x></query>")
        if form is not None and form.get("type") == "result":
            self.log.info(27, self.context()
                          + "BaseBrewery.start#199: Joined the room.")
            return
        why = "NoResponse"
        if form is not None:
            why = ET.tostring(form.find(xmpp.CLIENT + "error"), "unicode")
        self.log.severe(27, self.context() + "BaseBrewery.start#203: Failed "
                        "to create room.", service.trace(
                            "org.jivesoftware.smack.XMPPException$XMPPError"
                            f"Exception: {why}", []))

    def live(self):
        """One connection, from login to its end."""
        self.session = session = self.make()
        session.connect(lambda: self.log.info(
            17, CONN + "XmppProvider.doConnect#206: Connected, JID=null"))
        self.log.info(17, CONN + "XmppProvider.fireRegistrationStateChanged"
                      "#256: Set replyTimeout=PT15S")
        self.log.info(17, CONN + "XmppProvider$connectionListener$1."
                      "authenticated#130: Registered (resumed=false). "
                      "isSmEnabled:true isSmAvailable:true "
                      "isSmResumptionPossible:true")
        self.log.info(17, CONN + "XmppProvider$connectionListener$1."
                      "authenticated#141: Will discover components for "
                      + self.site)
        self.log.info(17, CONN + "XmppProvider.scheduleConnectTask$lambda$3"
                      "$lambda$2#115: Connected.")
        session.send("<presence/>")
        threading.Thread(target=self.join_brewery, daemon=True).start()
        while True:
            stanza = session.next()
            if session.take_answer(stanza):
                continue
            if stanza.tag == xmpp.CLIENT + "presence":
                self.presence(stanza)
            elif stanza.tag == xmpp.CLIENT + "iq":
                self.request(stanza)

    def boot(self):
        self.log.info(1, "Main.main#49: Starting Jicofo.")
        self.log.info(1, "JitsiConfig.<clinit>#47: Initialized newConfig: "
                      f"merge of {CONF}: 1,system properties,reference.conf")
        self.log.info(1, "JicofoServices.createAuthenticationAuthority#204: "
                      "Authentication service disabled.")
        self.log.info(1, "XmppServices.<init>#48: No dedicated Service XMPP "
                      "connection configured, re-using the client XMPP "
                      "connection.")
        self.log.info(1, "BridgeSelector.<init>#56: Using org.jitsi.jicofo."
                      "bridge.SingleBridgeSelectionStrategy")
        self.log.info(1, self.context() + "BaseBrewery.<init>#107: "
                      f"Initialized with JID={self.brewery}")
        self.log.info(1, "JicofoServices.<init>#112: No Jibri detector "
                      "configured.")
        self.log.info(1, "Application.start#86: Starting ktor on port 8888, "
                      "host 127.0.0.1")
        service.Rest(8888, {
            "/about/health": self.health,
            "/about/version": lambda: service.as_json(
                {"name": "JiCoFo", "version": VERSION, "os": "Linux"}),
            "/stats": self.stats, "/metrics": self.metrics,
            "/debug": self.debug})
        self.log.info(25, "io.ktor.server.engine.EmbeddedServer$start$3."
                      "invokeSuspend: Responding at http://127.0.0.1:8888")

    def failed(self, failure):
        if self.session.jid:
            self.log.severe(
                35, CONN + "XmppProvider$connectionListener$1."
                "connectionClosedOnError#155: XMPP connection closed on "
                "error: javax.xml.stream.XMLStreamException: ParseError at "
                "[row,col]:[1,28255]", [
                    "Message: XML document structures must start and end "
                    "within the same entity."])
            for jid in list(self.bridges):
                self.removed(jid)
            self.log.info(36, CONN + "XmppProvider$reconnectionListener$1."
                          "reconnectingIn#90: XMPP reconnecting in: 1 "
                          "seconds.")
            return
        self.log.severe(
            17, CONN + "XmppProvider.doConnect#219: Failed to connect/login: "
            + failure.text, service.trace(
                CLASSES.get(failure.kind, "org.jivesoftware.smack."
                            "SmackException") + ": " + failure.text,
                failure.below,
                "org.jitsi.jicofo.xmpp.XmppProvider.doConnect("
                "XmppProvider.kt:205)"))
        self.log.warning(17, CONN + "XmppProvider.scheduleConnectTask"
                         "$lambda$3$lambda$2#113: Failed to connect, will "
                         "re-try after 1 second")

    def stop(self):
        self.log.info(39, "Main.lambda$main$3#139: Caught signal SIGTERM, "
                      "shutting down.")
        if self.session:
            self.session.close()
        self.log.info(1, "Main.main#128: Jicofo has been stopped, exiting "
                      "with exit code 143")

    def run(self):
        self.boot()
        service.on_term(self.stop)
        while True:
            try:
                self.live()
            except xmpp.Failure as failure:
                self.failed(failure)
                self.session.close(False)
            except (OSError, ET.ParseError) as error:
                self.failed(xmpp.Failure("closed", str(error)))
                self.session.close(False)
            time.sleep(1)


CLASSES = {
    "refused": "org.jivesoftware.smack.SmackException"
               "$EndpointConnectionException",
    "timeout": "org.jivesoftware.smack.SmackException"
               "$EndpointConnectionException",
    "dns": "org.jivesoftware.smack.SmackException"
           "$EndpointConnectionException",
    "tls": "org.jivesoftware.smack.SmackException$SmackWrappedException",
    "name": "org.jivesoftware.smack.SmackException$SmackWrappedException",
    "sasl": "org.jivesoftware.smack.sasl.SASLErrorException",
}

if __name__ == "__main__":
    service.look_like_java()
    Jicofo().run()
