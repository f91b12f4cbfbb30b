"""Makes the agents of the lab reachable from this machine's loopback.

usage: relay.py VM=PID ...

For each VM a port on 127.0.0.1 whose connections go to 127.0.0.1:10917 of
that VM: the listening socket is made here and handed to a copy of this
program inside the VM's network, for a socket stays in the network it was
made in.  Prints "VM URL" lines, then relays until it is ended.
"""
import os
import signal
import socket
import subprocess
import sys
import threading

AGENT = ("127.0.0.1", 10917)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def inside(number):
    listener = socket.socket(fileno=number)
    while True:
        conn, _ = listener.accept()
        try:
            agent = socket.create_connection(AGENT, 5)
        except OSError:
            conn.close()
            continue
        for pair in ((conn, agent), (agent, conn)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def enter(pid):
    mine = [] if os.getuid() == 0 else ["-U", "--preserve-credentials"]
    return ["nsenter", "-t", pid, *mine, "-n", "--"]


def main():
    children = []
    for number, argument in enumerate(sys.argv[1:], 1):
        name, pid = argument.split("=")
        try:
            listener = socket.create_server(("127.0.0.1", 10920 + number))
        except OSError:
            listener = socket.create_server(("127.0.0.1", 0))
        fd = listener.fileno()
        children.append(subprocess.Popen(
            [*enter(pid), sys.executable, __file__, "--inside", str(fd)],
            pass_fds=[fd]))
        print(f"{name} http://127.0.0.1:{listener.getsockname()[1]}/",
              flush=True)

    def end(_number, _frame):
        for child in children:
            child.terminate()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while True:
        signal.pause()


if sys.argv[1:2] == ["--inside"]:
    inside(int(sys.argv[2]))
else:
    main()
