# SPDX-License-Identifier: ISC
# Healthy runs with their logs cut off at the front or at the end stay
# silent: what is missing from a log that was cut is unknown, not absent.
import concurrent.futures
import os
import subprocess
import tempfile
from pathlib import Path

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
DATA = Path(os.environ.get("MEETPROBE_DATA", "../shared/data"))
PROGRAM = next(p for p in ("build/meetprobe", f"{BUILD}/meetprobe")
               if os.path.exists(p))


def healthy():
    for label in sorted(DATA.glob("*/*/cause.txt")):
        if label.read_text().strip() == "healthy":
            yield label.parent


def diagnose(job):
    run, tenths, front = job
    with tempfile.TemporaryDirectory() as folder:
        for f in run.glob("*.log"):
            lines = f.read_bytes().splitlines(keepends=True)
            n = len(lines) * tenths // 10 + 1
            cut = lines[:n] if front else lines[-n:]
            if cut:
                (Path(folder) / f.name).write_bytes(b"".join(cut))
        done = subprocess.run(
            [PROGRAM, "diagnose", "--offline", "--format", "short", folder],
            capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode(errors="replace")


jobs = [(run, tenths, front) for run in healthy() for tenths in (3, 6, 8)
        for front in (True, False)]
if not jobs:
    print("ok 1 # SKIP no labelled runs")
else:
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for job, (status, said) in zip(jobs, pool.map(diagnose, jobs)):
            if status not in (0, 3):
                bad += 1
                print(f"# {job[0].name}, {job[1]} tenths of the "
                      f"{'front' if job[2] else 'end'}: {said[:120]}")
    print(f"{'not ok' if bad else 'ok'} 1 - {len(jobs)} cut healthy runs "
          f"are silent")
print("1..1")
