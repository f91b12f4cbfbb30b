#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""How the code reads. Fails on what is banned; reports, and only reports,
functions over 80 lines, nesting over 3, files over 900 lines, and variables
of a file that can change. usage: lint.py BUILD"""
import os
import re
import subprocess
import sys

BANNED = ("atoi atol sprintf vsprintf strcpy stpcpy strcat strtok gets alloca "
          "system popen gethostbyname gethostbyaddr mktemp tmpnam "
          "pthread_create").split()
# Tests may run other programs.
TESTS_MAY = {"system", "popen"}
FUNCTION_LINES = 80
NESTING = 3
FILE_LINES = 900


def without_comments(text):
    """The text with comments, strings and characters blanked out, lines
    kept."""
    def blank(m):
        s = m.group(0)
        if s[0] == "/":
            return re.sub(r"[^\n]", " ", s)
        return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'',
                  blank, text, flags=re.S)


def banned(path, text, code):
    found = []
    words = [w for w in BANNED
             if not (path.startswith("tests/") and w in TESTS_MAY)]
    pattern = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(words))
    for n, line in enumerate(code.split("\n"), 1):
        for m in pattern.finditer(line):
            found.append("%s:%d: banned: %s" % (path, n, m.group(1)))
        m = re.search(r"\bsignal\s*\([^,]*,(?!\s*SIG_(?:IGN|DFL)\b)", line)
        if m and not path.startswith("tests/"):
            found.append("%s:%d: banned: a signal handler" % (path, n))
    if path.startswith("exporter/"):
        for n, line in enumerate(text.split("\n"), 1):
            if re.search(r'"[^"]*%[-+ #0-9.*]*[gGeE]', line):
                found.append("%s:%d: banned: %%g in metrics" % (path, n))
    return found


def layout(path, text, code):
    """What KNF asks for and clang-format cannot be told to leave alone."""
    found = []
    for n, (line, bare) in enumerate(zip(text.split("\n"),
                                         code.split("\n")), 1):
        if len(line.expandtabs(8)) > 80:
            found.append("%s:%d: %d columns" %
                         (path, n, len(line.expandtabs(8))))
        if line != line.rstrip():
            found.append("%s:%d: blanks at the end" % (path, n))
        if re.match(r" {8}", bare) and bare.strip():
            found.append("%s:%d: blanks where a tab belongs" % (path, n))
        if re.search(r"\breturn\s+[^(;\s]", bare):
            found.append("%s:%d: return without parentheses" % (path, n))
    for m in re.finditer(r"^\w[\w \t*]*[ \t*](\w+)\([^;{}()]*\)\n\{", code,
                         flags=re.M):
        found.append("%s:%d: %s does not begin its line" %
                     (path, code.count("\n", 0, m.start()) + 1, m.group(1)))
    return found


def functions(code):
    """(name, first line, length, deepest nesting) of each function: in KNF
    its braces stand at the start of a line."""
    lines = code.split("\n")
    start = None
    deepest = 0
    for n, line in enumerate(lines, 1):
        if line == "{":
            start, deepest = n, 0
        elif start and line.startswith("}"):
            name = ""
            for k in range(start - 2, max(start - 9, -1), -1):
                m = re.match(r"(\w+)\(", lines[k])
                if m:
                    name = m.group(1)
                    break
            if name:
                yield name, start, n - start + 1, deepest
            start = None
        elif start and line.strip():
            tabs = len(line) - len(line.lstrip("\t"))
            deepest = max(deepest, tabs - 1)


def variables(build):
    """Variables outside of functions that can change, by the sections that
    the compiler put them into."""
    found = []
    for d in ("agent", "probes", "exporter"):
        for top, _, names in os.walk(os.path.join(build, d)):
            for name in sorted(names):
                if not name.endswith(".o"):
                    continue
                path = os.path.join(top, name)
                out = subprocess.run(["objdump", "-t", path],
                                     capture_output=True, text=True).stdout
                for line in out.split("\n"):
                    m = re.search(r" O (\.data|\.bss|\.data\.[a-z]\S*|"
                                  r"\.bss\.\S*|\*COM\*)\t\S+ (\S+)", line)
                    if m and not m.group(1).startswith(".data.rel.ro"):
                        found.append("%s: variable of the file: %s" % (
                            os.path.relpath(path, build)[:-2] + ".c",
                            m.group(2)))
    return found


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    out = subprocess.run(["git", "ls-files", "*.c", "*.h"],
                         capture_output=True, text=True, check=True).stdout
    paths = [p for p in out.split() if not p.startswith("tests/openbsd/")
             and os.path.exists(p)]
    faults, notes, lengths = [], [], []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        code = without_comments(text)
        faults += banned(path, text, code)
        notes += layout(path, text, code)
        n = text.count("\n")
        if n > FILE_LINES:
            notes.append("%s: %d lines" % (path, n))
        if path.startswith("tests/"):
            continue
        for name, line, length, deepest in functions(code):
            lengths.append(length)
            if length > FUNCTION_LINES:
                notes.append("%s:%d: %s has %d lines" %
                             (path, line, name, length))
            if deepest > NESTING:
                notes.append("%s:%d: %s nests %d deep" %
                             (path, line, name, deepest))
    notes += variables(build)
    for line in notes + faults:
        print(line)
    lengths.sort()
    if lengths:
        print("lint: %d files, %d functions, median %d lines, 90 %% under %d, "
              "%d notes, %d banned" %
              (len(paths), len(lengths), lengths[len(lengths) // 2],
               lengths[len(lengths) * 9 // 10] + 1, len(notes), len(faults)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
