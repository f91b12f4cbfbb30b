"""The lab's client outside: one participant's packets to the bridge.

usage: client.py UFRAG PASSWORD [SECONDS]   (0: STUN checks only)

Binding requests with the handed-out ufrag, a DTLS-shaped handshake, then
audio at 50 packets a second with a report every half second.  Prints what
came back and ends with 0 when the bridge answered, 1 when it was silent.
"""
import os
import select
import socket
import sys
import time

import media

BRIDGE = ("203.0.113.1", 10000)


def main():
    ufrag, key = sys.argv[1], sys.argv[2].encode()
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 5
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(BRIDGE)
    stream = media.Stream()
    got = {"stun": 0, "dtls": 0, "srtp": 0, "srtcp": 0}
    sent = dict(got)

    def send(kind, packet):
        sent[kind] += 1
        try:
            sock.send(packet)
        except OSError:
            pass                # an ICMP error of an earlier packet

    def receive(wait):
        if not select.select([sock], [], [], wait)[0]:
            return
        try:
            packet = sock.recv(2048)
        except OSError:
            return
        if packet[0] <= 3:
            got["stun"] += 1
            read = media.parse(packet)
            if read and read[0] == 0x0001:
                send("stun", media.message(0x0101, read[1], [
                    media.mapped(BRIDGE)], key))
        elif packet[0] < 64:
            got["dtls"] += 1
            if packet[0] == 22:
                send("dtls", media.finished())
        elif packet[1] == 200:
            got["srtcp"] += 1
        else:
            got["srtp"] += 1

    check = lambda: send("stun", media.binding(
        os.urandom(12), f"{ufrag}:clnt", key, False))
    end = time.monotonic() + max(seconds, 1)
    check()
    checked = reported = time.monotonic()
    hello, due = False, 0
    while time.monotonic() < end:
        receive(0.01)
        now = time.monotonic()
        if now - checked > (2.5 if got["stun"] else 0.25):
            check()
            checked = now
        if got["stun"] and not hello and seconds:
            send("dtls", media.client_hello())
            hello = True
        if got["dtls"] and seconds and now >= due:
            due = now + 0.02
            send("srtp", stream.rtp())
            if now - reported > 0.5:
                send("srtcp", stream.rtcp())
                reported = now
        if got["stun"] and not seconds:
            break
    for kind in got:
        print(f"{kind}: sent {sent[kind]}, received {got[kind]}")
    return 0 if got["stun"] else 1


sys.exit(main())
