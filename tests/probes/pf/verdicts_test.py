#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Verdicts of `pf eval`, as JSON and as text, against tests/golden/pf/
verdicts.txt, where each is worked out by hand; then what the command does
with flows files that are odd or wrong. Would catch: a rule that matches or
does not against pf(4), a wrong line, number, translation or state, and a
column of the two forms that differs."""
import json
import os
import re
import subprocess
import tempfile

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
MEETPROBE = os.path.abspath(os.path.join(BUILD, "meetprobe"))
CASES = "tests/golden/pf/verdicts.txt"
COLUMNS = "id dir if proto src sport dst dport opts".split()
RESULT = "verdict line nr how log rdst rsrc".split()
count = 0


def check(good, what, why=""):
    global count
    count += 1
    print("%s %d - %s" % ("ok" if good else "not ok", count, what))
    if not good:
        for line in str(why).splitlines():
            print("# " + line)


def read_cases():
    """The environments by name, and (name, environment, files) of each case;
    the lines after `--` are the file ""."""
    envs, cases, part = {}, [], None
    for line in open(CASES, encoding="utf-8"):
        words = line.split()
        if line.startswith("=env "):
            part = envs.setdefault(words[1], [])
        elif line.startswith("== "):
            part = []
            cases.append((words[1], words[2], {"pf.conf": part}))
        elif line.startswith("=file "):
            part = cases[-1][2].setdefault(words[1], [])
        elif line == "--\n":
            part = cases[-1][2].setdefault("", [])
        elif part is not None:
            part.append(line)
    return envs, cases


def run(folder, *options, stdin=None):
    return subprocess.run([MEETPROBE, "pf", "eval", "--env", "env", "-f",
                           "pf.conf", *options], cwd=folder, input=stdin,
                          capture_output=True, text=True, timeout=60,
                          check=False)


def text_of(value):
    return {None: "-", True: "y", False: "n"}.get(value, str(value)) \
        if value is None or isinstance(value, bool) else str(value)


def check_refused(name, folder, rows):
    r = run(folder)
    got = re.findall(r"^(?:pf\.conf:)?([^:\s]+(?::\d+)?):", r.stderr, re.M)
    check(r.returncode == 2 and not r.stdout and got == [w[1] for w in rows],
          name, r.stderr)


def check_verdicts(name, folder, rows):
    with open(folder + "/flows", "w", encoding="utf-8") as f:
        f.write("\t".join(COLUMNS) + "\n")
        f.writelines("\t".join(row[:9]) + "\n" for row in rows)
    want = [[row[0]] + row[9:] for row in rows]
    r = run(folder, "--flows", "flows", "--json")
    try:
        got = [[o["id"]] + [text_of(o[k]) for k in RESULT]
               for o in json.loads(r.stdout)]
    except ValueError:
        got = [[r.stderr]]
    wrong = ["want %s\n got %s" % (" ".join(w), " ".join(g))
             for w, g in zip(want, got + [[]] * len(want)) if w != g]
    check(not wrong, name, "\n".join(wrong))
    text = [line.split("\t") for line in
            run(folder, "--flows", "flows").stdout.splitlines()[1:]]
    check(text == got, name + ": text and JSON agree", text)


def check_case(envs, name, env, files):
    rows = [line.split() for line in files.pop("")]
    files["env"] = envs[env]
    with tempfile.TemporaryDirectory() as folder:
        for file, lines in files.items():
            with open(os.path.join(folder, file), "w",
                      encoding="utf-8") as f:
                f.writelines(lines)
        if rows and rows[0][0] == "!":
            check_refused(name, folder, rows)
        else:
            check_verdicts(name, folder, rows)


def check_flows_files(envs):
    """Flows files as people and programs write them, and wrong ones."""
    good = ("# by hand\r\n\r\nverdict\tid\tdport\tdst\tsport\tsrc\tproto\tif"
            "\tdir\r\n# next\r\n-\ta\t80\t1.1.1.1\t9\t2.2.2.2\t6\tem0\tin\r\n")
    head = "\t".join(COLUMNS) + "\n"
    row = "a\tin\tem0\ttcp\t2.2.2.2\t9\t1.1.1.1\t80\t-\n"
    bad = (
        ("an id used twice", head + row + row, [3]),
        ("after an unknown id", head + row.replace("-", "after=z"), [2]),
        ("after itself", head + row.replace("-", "after=a"), [2]),
        ("after each other", head + row.replace("-", "after=b") +
         row.replace("a\t", "b\t", 1).replace("-", "after=a"), [2, 3]),
        ("each wrong value", head + row + "b\tup\tem9\tfoo\t2.2\t-\t1.1.1.1"
         "\t99999\tx=1\n", [3] * 7),
        ("families that differ", head + row.replace("1.1.1.1", "::1"), [2]),
        ("a missing column", head.replace("sport\t", "") + row, [1]),
        ("a short row", head + "a\tin\tem0\n", [2]),
        ("an unknown flag", head + row.replace("-", "flags=SX"), [2]),
    )
    with tempfile.TemporaryDirectory() as folder:
        for file, lines in (("env", envs["router"]), ("pf.conf", "block\n")):
            with open(folder + "/" + file, "w", encoding="utf-8") as f:
                f.writelines(lines)
        r = run(folder, "--flows", "-", "--json", stdin=good)
        check(r.returncode == 0 and json.loads(r.stdout) == [{
            "id": "a", "verdict": "block", "line": 1, "nr": "0",
            "how": "drop", "log": False, "rdst": None, "rsrc": None}],
            "standard input, CR LF, comments, columns in any order", r)
        r = run(folder, "--flows", "-", "--json", stdin="# nothing\n")
        check(r.returncode == 0 and json.loads(r.stdout) == [],
              "a flows file without flows", r)
        r = run(folder, "--flows", "-", "--json", stdin=head +
                "a\tin\tem0\tudp\tfe80::1%em0\t*\tfe80::a\tdomain\t-\n")
        check(r.returncode == 0 and len(json.loads(r.stdout)) == 1,
              "a scope, a port that pf chose, a service", r)
        with open(folder + "/pf.conf", "w", encoding="utf-8") as f:
            f.write("block\npass in proto tcp to port 80\n")
        r = run(folder, "--flows", "-", "--json", stdin=head +
                "b\tout\tem0\ttcp\t1.1.1.1\t80\t2.2.2.2\t9\tflags=SA,after=a"
                "\n" + row)
        check(r.returncode == 0 and [o["how"] for o in
              json.loads(r.stdout)] == ["state", "rule"],
              "after a flow that stands below", r)
        for what, text, lines in bad:
            r = run(folder, "--flows", "-", stdin=text)
            got = [int(n) for n in re.findall(r"^-:(\d+): ", r.stderr, re.M)]
            check(r.returncode == 2 and not r.stdout and got == lines,
                  "refused: " + what, r.stderr)


def main():
    envs, cases = read_cases()
    for name, env, files in cases:
        check_case(envs, name, env, files)
    check_flows_files(envs)
    print("1..%d" % count)


main()
