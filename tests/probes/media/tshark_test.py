#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The streams of recorded calls, counted by tshark and by meetprobe.

Would catch: packets that meetprobe does not see or counts twice, losses
miscounted. Where the definitions differ (tshark ends on the last packet's
number even when that is a late one, drops padded packets in cut captures,
and lets copies hide losses) the stream is compared in what is the same, or
left out and counted as such.
"""
import json
import os
import shutil
import subprocess
import sys

build = os.environ.get('MEETPROBE_BUILD', 'build')
data = os.path.join(os.environ.get('MEETPROBE_DATA', '../shared/data'),
                    'media-lab')
RUNS = ['healthy-mixed', 'loss-up-20', 'loss-up-1', 'dup-net-5', 'reorder-5',
        'ipv6', 'jvb-healthy-mixed', 'jvb-loss-down-10', 'mtu-media-up',
        'nat-rebind', 'seq-wrap', 'mixed-link-vlan', 'mixed-pcap-be']
done = 0


def result(ok, text):
    global done
    done += 1
    print('%s %d - %s' % ('ok' if ok else 'not ok', done, text))


def by_tshark(path):
    out = subprocess.run(['tshark', '-n', '-q', '-r', path, '-d',
                          'udp.port==10000,rtp', '-z', 'rtp,streams'],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True, check=False).stdout
    streams = {}
    for line in out.splitlines():
        w = line.split()
        # start end src sport dst dport ssrc payload... packets lost (..%)
        if len(w) < 12 or not w[6].startswith('0x'):
            continue
        rest = [i for i, x in enumerate(w) if x.startswith('(')]
        if not rest:
            continue
        port = w[3] if w[5] == '10000' else w[5]
        direction = 'in' if w[5] == '10000' else 'out'
        streams[(port, direction, int(w[6], 16))] = (
            int(w[rest[0] - 2]), int(w[rest[0] - 1]))
    return streams


def by_meetprobe(path):
    out = subprocess.run([os.path.join(build, 'meetprobe'), 'media', '-r',
                          path, '--json'], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True,
                         check=False).stdout
    streams = {}
    for f in json.loads(out)['flows']:
        port = f['remote'].rsplit(':', 1)[1]
        for s in f['streams']:
            streams[(port, s['direction'], s['ssrc'])] = s
    return streams


def compare(run):
    path = os.path.join(data, run, 'bridge.pcap')
    theirs, ours = by_tshark(path), by_meetprobe(path)
    same = left = 0
    for key, s in ours.items():
        if s['kind'] not in ('audio', 'video') or s['packets'] < 3:
            continue
        if key not in theirs:
            result(False, '%s: tshark does not know %s' % (run, key))
            return
        packets, lost = theirs[key]
        if packets != s['packets']:
            result(False, '%s: %s packets %d, tshark %d'
                   % (run, key, s['packets'], packets))
            return
        if s['reordered'] > 0 or s['duplicate'] > 0:
            left += 1
        elif lost != s['lost']:
            result(False, '%s: %s lost %d, tshark lost %d'
                   % (run, key, s['lost'], lost))
            return
        same += 1
    result(same > 0, '%s: %d streams as tshark counts them (%d with late '
           'packets or copies: packets only)' % (run, same, left))


def main():
    if shutil.which('tshark') is None:
        print('ok 1 - # SKIP tshark is not here')
        return
    if not os.path.isdir(data):
        print('ok 1 - # SKIP no recorded calls at %s' % data)
        return
    for run in RUNS:
        if os.path.isdir(os.path.join(data, run)):
            compare(run)
    print('1..%d' % done)


main()
sys.exit(0)
