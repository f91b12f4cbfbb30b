#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Two captures of one call: the bridge's interface and the client's.

Would catch: loss placed on the wrong side, a healthy call in which the two
points are said to differ, a client that is not found again behind the NAT.
"""
import json
import os
import subprocess
import sys

build = os.environ.get('MEETPROBE_BUILD', 'build')
data = os.path.join(os.environ.get('MEETPROBE_DATA', '../shared/data'),
                    'media-lab')
# run, verdict that must be there with both points named in it, or None
CASES = [
    ('udp-out', 'udp-out', 'client'),
    ('udp-in-router', 'udp-in-router', 'client'),
    ('jvb-udp-in-router', 'udp-in-router', 'client'),
    ('loss-up-20', 'loss-up', 'between client and bridge'),
    ('jvb-loss-down-10', 'loss-down', 'between bridge and client'),
    ('jvb-healthy-mixed', None, None),
    ('frag-dtls-600', None, None),
    ('reorder-5', None, None),
]
done = 0


def result(ok, text):
    global done
    done += 1
    print('%s %d - %s' % ('ok' if ok else 'not ok', done, text))


def verdicts(run):
    folder = os.path.join(data, run)
    out = subprocess.run(
        [os.path.join(build, 'meetprobe'), 'media', '--json', '--public',
         '198.51.100.1', '-r', 'client=' + os.path.join(folder, 'client.pcap'),
         '-r', 'bridge=' + os.path.join(folder, 'bridge.pcap')],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=False).stdout
    doc = json.loads(out)
    return [v for f in doc['flows'] + [doc['totals']] for v in f['verdicts']]


def main():
    if not os.path.isdir(data):
        print('ok 1 - # SKIP no recorded calls at %s' % data)
        return
    for run, want, text in CASES:
        if not os.path.exists(os.path.join(data, run, 'client.pcap')):
            continue
        got = verdicts(run)
        if want is None:
            faults = [v['id'] for v in got if v['fault']]
            result(not faults, '%s: no fault %s' % (run, faults or ''))
        else:
            result(any(v['id'] == want and text in v['text'] for v in got),
                   '%s: %s names both points' % (run, want))
    print('1..%d' % done)


main()
sys.exit(0)
