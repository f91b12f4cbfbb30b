"""Media packets of the lab: STUN (RFC 8489), and packets shaped like DTLS
(RFC 6347), SRTP and SRTCP (RFC 3550).  The bridge's side of udp/10000."""
import binascii
import hmac
import os
import random
import socket
import string
import struct
import threading
import time

COOKIE = 0x2112a442
USERNAME, INTEGRITY, MAPPED, FINGERPRINT = 0x6, 0x8, 0x20, 0x8028
PRIORITY, CONTROLLING, CONTROLLED, USE = 0x24, 0x802a, 0x8029, 0x25


def attribute(kind, value):
    pad = -len(value) % 4
    return struct.pack(">HH", kind, len(value)) + value + b"\0" * pad


def message(kind, transaction, attributes, key):
    """A STUN message with MESSAGE-INTEGRITY and FINGERPRINT."""
    body = b"".join(attributes)
    head = struct.pack(">HHI", kind, len(body) + 24, COOKIE) + transaction
    mac = hmac.digest(key, head + body, "sha1")
    body += attribute(INTEGRITY, mac)
    head = struct.pack(">HHI", kind, len(body) + 8, COOKIE) + transaction
    crc = binascii.crc32(head + body) ^ 0x5354554e
    return head + body + attribute(FINGERPRINT, struct.pack(">I", crc))


def mapped(address):
    number = int.from_bytes(socket.inet_aton(address[0]), "big")
    return attribute(MAPPED, struct.pack(
        ">HHI", 1, address[1] ^ (COOKIE >> 16), number ^ COOKIE))


def parse(packet):
    """(type, transaction, {attribute: value}, offset of the integrity) or
    None when it is no STUN message."""
    if len(packet) < 20 or packet[0] > 3:
        return None
    kind, size, cookie = struct.unpack(">HHI", packet[:8])
    if cookie != COOKIE or size + 20 != len(packet):
        return None
    found, at, signed = {}, 20, None
    while at + 4 <= len(packet):
        name, length = struct.unpack(">HH", packet[at:at + 4])
        if at + 4 + length > len(packet):
            return None
        if name == INTEGRITY:
            signed = at
        found[name] = packet[at + 4:at + 4 + length]
        at += 4 + length + (-length % 4)
    return kind, packet[8:20], found, signed


def signed_with(packet, at, key):
    """Whether the MESSAGE-INTEGRITY at that offset was made with the key."""
    head = packet[:2] + struct.pack(">H", at + 24 - 20) + packet[4:at]
    return hmac.compare_digest(hmac.digest(key, head, "sha1"),
                               packet[at + 4:at + 24])


def binding(transaction, user, key, controlling):
    role = CONTROLLING if controlling else CONTROLLED
    parts = [attribute(USERNAME, user.encode()),
             attribute(PRIORITY, struct.pack(">I", 1853817087)),
             attribute(role, os.urandom(8))]
    if controlling:
        parts.append(attribute(USE, b""))
    return message(0x0001, transaction, parts, key)


def dtls(kind, body, epoch=0, number=0):
    """One DTLS 1.2 record."""
    return struct.pack(">BHHHIH", kind, 0xfefd, epoch, number >> 32,
                       number & 0xffffffff, len(body)) + body


def handshake(kind, body, sequence):
    size = len(body).to_bytes(3, "big")
    return bytes([kind]) + size + struct.pack(">H", sequence) + \
        b"\0\0\0" + size + body


def client_hello():
    body = b"\xfe\xfd" + os.urandom(32) + b"\0\0" + b"\0\x02\xc0\x2b" + \
        b"\x01\0" + b"\0\0"
    return dtls(22, handshake(1, body, 0))


def server_hello():
    body = b"\xfe\xfd" + os.urandom(32) + b"\0" + b"\xc0\x2b\0" + b"\0\0"
    return dtls(22, handshake(2, body, 0)) + \
        dtls(22, handshake(14, b"", 1), 0, 1)


