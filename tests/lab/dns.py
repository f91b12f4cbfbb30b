"""The lab's name server: answers A, AAAA and SRV from a small text file.

usage: dns.py ZONE ADDRESS ...

ZONE has lines of name, type, value; it is read again when it changes.  A
name that is there with another type gets an empty answer, one that is not
gets NXDOMAIN.  Runs on udp and tcp port 53 of every ADDRESS.
"""
import os
import selectors
import socket
import struct
import sys

TYPES = {"A": 1, "AAAA": 28, "SRV": 33}


class Zone:
    def __init__(self, path):
        self.path, self.stamp, self.records = path, None, {}

    def read(self):
        stat = os.stat(self.path)
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp == self.stamp:
            return self.records
        records = {}
        with open(self.path, encoding="ascii") as lines:
            for line in lines:
                field = line.split()
                if len(field) >= 3 and not line.startswith("#"):
                    name = field[0].lower().rstrip(".")
                    records.setdefault(name, []).append(
                        (field[1], field[2:]))
        self.stamp, self.records = stamp, records
        return records


def encode_name(name):
    out = b""
    for label in name.rstrip(".").split("."):
        out += bytes([len(label)]) + label.encode("ascii")
    return out + b"\0"


def encode_value(kind, value):
    if kind == "A":
        return socket.inet_aton(value[0])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value[0])
    return struct.pack(">HHH", *map(int, value[:3])) + encode_name(value[3])


def answer(query, zone):
    if len(query) < 17:
        return None
    number, flags = struct.unpack(">HH", query[:4])
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    wanted = struct.unpack(">H", query[at + 1:at + 3])[0]
    question = query[12:at + 5]
    here = zone.read().get(".".join(labels).lower())
    out = b""
    count = 0
    for kind, value in here or []:
        if TYPES.get(kind) == wanted:
            data = encode_value(kind, value)
            out += struct.pack(">HHHIH", 0xc00c, wanted, 1, 60,
                               len(data)) + data
            count += 1
    code = 0 if here else 3
    return struct.pack(">HHHHHH", number, 0x8580 | (flags & 0x100) | code,
                       1, count, 0, 0) + question + out


def main():
    zone = Zone(sys.argv[1])
    ready = selectors.DefaultSelector()
    for address in sys.argv[2:]:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((address, 53))
        ready.register(udp, selectors.EVENT_READ)
        tcp = socket.create_server((address, 53))
        ready.register(tcp, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            sock = key.fileobj
            try:
                if sock.type == socket.SOCK_DGRAM:
                    query, peer = sock.recvfrom(4096)
                    reply = answer(query, zone)
                    if reply:
                        sock.sendto(reply, peer)
                else:
                    conn, _ = sock.accept()
                    conn.settimeout(2)
                    with conn:
                        size = struct.unpack(">H", conn.recv(2))[0]
                        reply = answer(conn.recv(size), zone)
                        conn.sendall(struct.pack(">H", len(reply)) + reply)
            except (OSError, IndexError, ValueError, TypeError,
                    struct.error):
                continue        # a bad question gets no answer


main()
