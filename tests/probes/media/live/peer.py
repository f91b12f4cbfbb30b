#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""One end of a call for the live test: peer.py bridge|client FOLDER [PORT PUBLIC]

The bridge offers (ICE controlling, DTLS server) on a fixed port and sends a
tone; the client answers and sends one too. Offer and answer go through files
in FOLDER; the client finds PUBLIC where the bridge named its own address.
"""
import asyncio
import fractions
import os
import sys

import aiortc
import av
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import CODECS

CODECS['audio'][0].payloadType = 111    # opus, as jicofo offers it


class Tone(aiortc.mediastreams.MediaStreamTrack):
    """20 ms of a square wave after another."""
    kind = 'audio'

    def __init__(self):
        super().__init__()
        self.count = 0
        self.start = None

    async def recv(self):
        loop = asyncio.get_event_loop()
        if self.start is None:
            self.start = loop.time()
        wait = self.start + self.count * 0.02 - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        frame = av.AudioFrame(format='s16', layout='mono', samples=960)
        data = b''.join((b'\x00\x20' if (i // 60) % 2 else b'\x00\xe0')
                        for i in range(960))
        frame.planes[0].update(data)
        frame.sample_rate = 48000
        frame.pts = self.count * 960
        frame.time_base = fractions.Fraction(1, 48000)
        self.count += 1
        return frame


def write(path, text):
    with open(path + '.new', 'w') as f:
        f.write(text)
    os.rename(path + '.new', path)


async def read(path):
    while not os.path.exists(path):
        await asyncio.sleep(0.05)
    with open(path) as f:
        return f.read()


async def drain(track):
    try:
        while True:
            await track.recv()
    except Exception:
        pass


def peer():
    pc = RTCPeerConnection()
    pc.addTrack(Tone())
    pc.on('track', lambda t: asyncio.ensure_future(drain(t)))
    return pc


def fix_port(port):
    """aioice binds any port; a bridge has one."""
    loop = asyncio.get_event_loop()
    create = loop.create_datagram_endpoint

    def bound(factory, local_addr=None, **more):
        if local_addr is not None and local_addr[1] == 0:
            local_addr = (local_addr[0], port)
        return create(factory, local_addr=local_addr, **more)
    loop.create_datagram_endpoint = bound


async def bridge(folder, port, public):
    fix_port(int(port))
    pc = peer()
    await pc.setLocalDescription(await pc.createOffer())
    sdp = '\r\n'.join(
        ' '.join(w if i != 4 else public for i, w in enumerate(
            line.split(' '))) if line.startswith('a=candidate') else line
        for line in pc.localDescription.sdp.split('\r\n'))
    write(folder + '/offer', sdp)
    answer = await read(folder + '/answer')
    await pc.setRemoteDescription(RTCSessionDescription(answer, 'answer'))
    await asyncio.sleep(60)


async def client(folder):
    pc = peer()
    offer = await read(folder + '/offer')
    await pc.setRemoteDescription(RTCSessionDescription(offer, 'offer'))
    await pc.setLocalDescription(await pc.createAnswer())
    write(folder + '/answer', pc.localDescription.sdp)
    await asyncio.sleep(60)


if sys.argv[1] == 'bridge':
    asyncio.get_event_loop().run_until_complete(bridge(*sys.argv[2:]))
else:
    asyncio.get_event_loop().run_until_complete(client(sys.argv[2]))
