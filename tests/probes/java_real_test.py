#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Against the JDKs of this machine. Would catch: the wrong Java told of a
running process, a trust store of the command line overlooked, an option told
as refused that Java takes (or the reverse), and the JVM's own words on classes
that are too new and on a crash not understood."""
import glob, json, os, re, signal, subprocess, tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
SOURCE = """public class Wait {
    public static void main(String[] a) throws Exception {
        System.out.println("ready");
        Thread.sleep(Long.parseLong(a[0]));
    }
}
"""
# Options that some Java refuses (probes/config/rules/java.c).
OPTIONS = ["-XX:+UseConcMarkSweepGC", "-XX:+UseParNewGC", "-XX:+CMSIncrementalMode",
           "-XX:+CMSClassUnloadingEnabled", "-XX:CMSInitiatingOccupancyFraction=70",
           "-XX:MaxPermSize=64m", "-XX:+AggressiveOpts", "-XX:+UseParallelOldGC",
           "-XX:+UseBiasedLocking", "-XX:+PrintGCDateStamps", "-XX:+PrintGCTimeStamps",
           "-XX:+UseGCLogFileRotation", "-XX:+UseG1GC"]
count = 0


def ok(condition, text):
    global count
    count += 1
    print(f"{'ok' if condition else 'not ok'} {count} - {text}")


def skip(text):
    global count
    count += 1
    print(f"ok {count} # SKIP {text}")


def jdks():
    """Home -> version, each once."""
    found = {}
    for java in glob.glob("/usr/lib/jvm/*/bin/java") + glob.glob("/usr/local/jdk-*/bin/java"):
        home = os.path.dirname(os.path.dirname(os.path.realpath(java)))
        release = Path(home) / "release"
        m = re.search(r'JAVA_VERSION="([^"]+)"', release.read_text()) if release.exists() else None
        if m and os.path.exists(f"{home}/bin/javac"):
            found[home] = m.group(1)
    return found


def meetprobe(*args):
    p = subprocess.run([f"{BUILD}/meetprobe", *map(str, args)], timeout=60,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return p.stdout


def causes(log):
    out = meetprobe("--json", "diagnose", "--offline", "--log", f"jvb={log}")
    return json.loads(out)["causes"]


def facts_of(text):
    return re.sub(r"\s+", " ", text)


def others():
    """Does something that looks like jicofo run here already?"""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = Path(path).read_bytes()
        except OSError:
            continue
        if b"java" in words.split(b"\0")[0] and b"jicofo" in words:
            return True
    return False


def running(home, version, tmp):
    """A process that looks like jicofo, run by this JDK."""
    if others():
        skip(f"Java {version}: a jicofo runs on this machine")
        return
    store = tmp / "store.jks"
    for told in (False, True):
        extra = [f"-Djavax.net.ssl.trustStore={store}"] if told else []
        p = subprocess.Popen([f"{home}/bin/java", *extra, "-cp", str(tmp / "classes"),
                              "Wait", "60000", "org.jitsi.jicofo.Main"],
                             stdout=subprocess.PIPE, text=True)
        try:
            p.stdout.readline()
            text = facts_of(meetprobe("probe", "host.versions", "jicofo"))
        finally:
            p.kill()
            p.wait()
        ok(f"jicofo runs Java {version} " in text and f" at {home}" in text,
           f"Java {version} is told of a running process")
        ok((f"trust store {store} (-Djavax.net.ssl.trustStore)" in text) == told and
           ("it was told none" in text) != told,
           f"Java {version}: the trust store, {'told' if told else 'not told'}")


def options(home, version, tmp):
    for option in OPTIONS:
        p = subprocess.run([f"{home}/bin/java", option, "-version"], timeout=60,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        (tmp / "jvb.in.sh").write_text(f'JAVA_HOME={home}\nJAVA_SYS_PROPS="{option}"\n')
        out = json.loads(meetprobe("--json", "lint", tmp / "jvb.in.sh"))
        told = [f for f in out["findings"] if f["id"] == "jvm-option-not-supported"]
        ok((p.returncode != 0) == bool(told),
           f"Java {version} {'refuses' if p.returncode else 'takes'} {option}")
        if p.returncode != 0:
            log = tmp / "option.log"
            log.write_text(p.stdout)
            ids = [c["id"] for c in causes(log)]
            ok(ids[:1] == ["jvm-option-not-supported"],
               f"and its words on {option} are understood")


def too_new(newest, oldest, tmp):
    classes = tmp / "new"
    subprocess.run([f"{newest}/bin/javac", "-d", classes, tmp / "Wait.java"], check=True)
    p = subprocess.run([f"{oldest}/bin/java", "-cp", classes, "Wait", "0"], timeout=60,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log = tmp / "class.log"
    log.write_text(p.stdout)
    found = causes(log)
    numbers = re.findall(r"version (\d+)\.0", p.stdout) + re.findall(r"up to (\d+)\.0", p.stdout)
    ok(found and found[0]["id"] == "jdk-too-old", "a class that is too new is told")
    ok(found and len(numbers) == 2 and all(n in found[0]["say"] for n in numbers),
       f"with both versions {numbers}")


def crash(home, version, tmp):
    p = subprocess.Popen([f"{home}/bin/java", "-XX:-CreateCoredumpOnCrash",
                          f"-XX:ErrorFile={tmp}/hs_err", "-cp", str(tmp / "classes"),
                          "Wait", "60000"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    p.stdout.readline()
    p.send_signal(signal.SIGSEGV)
    text = p.communicate(timeout=60)[0]
    log = tmp / "crash.log"
    log.write_text(text)
    found = causes(log)
    ok(found and found[0]["id"] == "java-crashed", f"a crash of Java {version} is told")
    line = next((x for x in text.splitlines() if "JRE version:" in x), "")
    said = meetprobe("explain", "--line", line)
    ok("java-names-itself" in said and version in said,
       f"its report names the version: {line}")


def main(tmp):
    found = jdks()
    if not found:
        print("ok 1 # SKIP no JDK with javac on this machine")
        return
    order = sorted(found, key=lambda h: int(found[h].split(".")[0]))
    (tmp / "Wait.java").write_text(SOURCE)
    subprocess.run([f"{order[0]}/bin/javac", "-d", tmp / "classes", tmp / "Wait.java"], check=True)
    for home in order:
        running(home, found[home], tmp)
        options(home, found[home], tmp)
        crash(home, found[home], tmp)
    if len(order) > 1:
        too_new(order[-1], order[0], tmp)


with tempfile.TemporaryDirectory() as t:
    main(Path(t))
print(f"1..{max(count, 1)}")
