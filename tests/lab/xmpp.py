"""A small XMPP client for the stand-ins: what Smack does on the wire.

TCP, STARTTLS, SASL SCRAM-SHA-1, bind, stream management acknowledgements,
stanzas as ElementTree elements.  A failure is one exception, Failure, whose
text is the one Java would print, so that the stand-ins' logs read alike.
"""
import base64
import datetime
import hashlib
import hmac
import os
import queue
import socket
import ssl
import subprocess
import threading
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

CLIENT = "{jabber:client}"
STREAM = "{http://etherx.jabber.org/streams}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
SM = "{urn:xmpp:sm:3}"
MUC_USER = "{http://jabber.org/protocol/muc#user}"

# OpenSSL's flags (x509_vfy.h) that the ssl module does not name.
NO_CHECK_TIME = 0x200000
PARTIAL_CHAIN = 0x80000
EXPLICIT_POLICY = 0x100


class Failure(Exception):
    """kind: dns refused timeout tls name sasl closed; text as Java's;
    below: the "Caused by" lines."""

    def __init__(self, kind, text, below=()):
        super().__init__(text)
        self.kind, self.text, self.below = kind, text, list(below)


class Trust:
    """The store of a Java program.  store: PEM of what it trusts; peer: the
    certificate that prosody shows now (the lab knows it); None: verification
    is off."""

    def __init__(self, store=None, peer=None):
        self.store, self.peer = store, peer

    def verdict(self):
        """Why Java would refuse the peer: (text, causes), or None."""
        if not self.store or not os.path.exists(self.peer):
            return None
        with open(self.peer, encoding="ascii") as file:
            peer = file.read()
        with open(self.store, encoding="ascii") as file:
            known = file.read()
        body = peer[peer.index("-----BEGIN"):].strip()
        if body in known:
            return None         # Java: a trusted certificate has no date
        done = subprocess.run(
            ["openssl", "verify", "-CAfile", self.store, self.peer],
            capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return None
        if "has expired" in done.stderr:
            end = subprocess.run(
                ["openssl", "x509", "-noout", "-enddate", "-in", self.peer],
                capture_output=True, text=True, check=True).stdout
            when = datetime.datetime.strptime(
                end.strip().split("=", 1)[1], "%b %d %H:%M:%S %Y GMT")
            text = ("PKIX path validation failed: java.security.cert."
                    "CertPathValidatorException: validity check failed")
            return text, [
                "java.security.cert.CertPathValidatorException: "
                "validity check failed",
                "java.security.cert.CertificateExpiredException: NotAfter: "
                + when.strftime("%a %b %d %H:%M:%S UTC %Y")]
        text = ("PKIX path validation failed: java.security.cert."
                "CertPathValidatorException: Path does not chain with any "
                "of the trust anchors")
        return text, [text.split(": ", 1)[1]]


class Session:
    """One connection.  connect(), then stanzas from next(); send() from any
    thread; iq() waits for its answer."""

    def __init__(self, host, port, domain, user, password, resource, trust):
        self.host, self.port, self.domain = host, port, domain
        self.user, self.password = user, password
        self.resource, self.trust = resource, trust
        self.jid = None
        self.sock = None
        self.parser = None
        self.events = None
        self.depth = 0
        self.handled = 0
        self.lock = threading.Lock()
        self.waiting = {}
        self.number = 0
        self.mark = os.urandom(4).hex()

    # The connection.

    def endpoint(self, why):
        address = ""
        try:
            address = socket.gethostbyname(self.host)
        except OSError:
            pass
        return ("The following addresses failed: 'RFC 6120 A/AAAA Endpoint + "
                f"[{self.host}:{self.port}] ({self.host}/{address}:"
                f"{self.port})' failed because: {why}")

    def open_tcp(self):
        try:
            socket.getaddrinfo(self.host, self.port, socket.AF_INET)
        except OSError as error:
            raise Failure(
                "dns", "Could not lookup the following endpoints: "
                "RemoteConnectionEndpointLookupFailure(description='DNS "
                f"lookup exception for {self.host}' exception='java.net."
                f"UnknownHostException: {self.host}: Name or service not "
                "known')") from error
        try:
            self.sock = socket.create_connection((self.host, self.port), 30)
        except ConnectionRefusedError as error:
            raise Failure("refused", self.endpoint(
                "java.net.ConnectException: Connection refused")) from error
        except (TimeoutError, OSError) as error:
            raise Failure("timeout", self.endpoint(
                "java.net.SocketTimeoutException: Connect timed out")
                ) from error
        self.sock.settimeout(15)

    def open_stream(self):
        self.parser = ET.XMLPullParser(["start", "end"])
        self.events = iter(())
        self.depth = 0
        self.write("<?xml version='1.0'?><stream:stream "
                   f"to={quoteattr(self.domain)} "
                   f"from={quoteattr(self.user + '@' + self.domain)} "
                   "xmlns='jabber:client' xmlns:stream="
                   "'http://etherx.jabber.org/streams' version='1.0'>")
        return self.expect(STREAM + "features")

    def start_tls(self):
        self.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.expect(TLS + "proceed")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        why = self.trust.verdict() if self.trust else None
        if why:
            # Ends the handshake with the alert that Java sends here,
            # certificate_unknown; OpenSSL's own would be another.
            context.load_verify_locations(self.trust.peer)
            context.verify_flags = ssl.VerifyFlags(
                EXPLICIT_POLICY | PARTIAL_CHAIN | NO_CHECK_TIME)
        else:
            context.verify_mode = ssl.CERT_NONE
        try:
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self.domain)
        except (ssl.SSLError, OSError) as error:
            if why:
                text = "javax.net.ssl.SSLHandshakeException: " + why[0]
                raise Failure("tls", text, why[1]) from error
            raise Failure("tls", "javax.net.ssl.SSLHandshakeException: "
                          "Received fatal alert: handshake_failure"
                          ) from error
        self.check_name()

    def check_name(self):
        """Smack's own check: the certificate names the domain."""
        if not self.trust:
            return
        der = self.sock.getpeercert(True)
        text = subprocess.run(
            ["openssl", "x509", "-inform", "DER", "-noout", "-checkhost",
             self.domain], input=der, capture_output=True,
            check=False).stdout
        if b"NOT match" in text:
            raise Failure("name", "java.security.cert.CertificateException: "
                          "Hostname verification of certificate failed. "
                          "Certificate does not authenticate "
                          + self.domain)

    def login(self):
        features = self.open_stream()
        names = [m.text for m in features.iter(SASL + "mechanism")]
        if "SCRAM-SHA-1" not in names:
            raise Failure("sasl", "None of the mutually supported "
                          f"mechanisms {names} is usable")
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n={self.user},r={nonce}"
        self.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
                   "mechanism='SCRAM-SHA-1'>"
                   + base64.b64encode(b"n,," + first.encode()).decode()
                   + "</auth>")
        reply = self.sasl_answer()
        server = base64.b64decode(reply.text).decode()
        part = dict(p.split("=", 1) for p in server.split(","))
        salted = hashlib.pbkdf2_hmac(
            "sha1", self.password.encode(), base64.b64decode(part["s"]),
            int(part["i"]))
        key = hmac.digest(salted, b"Client Key", "sha1")
        last = "c=biws,r=" + part["r"]
        signed = hmac.digest(hashlib.sha1(key).digest(), ",".join(
            (first, server, last)).encode(), "sha1")
        proof = bytes(a ^ b for a, b in zip(key, signed))
        last += ",p=" + base64.b64encode(proof).decode()
        self.write("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                   + base64.b64encode(last.encode()).decode()
                   + "</response>")
        self.sasl_answer()

    def sasl_answer(self):
        reply = self.next()
        if reply.tag == SASL + "failure":
            why = reply[0].tag.split("}")[1] if len(reply) else "unknown"
            raise Failure("sasl", f"SASLError using SCRAM-SHA-1: {why}")
        return reply

    def connect(self, connected=None):
        """Up to the bound resource; connected() is called after TLS."""
        self.open_tcp()
        try:
            self.open_stream()
            self.start_tls()
            if connected:
                connected()
            self.login()
            self.open_stream()
            self.write("<iq type='set' id='bind'><bind "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                       f"<resource>{self.resource}</resource></bind></iq>")
            bound = self.expect(CLIENT + "iq")
            self.jid = bound.find(f"{BIND}bind/{BIND}jid").text
            self.write("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
            self.expect(SM + "enabled")
            self.handled = 0
        except (OSError, ssl.SSLError) as error:
            raise Failure("closed", f"java.io.IOException: {error}"
                          ) from error
        self.sock.settimeout(None)

    # The stream.

    def write(self, text):
        with self.lock:
            self.sock.sendall(text.encode())

    send = write

    def next(self):
        """The next stanza, or Failure closed."""
        while True:
            for event, element in self.events:
                if event == "start":
                    self.depth += 1
                    continue
                self.depth -= 1
                if self.depth == 1:
                    return self.counted(element)
                if self.depth == 0:
                    raise Failure("closed", "stream ended")
            try:
                data = self.sock.recv(65536)
            except TimeoutError as error:
                raise Failure("closed", "org.jivesoftware.smack."
                              "SmackException$NoResponseException: No "
                              "response received within reply timeout. "
                              "Timeout was 15000ms (~15s)") from error
            except (OSError, ssl.SSLError) as error:
                raise Failure("closed", str(error)) from error
            if not data:
                raise Failure("closed", "end of the stream")
            self.parser.feed(data)
            self.events = self.parser.read_events()

    def counted(self, stanza):
        if stanza.tag.startswith(CLIENT):
            self.handled += 1
        elif stanza.tag == SM + "r":
            self.write(f"<a xmlns='urn:xmpp:sm:3' h='{self.handled}'/>")
            return self.next()
        elif stanza.tag == STREAM + "error":
            raise Failure("closed", "stream error "
                          + ET.tostring(stanza, "unicode")[:200])
        return stanza

    def expect(self, tag):
        stanza = self.next()
        if stanza.tag != tag:
            raise Failure("closed", "stream-error: "
                          + ET.tostring(stanza, "unicode")[:200])
        return stanza

    # Questions.

    def ask(self, kind, to, body):
        """Sends an IQ, returns the queue its answer will come to."""
        with self.lock:
            self.number += 1
            number = f"{self.mark}-{self.number}"
        answers = self.waiting[number] = queue.Queue()
        self.write(f"<iq type='{kind}' id='{number}' to={quoteattr(to)}>"
                   f"{body}</iq>")
        return answers

    def iq(self, kind, to, body, seconds=15):
        """The answer, or None after the time; not from the reading thread."""
        try:
            return self.ask(kind, to, body).get(timeout=seconds)
        except (queue.Empty, OSError):
            return None

    def take_answer(self, stanza):
        """True when the stanza answers a question of ours."""
        if stanza.tag != CLIENT + "iq" or \
                stanza.get("type") not in ("result", "error"):
            return False
        answers = self.waiting.pop(stanza.get("id"), None)
        if answers:
            answers.put(stanza)
        return True

    def reply(self, stanza, body="", kind="result"):
        self.write(f"<iq type='{kind}' id={quoteattr(stanza.get('id'))} "
                   f"to={quoteattr(stanza.get('from'))}>{body}</iq>")

    def close(self, orderly=True):
        try:
            if orderly:
                self.write("<presence type='unavailable'/></stream:stream>")
            self.sock.close()
        except (OSError, AttributeError):
            pass
