"""What the lab's tests share: TAP, commands on a VM, a run of meetprobe."""
import json
import os
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, os.environ.get("MEETPROBE_BUILD", "build"))
VMS = ("web", "xmpp", "jicofo", "jvb")
DEADLINE = 25           # seconds that one run may take


class Tap:
    """Counts and prints; the last line is the plan."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, text, why=""):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}",
              flush=True)
        if not good:
            self.failed += 1
            for line in str(why).splitlines()[:12]:
                print(f"# {line[:300]}", flush=True)
        return good

    def skip(self, text, why):
        self.count += 1
        print(f"ok {self.count} # SKIP {text}: {why}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        return int(self.failed > 0)


def run(*command, timeout=60, env=None):
    """(exit status, stdout, stderr, seconds) of a command."""
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=timeout, check=False, env=env,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as late:
        return 124, "", f"not within {late.timeout} s", timeout
    return (done.returncode, done.stdout, done.stderr,
            time.monotonic() - start)


class Lab:
    """One lab, its state below the build."""

    def __init__(self, name):
        self.path = os.path.join(BUILD, name)
        self.env = {**os.environ, "LAB": self.path, "BUILD": BUILD}

    def script(self, name, *arguments, **more):
        return run(os.path.join(HERE, name), *arguments, env=self.env,
                   **more)

    def on(self, vm, *command, **more):
        return self.script("on", vm, *command, **more)

    def fault(self, name, state):
        return self.script("fault", name, state)

    def file(self, vm, *parts):
        return os.path.join(self.path, vm, *parts)

    def up(self, tap):
        """True when it is up; else the reason has been printed."""
        self.script("lab", "down")
        status, _, errors, seconds = self.script("lab", "up")
        if status == 77:
            tap.skip("the lab", errors.strip().replace("\n", "; "))
            return False
        return tap.ok(status == 0 and seconds < 30,
                      f"the lab is up within 30 s ({seconds:.1f} s)", errors)

    def down(self):
        self.script("lab", "down")


class Report:
    """One run of meetprobe on a VM."""

    def __init__(self, lab, vm, *arguments):
        self.vm, self.arguments = vm, arguments
        self.status, self.text, self.errors, self.seconds = lab.on(
            vm, os.path.join(BUILD, "meetprobe"), "--json",
            "--deadline", str(DEADLINE), *arguments, timeout=DEADLINE + 20)
        try:
            self.json = json.loads(self.text)
        except ValueError:
            self.json = {}
        self.checks = self.json.get("checks", [])
        self.causes = self.json.get("causes", [])

    def bad(self):
        return [c for c in self.checks if c["state"] in ("fail", "unknown")
                and (c["state"] == "fail" or c.get("required"))]

    def active(self):
        return [c for c in self.causes
                if c["severity"] in ("down", "degraded")]

    def __str__(self):
        lines = [f"meetprobe {' '.join(self.arguments)} on {self.vm}: exit "
                 f"{self.status} after {self.seconds:.1f} s"]
        lines += [f"check {c['id']} {c.get('subject', '')}: {c['state']} "
                  f"{c.get('layer')} {c.get('reason')}: {c.get('summary')}"
                  for c in self.checks if c["state"] not in
                  ("pass", "not-applicable", "skipped")]
        lines += [f"cause {c['id']} {c['severity']} {c['confidence']}: "
                  f"{c.get('say')}" for c in self.causes]
        lines += self.errors.splitlines()[-6:]
        if not self.json:
            lines.append("no JSON: " + self.text[:200])
        return "\n".join(lines)
