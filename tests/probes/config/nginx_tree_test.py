#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Whole folders of nginx against a real `nginx -T`: it takes what we call in
order, and the files it reads are those that we read for it. Would catch: an
include that we match in another way than nginx, a site that is left out, a
construct that nginx refuses and our examples have."""
import json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
from sites import BASE, SETUPS, write

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def skip(text):
    global count
    count += 1
    print(f"ok {count} # SKIP {text}")


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x",
                    "-keyout", folder / "t.key", "-out", folder / "t.crt"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_nginx(root, main, folder):
    """Copies the tree to where its absolute paths lead, on free ports."""
    copy = folder / "real"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy)
    base = main.parent.relative_to(root)
    for path in (copy / base).rglob("*"):
        if not path.is_file():
            continue
        text = path.read_text()
        text = re.sub(r"/(etc|config)/nginx/(?!mime)", f"{copy / base}/", text)
        text = re.sub(r"(ssl_certificate\s+)\S+;", rf"\g<1>{folder}/t.crt;", text)
        text = re.sub(r"(ssl_certificate_key\s+)\S+;", rf"\g<1>{folder}/t.key;", text)
        text = re.sub(r"(listen\s+(?:\S+:)?)(80|443|4444|8081)\b", r"\g<1>2\2", text).replace("280 ", "2080 ")
        text = text.replace("xmpp.meet.jitsi", "127.0.0.1").replace("xmpp.test", "127.0.0.1").replace("daemon off;", "")
        path.write_text(text)
    p = subprocess.run(["nginx", "-T", "-p", copy, "-c", copy / base / main.name,
                        "-g", f"pid {folder}/pid; error_log stderr;"],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return copy, p.returncode, p.stdout.decode(), p.stderr.decode()


def check(setup, folder):
    files = dict(BASE)
    setup(files)
    mains = [n for n in files if n.endswith("nginx/nginx.conf")]
    if not mains:
        return
    root = folder / "site"
    shutil.rmtree(root, ignore_errors=True)
    write(root, files)
    copy, status, out, err = run_nginx(root, root / mains[0], folder)
    if "unknown directive \"stream\"" in err:
        skip(f"{setup.__name__}: this nginx has no stream module")
        return
    ok(status == 0, f"{setup.__name__}: nginx takes it ({err.strip()[-200:] if status else ''})")
    theirs = {str(Path(m).relative_to(copy)) for m in re.findall(r"^# configuration file (\S+):$", out, re.M)
              if m.startswith(str(copy))}
    p = subprocess.run([f"{BUILD}/meetprobe", "lint", "--json", root],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    ours = {c["source"][len(str(root)) + 1:] for c in json.loads(p.stdout)["coverage"]
            if "nginx/" in c["source"] and c["state"] == "read"}
    ok(ours == theirs, f"{setup.__name__}: the files that nginx reads are read (differ: {sorted(ours ^ theirs)})")


def main():
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        skip("no nginx, or no openssl")
    else:
        with tempfile.TemporaryDirectory() as tmp:
            certificate(Path(tmp))
            for setup in SETUPS:
                check(setup, Path(tmp))
    print(f"1..{count}")


main()
