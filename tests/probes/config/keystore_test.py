#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Trust stores made by a real keytool, certificates by a real openssl. Would
catch: a store that Java opens and the lint does not, a password taken for
right, a certificate not found by its fingerprint."""
import json, os, shutil, subprocess, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def run(*args, **kw):
    subprocess.run([str(a) for a in args], check=True, timeout=120,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)


def certificate(d, name, cn, days=365, signer=None):
    key, crt = d / f"{name}.key", d / f"{name}.crt"
    req = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
           "-subj", f"/CN={cn}"]
    if signer is None:
        run(*req, "-x509", "-days", days, "-out", crt,
            "-addext", f"subjectAltName=DNS:{cn}")
        return crt
    run(*req, "-out", d / "req.pem")
    ext = d / "ext"
    ext.write_text(f"subjectAltName=DNS:{cn}\n")
    run("openssl", "x509", "-req", "-in", d / "req.pem", "-CA", f"{signer}.crt",
        "-CAkey", f"{signer}.key", "-CAcreateserial", "-days", days, "-out", crt,
        "-extfile", ext)
    return crt


def dated(d, name, cn, start, end):
    """A certificate of given dates, below the CA."""
    (d / "index").write_text("")
    (d / "serial").write_text("10\n")
    (d / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={d}/index\nserial={d}/serial\n"
        f"new_certs_dir={d}\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n"
        f"[p]\ncommonName=supplied\n[e]\nsubjectAltName=DNS:{cn}\n")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout",
        d / f"{name}.key", "-out", d / "req.pem", "-subj", f"/CN={cn}")
    run("openssl", "ca", "-batch", "-config", d / "ca.cnf", "-cert", d / "ca.crt",
        "-keyfile", d / "ca.key", "-in", d / "req.pem", "-out", d / f"{name}.txt",
        "-startdate", start, "-enddate", end, "-notext")
    shutil.copy(d / f"{name}.txt", d / f"{name}.crt")


def store(path, crt, kind, password="jitsicool"):
    run("keytool", "-importcert", "-noprompt", "-alias", "prosody", "-file", crt,
        "-keystore", path, "-storetype", kind, "-storepass", password)


PROSODY = """VirtualHost "jts.example"
    authentication = "anonymous"
    modules_enabled = { "bosh" }
    c2s_require_encryption = false
VirtualHost "auth.jts.example"
    ssl = { key = "/var/prosody/auth.jts.example.key";
            certificate = "/var/prosody/auth.jts.example.crt"; }
    authentication = "internal_hashed"
"""


def lint(site):
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", str(site)],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    ids = {f["id"] for f in json.loads(p.stdout)["findings"]}
    return {i for i in ids if i.startswith(("trust", "cert"))}


def site(root, name, crt, store_path=None, password="jitsicool", key=None):
    d = root / name
    d.mkdir()
    (d / "prosody.cfg.lua").write_text(PROSODY)
    (d / "jicofo.in.sh").write_text(
        "JICOFO_TRUSTSTORE=/etc/ssl/jicofo-key.store\n"
        f"JICOFO_TRUSTSTORE_PASSWORD={password}\n")
    shutil.copy(crt, d / "auth.jts.example.crt")
    if key:
        shutil.copy(key, d / "auth.jts.example.key")
    if store_path:
        shutil.copy(store_path, d / "jicofo-key.store")
    return d


def algorithms(tmp, good):
    """A PKCS#12 of this keytool (16 or later) under older and newer Javas."""
    run("keytool", "-J-Dkeystore.pkcs12.legacy", "-importcert", "-noprompt",
        "-alias", "prosody", "-file", good, "-keystore", tmp / "legacy.p12",
        "-storetype", "PKCS12", "-storepass", "jitsicool")
    tell = {"truststore-needs-newer-java"}
    cases = [
        ("good.pkcs12", "jdk8u292-b10", tell), ("good.pkcs12", "jdk8u312-b07", set()),
        ("good.pkcs12", "jdk-11.0.11+9", tell), ("good.pkcs12", "jdk-11.0.12+7", set()),
        ("good.pkcs12", "jdk-15.0.2", tell), ("good.pkcs12", "jdk-17", set()),
        ("good.pkcs12", "jdk-8", set()),    # which update is not said
        ("legacy.p12", "jdk8u292-b10", set()), ("good.jks", "jdk8u292-b10", set()),
    ]
    bare = ["-J-Dkeystore.pkcs12.macAlgorithm=NONE",
            "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE"]
    for name in ("good", "other"):
        run("keytool", *bare, "-importcert", "-noprompt", "-alias", "prosody", "-file",
            tmp / f"{name}.crt", "-keystore", tmp / f"bare-{name}.p12",
            "-storetype", "PKCS12", "-storepass", "changeit")
        got = lint(site(tmp, f"bare{name}", good, tmp / f"bare-{name}.p12"))
        want = set() if name == "good" else {"truststore-lacks-cert"}
        ok(got == want, f"no MAC, as cacerts since JDK 18, {name}: {sorted(want)} "
           f"(got {sorted(got)})")
    for n, (name, java, want) in enumerate(cases):
        d = site(tmp, f"java{n}", good, tmp / name)
        with (d / "jicofo.in.sh").open("a") as f:
            f.write(f"JAVA_HOME=/opt/{java}\n")
        got = lint(d)
        ok(got == want, f"{name} under {java}: {sorted(want)} (got {sorted(got)})")