def finished():
    return dtls(20, b"\x01") + dtls(22, os.urandom(40), 1, 0)


class Stream:
    """RTP of one source: Opus at 50 packets a second."""

    def __init__(self, kind=111):
        self.kind, self.ssrc = kind, random.getrandbits(32)
        self.sequence = random.getrandbits(16)
        self.stamp = random.getrandbits(32)

    def rtp(self):
        self.sequence = (self.sequence + 1) & 0xffff
        self.stamp = (self.stamp + 960) & 0xffffffff
        return struct.pack(">BBHII", 0x80, self.kind, self.sequence,
                           self.stamp, self.ssrc) + os.urandom(90)

    def rtcp(self):
        """A sender report with one report block: "I hear you"."""
        return struct.pack(">BBHI", 0x81, 200, 12, self.ssrc) + \
            os.urandom(44 + 14)


class Bridge:
    """udp/10000: only a handed-out ufrag with the right key is answered."""

    def __init__(self, address, port, log):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, port))
        self.log = log
        self.keys = {}          # ufrag -> password
        self.context = {}       # ufrag -> the log's context
        self.peers = {}         # address -> {ufrag, stream, seen}
        self.succeeded = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def allocate(self):
        letters = string.ascii_lowercase + string.digits
        ufrag = "".join(random.choices(letters, k=13))
        password = "".join(random.choices(letters, k=26))
        self.keys[ufrag] = password
        return ufrag, password

    def counts(self):
        now = time.monotonic()
        live = [p for p in self.peers.values() if now - p["seen"] < 30]
        return {"total_ice_succeeded": self.succeeded,
                "endpoints": len(live), "local_endpoints": len(live),
                "participants": len(live), "conferences": int(bool(live))}

    def serve(self):
        while True:
            packet, peer = self.sock.recvfrom(2048)
            try:
                self.packet(packet, peer)
            except (OSError, ValueError, IndexError):
                continue

    def packet(self, packet, peer):
        if packet and packet[0] <= 3:
            self.stun(packet, peer)
            return
        known = self.peers.get(peer)
        if not known:
            return
        known["seen"] = time.monotonic()
        if packet[0] == 22 and packet[13] == 1:
            self.sock.sendto(server_hello(), peer)
        elif packet[0] == 20:
            self.sock.sendto(finished(), peer)
            self.log.info(51, self.context.get(known["ufrag"], "")
                          + "Endpoint$setupDtlsTransport$3.handshakeComplete"
                          "#527: DTLS handshake complete")
        elif packet[0] == 0x81 and packet[1] == 200:
            self.sock.sendto(known["stream"].rtcp(), peer)
        elif packet[0] == 0x80:
            self.sock.sendto(known["stream"].rtp(), peer)

    def stun(self, packet, peer):
        read = parse(packet)
        if not read or read[0] != 0x0001 or read[3] is None:
            return
        _, transaction, found, at = read
        ours, _, theirs = found.get(USERNAME, b"").decode().partition(":")
        key = self.keys.get(ours)
        if not key or not signed_with(packet, at, key.encode()):
            return
        self.sock.sendto(message(0x0101, transaction, [mapped(peer)],
                                 key.encode()), peer)
        if peer not in self.peers:
            self.peers[peer] = {"ufrag": ours, "stream": Stream(),
                                "seen": time.monotonic()}
            self.succeeded += 1
            context = self.context.get(ours, "")
            self.log.info(39, context + "Agent.setState#934: ICE state "
                          "changed from Waiting to Running.")
            self.log.info(44, context + "Endpoint$setupIceTransport$2."
                          "writeable#480: ICE connected")
        self.peers[peer]["seen"] = time.monotonic()
        # The bridge checks the client in turn; the lab's client has the
        # bridge's password for its own, since no signalling carries one.
        self.sock.sendto(binding(os.urandom(12), f"{theirs}:{ours}",
                                 key.encode(), True), peer)
