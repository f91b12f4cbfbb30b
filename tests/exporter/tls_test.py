#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The agent over TLS, over its Unix socket, and with settings that it must
refuse. Would catch: a certificate that is not served, a plain listener beside
it, an old TLS version, a token that is asked for where it must not be."""
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
tests = []


def told(good, text, detail=""):
    tests.append(bool(good))
    print("%s %d - %s" % ("ok" if good else "not ok", len(tests), text))
    if not good and detail != "":
        for line in str(detail).split("\n")[-10:]:
            print("# " + line)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path, context, headers=None):
    try:
        c = http.client.HTTPSConnection("127.0.0.1", port, timeout=5,
                                        context=context)
        c.request("GET", path, headers=headers or {})
        r = c.getresponse()
        return r.status, r.read().decode(), c.sock.version() if c.sock \
            else ""
    except (OSError, http.client.HTTPException) as e:
        return 0, str(e), ""


def plain(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            return s.recv(1000)
        except OSError:
            return b""


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def agent(folder, lines, wait=8):
    conf = os.path.join(folder, "m.conf")
    write(conf, "\n".join(lines) + "\n")
    log = open(os.path.join(folder, "log"), "w", encoding="utf-8")
    child = subprocess.Popen([os.path.join(BUILD, "meetprobed"), "-d", "-f",
                              conf], stdout=log, stderr=log)
    return child


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.2)
    return False


def served(folder, port, trusted):
    ok = wait_for(lambda: get(port, "/-/healthy", trusted)[0] == 200, 15)
    with open(os.path.join(folder, "log"), encoding="utf-8") as f:
        told(ok, "the health page is served over TLS", f.read())
    status, body, version = get(port, "/metrics", trusted,
                                {"Authorization": "Bearer s3cret"})
    told(status == 200 and "meetprobe_build_info" in body and
         version in ("TLSv1.3", ""), "metrics with the token, " + version,
         body[:200])
    told(get(port, "/api/v1/evidence", trusted)[0] == 401,
         "evidence asks for the token")
    told(get(port, "/metrics", ssl.create_default_context())[0] == 0,
         "a client that does not trust the certificate gets nothing")
    old = ssl.create_default_context()
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        # the refusal must be the server's
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        told(get(port, "/-/healthy", old)[0] == 0, "TLS 1.1 is refused")
    except (ValueError, ssl.SSLError):
        tests.append(True)
        print("ok %d # SKIP this Python has no TLS 1.1" % len(tests))
    told(b"200 OK" not in plain(port), "plain HTTP gets nothing")
    told(get(port, "/-/healthy", trusted)[0] == 200,
         "and does not disturb the server")


def main():
    if shutil.which("openssl") is None:
        print("ok 1 # SKIP no openssl here\n1..1")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        cert, key = folder + "/cert.pem", folder + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec",
                        "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", key,
                        "-out", cert], check=True,
                       stderr=subprocess.DEVNULL)
        os.chmod(key, 0o600)
        write(folder + "/token", "s3cret\n")
        trusted = ssl.create_default_context(cafile=cert)
        port = free_port()
        child = agent(folder, [
            'site "t.example"', "role jvb",
            "listen on 127.0.0.1 port %d token file %s/token "
            "tls cert %s key %s" % (port, folder, cert, key)])
        try:
            served(folder, port, trusted)
        finally:
            child.send_signal(signal.SIGTERM)
            told(child.wait(10) == 0, "the agent ends when told")
        # a file that everybody reads is no secret
        os.chmod(folder + "/token", 0o644)
        child = agent(folder, ["listen on 127.0.0.1 port %d token file "
                               "%s/token" % (free_port(), folder)])
        try:
            code = child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            code = "runs"
        told(code == 2, "a token that everybody can read is refused", code)
    print("1..%d" % len(tests))
    return 0 if all(tests) else 1


if __name__ == "__main__":
    sys.exit(main())
