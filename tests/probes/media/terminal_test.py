#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The live table on a terminal and in a pipe.

Would catch: a table that does not refresh, a key or signal that does not
end it, a terminal left without echo, escape sequences in a pipe.
"""
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

build = os.environ.get('MEETPROBE_BUILD', 'build')
program = [os.path.join(build, 'meetprobe'), 'media', '-i', 'lo']
done = 0


def result(ok, text):
    global done
    done += 1
    print('%s %d - %s' % ('ok' if ok else 'not ok', done, text))


def read_some(fd, seconds):
    out = b''
    end = time.time() + seconds
    while time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                piece = os.read(fd, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
    return out


def on_terminal():
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    env = dict(os.environ, TERM='xterm')
    p = subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave,
                         env=env, close_fds=True)
    out = read_some(master, 5)
    during = termios.tcgetattr(slave)
    os.write(master, b'q')
    out2 = read_some(master, 2)
    try:
        status = p.wait(3)
    except subprocess.TimeoutExpired:
        p.kill()
        status = None
    after = termios.tcgetattr(slave)
    result(out.count(b'\x1b[H') >= 2, 'the table is drawn again and again')
    result(status == 0, 'q ends it (status %s)' % status)
    result(b'No fault found' in out2, 'and tells what was found')
    result(not during[3] & termios.ECHO and after[3] == before[3],
           'the terminal gets its echo back')
    os.close(master)
    os.close(slave)


def in_pipe():
    p = subprocess.Popen(program, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(2.5)
    p.send_signal(signal.SIGTERM)
    try:
        out, _ = p.communicate(timeout=3)
    except subprocess.TimeoutExpired:
        p.kill()
        out, _ = p.communicate()
    result(p.returncode == 0, 'TERM ends it (status %s)' % p.returncode)
    result(b'\x1b' not in out and b'No fault found' in out,
           'plain lines in a pipe')
    p = subprocess.run(program[:3] + ['no-such-if'], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False)
    result(p.returncode == 2 and p.stdout == b'' and b'no-such-if' in p.stderr,
           'an interface that is not there is a usage error')


def main():
    if not os.path.exists('/proc/net/dev') or os.geteuid() != 0:
        print('ok 1 - # SKIP needs root to capture')
        return
    on_terminal()
    in_pipe()
    print('1..%d' % done)


main()
sys.exit(0)
