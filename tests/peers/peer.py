"""Peers that misbehave, ten lines each: what a probe may meet.

usage: peer.py KIND BEHAVIOUR PORT [CERT KEY]

KIND is what the probe speaks: tls (443), xmpp (5222), http, https, dns (udp
and tcp), stun (udp).  A behaviour of "every" can be met by any kind on TCP;
the others are named by kind below.  Serves until it is ended.
"""
import random
import socket
import ssl
import struct
import sys
import threading
import time

BIG = 64 * 1024 * 1024


# What every TCP peer can do after accept.  lead: the bytes that kind would
# rightly begin its answer with.

def silent(conn, lead):
    while conn.recv(4096):
        pass


def closes(conn, lead):
    conn.recv(4096)


def resets(conn, lead):
    conn.recv(4096)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    if isinstance(conn, ssl.SSLSocket):
        socket.socket(fileno=conn.detach()).close()


def slow(conn, lead):
    conn.recv(4096)
    for byte in lead * 100:
        conn.sendall(bytes([byte]))
        time.sleep(1)


def garbage(conn, lead):
    conn.recv(4096)
    conn.sendall(random.Random(7).randbytes(200).replace(b"<", b"x"))
    time.sleep(0.3)


def half(conn, lead):
    conn.recv(4096)
    conn.sendall(lead[:max(1, len(lead) * 2 // 3)])
    time.sleep(0.2)


EVERY = {f.__name__: f for f in
         (silent, closes, resets, slow, garbage, half)}


# TLS.

def alert(conn, lead):
    conn.recv(4096)
    conn.sendall(b"\x15\x03\x03\0\x02\x02\x28")     # fatal handshake_failure
    time.sleep(0.2)


def oversize_tls(conn, lead):
    conn.recv(4096)
    record = b"\x16\x03\x03\xff\xff" + b"\0" * 65535
    for _ in range(BIG // len(record)):
        conn.sendall(record)


# A ServerHello record, without what follows it.
TLS_LEAD = b"\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03" + bytes(32) + \
    b"\x20" + bytes(32) + b"\x13\x02\0\0\x2e" + bytes(46)


# HTTP, in the clear or below TLS.

def response(status, body=b"", more=b"", kind=b"text/html"):
    return (b"HTTP/1.1 %d x\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
            b"%sConnection: close\r\n\r\n" % (status, kind, len(body), more)
            ) + body


def http(status, body=b"", more=b"", kind=b"text/html"):
    def answer(conn, lead):
        conn.recv(4096)
        conn.sendall(response(status, body, more, kind))
    return answer


def redirect(conn, lead):
    request = conn.recv(4096).split(b" ")
    path = request[1] if len(request) > 1 else b"/"
    conn.sendall(response(302, b"", b"Location: %s\r\n" % path))


def oversize_http(conn, lead):
    conn.recv(4096)
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 b"Content-Length: %d\r\n\r\n" % BIG)
    for _ in range(BIG // 65536):
        conn.sendall(b"x" * 65536)


def endless_head(conn, lead):
    conn.recv(4096)
    conn.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(BIG // 64):
        conn.sendall(b"X-%d: %s\r\n" % (number, b"y" * 48))


HTTP_LEAD = response(200, b"{" + b" " * 200 + b"}",
                     kind=b"application/json")
HTTP = {
    "redirect": redirect, "oversize": oversize_http,
    "endless-head": endless_head,
    "status-500": http(500, b"broken"), "status-404": http(404),
    "not-json": http(200, b"<html>not JSON</html>"),
    "other-json": http(200, b"[1,2,3]", kind=b"application/json"),
    "empty": http(200),
}


# XMPP.

STREAM = (b"<?xml version='1.0'?><stream:stream from='auth.jts.example' "
          b"id='x' version='1.0' xmlns='jabber:client' "
          b"xmlns:stream='http://etherx.jabber.org/streams'>")
STARTTLS = (b"<stream:features><starttls "
            b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")


def xmpp(*parts):
    def answer(conn, lead):
        for part in parts:
            conn.recv(4096)
            conn.sendall(part)
        time.sleep(0.3)
    return answer


def stream_error(name):
    return (b"<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            b"</stream:error></stream:stream>" % name)


def oversize_xmpp(conn, lead):
    conn.recv(4096)
    conn.sendall(STREAM + b"<stream:features>")
    for number in range(BIG // 64):
        conn.sendall(b"<x%07d xmlns='urn:none'>%s</x%07d>" %
                     (number, b"y" * 40, number))


def silent_after_proceed(conn, lead):
    xmpp(STREAM + STARTTLS, PROCEED)(conn, lead)
    silent(conn, lead)


def alert_after_proceed(conn, lead):
    xmpp(STREAM + STARTTLS, PROCEED)(conn, lead)
    alert(conn, lead)


PROCEED = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
XMPP = {
    "oversize": oversize_xmpp,
    "wrong-xml": xmpp(b"<html><body>not XMPP</body></html>"),
    "bad-xml": xmpp(STREAM + b"<stream:features></wrong>"),
    "host-unknown": xmpp(STREAM + stream_error(b"host-unknown")),
    "stream-error": xmpp(STREAM + stream_error(b"internal-server-error")),
    "no-starttls": xmpp(STREAM + b"<stream:features/>"),
    "tls-refused": xmpp(STREAM + STARTTLS, b"<failure xmlns='urn:ietf:params:"
                        b"xml:ns:xmpp-tls'/></stream:stream>"),
    "alert": alert_after_proceed,
    "silent-after-proceed": silent_after_proceed,
}

# DNS and STUN, one datagram each: from the question to the answer or None.

DNS = {
    "silent": lambda q: None,
    "garbage": lambda q: b"\xff" * 40,
    "half": lambda q: q[:2] + b"\x81\x80" + q[4:6] + b"\0\5" + q[8:],
    "servfail": lambda q: q[:2] + b"\x81\x82" + q[4:],
    "refused": lambda q: q[:2] + b"\x81\x85" + q[4:],
    "nxdomain": lambda q: q[:2] + b"\x81\x83" + q[4:],
    "loop": lambda q: q[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + q[12:] +
    struct.pack(">H", 0xc000 | (12 + len(q) - 12)) + b"\0\1\0\1\0\0\0\1\0\4",
}
STUN = {
    "silent": lambda q: None,
    "garbage": lambda q: b"\xff" * 40,
    "half": lambda q: b"\1\1\0\x0c" + q[4:20],
    "error": lambda q: b"\1\x11\0\x08" + q[4:20] + b"\0\x09\0\4\0\0\5\0",
    "other-transaction": lambda q: b"\1\1\0\0" + q[4:8] + b"\0" * 12,
}

KINDS = {
    "tls": (TLS_LEAD, {**EVERY, "alert": alert, "oversize": oversize_tls}),
    "xmpp": (STREAM + STARTTLS, {**EVERY, **XMPP}),
    "http": (HTTP_LEAD, {**EVERY, **HTTP}),
    "https": (HTTP_LEAD, {**EVERY, **HTTP}),
    "dns": (b"", DNS),
    "stun": (b"", STUN),
}


class Peer:
    """A listening peer; end() takes its port back.  With a certificate the
    behaviour happens inside TLS.  hits counts who came."""

    def __init__(self, kind, behaviour, port, cert=None, key=None,
                 address="127.0.0.1"):
        self.lead, known = KINDS[kind]
        self.act = known[behaviour]
        self.hits = 0
        self.conns = []
        self.context = None
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert, key)
        datagrams = kind in ("dns", "stun")
        self.sock = socket.socket(
            socket.AF_INET,
            socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        if not datagrams:
            self.sock.listen(16)
        threading.Thread(target=self.answer if datagrams else self.accept,
                         daemon=True).start()

    def answer(self):
        try:
            while True:
                question, peer = self.sock.recvfrom(4096)
                if not peer:
                    return      # end() has shut it down
                self.hits += 1
                reply = self.act(question)
                if reply is not None:
                    self.sock.sendto(reply, peer)
        except OSError:
            return

    def accept(self):
        try:
            while True:
                conn, _ = self.sock.accept()
                self.hits += 1
                self.conns.append(conn)
                threading.Thread(target=self.serve, args=(conn,),
                                 daemon=True).start()
        except OSError:
            return

    def serve(self, conn):
        try:
            if self.context:
                conn = self.context.wrap_socket(conn, server_side=True)
            self.act(conn, self.lead)
        except (OSError, ValueError):
            pass
        finally:
            try:
                conn.close()
            except OSError:
                pass

    def end(self):
        # shutdown wakes accept(); close alone would leave it waiting.
        for sock in (self.sock, *self.conns):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()


def main():
    if len(sys.argv) not in (4, 6):
        print(__doc__.split("\n")[2], file=sys.stderr)
        for kind, (_, known) in KINDS.items():
            print(f"{kind}: {' '.join(known)}", file=sys.stderr)
        sys.exit(2)
    peer = Peer(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:6])
    while True:
        time.sleep(3600)
        if peer.hits < 0:
            break


if __name__ == "__main__":
    main()