def many_rounds(tmp, crt):
    """A PKCS#12 store whose password is to be stirred 2^31 times."""
    run("openssl", "pkcs12", "-export", "-in", crt, "-inkey", crt.with_suffix(".key"),
        "-out", tmp / "slow.p12", "-passout", "pass:jitsicool", "-iter", "1000000")
    b = bytearray((tmp / "slow.p12").read_bytes())
    rounds = bytes.fromhex("02030f4240")
    at = b.rindex(rounds)
    b[at:at + 5] = bytes.fromhex("02047fffffff")
    b[2:4] = (int.from_bytes(b[2:4], "big") + 1).to_bytes(2, "big")
    for i in range(at, 0, -1):      # the sequence around it ends the file
        if b[i] == 0x30 and i + 2 + b[i + 1] == len(b) - 1:
            b[i + 1] += 1
            break
    d = site(tmp, "slow", crt)
    (d / "jicofo-key.store").write_bytes(b)
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", str(d)],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    ids = {f["id"] for f in json.loads(p.stdout)["findings"]}
    ok("config-not-read" in ids, f"a store of 2^31 rounds is given up (got {sorted(ids)})")


def main(tmp):
    good = certificate(tmp, "good", "auth.jts.example")
    again = certificate(tmp, "again", "auth.jts.example")
    other = certificate(tmp, "other", "elsewhere.example")
    certificate(tmp, "ca", "Our CA")
    signed = certificate(tmp, "signed", "auth.jts.example", signer=tmp / "ca")
    old = certificate(tmp, "old", "auth.jts.example", days=5)
    for kind in ("JKS", "PKCS12"):
        k = kind.lower()
        for c in ("good", "again", "other", "ca"):
            store(tmp / f"{c}.{k}", tmp / f"{c}.crt", kind)
        run("keytool", "-genkeypair", "-alias", "own", "-keyalg", "RSA", "-dname",
            "CN=x", "-keystore", tmp / f"empty.{k}", "-storetype", kind,
            "-storepass", "jitsicool", "-keypass", "jitsicool")
        cases = [
            ("right", good, "good", "jitsicool", set()),
            ("wrong password", good, "good", "jitsicofo", {"truststore-wrong-password"}),
            ("older certificate", good, "again", "jitsicool", {"truststore-certificate-stale"}),
            ("another certificate", good, "other", "jitsicool", {"truststore-lacks-cert"}),
            ("below the CA in it", signed, "ca", "jitsicool", set()),
            ("no trusted one", good, "empty", "jitsicool", {"truststore-empty"}),
        ]
        for n, (what, crt, name, password, want) in enumerate(cases):
            got = lint(site(tmp, f"{k}{n}", crt, tmp / f"{name}.{k}", password))
            if what == "wrong password" and kind == "PKCS12":
                got.discard("truststore-lacks-cert")
            ok(got == want, f"{kind}, {what}: {sorted(want)} (got {sorted(got)})")
        whole = (tmp / f"good.{k}").read_bytes()
        (tmp / f"cut.{k}").write_bytes(whole[:len(whole) // 2])
        got = lint(site(tmp, f"{k}cut", good, tmp / f"cut.{k}"))
        ok("truststore-damaged" in got, f"{kind} cut off is told (got {sorted(got)})")
    algorithms(tmp, good)
    got = lint(site(tmp, "pem", good, good))
    ok("truststore-damaged" in got, f"a PEM file as store is told (got {sorted(got)})")
    got = lint(site(tmp, "pair", good, key=tmp / "good.key"))
    ok(not got, f"certificate and its key fit (got {sorted(got)})")
    got = lint(site(tmp, "mismatch", good, key=tmp / "again.key"))
    ok("cert-key-mismatch" in got, f"another key is told (got {sorted(got)})")
    got = lint(site(tmp, "name", other))
    ok("certificate-name-mismatch" in got, f"another name is told (got {sorted(got)})")
    dated(tmp, "past", "auth.jts.example", "20200101000000Z", "20210101000000Z")
    dated(tmp, "future", "auth.jts.example", "20900101000000Z", "20910101000000Z")
    got = lint(site(tmp, "future", tmp / "future.crt"))
    ok("certificate-not-yet-valid" in got, f"one not valid yet is told (got {sorted(got)})")
    got = lint(site(tmp, "past", tmp / "past.crt"))
    ok("certificate-expired" in got, f"an expired certificate is told (got {sorted(got)})")
    for k in ("JKS", "PKCS12"):
        store(tmp / f"past.{k}", tmp / "past.crt", k)
        got = lint(site(tmp, f"pinned{k}", tmp / "past.crt", tmp / f"past.{k}"))
        ok(got == {"certificate-expired-pinned-java-accepts"},
           f"{k}, expired and in the store: a note (got {sorted(got)})")
    many_rounds(tmp, good)
    got = lint(site(tmp, "soon", old))
    ok("certificate-expires-soon" in got, f"five days left are told (got {sorted(got)})")


if not shutil.which("keytool") or not shutil.which("openssl"):
    count += 1
    print(f"ok {count} # SKIP no keytool or no openssl on this machine")
else:
    with tempfile.TemporaryDirectory() as t:
        main(Path(t))
print(f"1..{count}")
