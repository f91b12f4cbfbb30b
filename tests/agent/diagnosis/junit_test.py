# SPDX-License-Identifier: ISC
# The JUnit report against what both common schemas (the Ant task's
# JUnit.xsd and Jenkins' junit-10.xsd) allow: elements in their order, their
# attributes with their types, and counts that add up. Would catch an
# attribute or element that makes a CI server refuse the file.
import os
import re
import subprocess
import xml.etree.ElementTree as ET

BUILD = os.environ.get("MEETPROBE_BUILD", "build")
PROGRAM = f"{BUILD}/tests/agent/diagnosis/report_test"
NUMBER = r"\d+"
DECIMAL = r"\d+(\.\d+)?"
ANY = r"(?s).*"
SOME = r"(?s).+"
SUITE = {
    "name": SOME, "package": SOME, "id": NUMBER, "hostname": SOME,
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "tests": NUMBER,
    "failures": NUMBER, "errors": NUMBER, "skipped": NUMBER, "time": DECIMAL,
}
CASE = {"name": SOME, "classname": SOME, "time": DECIMAL}
OUTCOME = {
    "failure": {"type": SOME, "message": ANY},
    "error": {"type": SOME, "message": ANY},
    "skipped": {"message": ANY},
}
count = 0


def check(ok, text):
    global count
    count += 1
    print(f"{'ok' if ok else 'not ok'} {count} - {text}")


def fits(element, rules):
    return set(element.attrib) == set(rules) and all(
        re.fullmatch(rule, element.attrib[name])
        for name, rule in rules.items())


def suite(s):
    name = s.get("name")
    check(fits(s, SUITE), f"suite {name}: attributes")
    tags = [e.tag for e in s]
    check(tags[0] == "properties" and tags[-2:] == ["system-out",
          "system-err"] and set(tags[1:-2]) <= {"testcase"},
          f"suite {name}: elements in order")
    cases = s.findall("testcase")
    check(all(fits(c, CASE) for c in cases), f"suite {name}: test cases")
    found = {"failure": 0, "error": 0, "skipped": 0}
    good = True
    for c in cases:
        good = good and len(c) <= 1
        for o in c:
            good = good and o.tag in OUTCOME and fits(o, OUTCOME[o.tag])
            found[o.tag] += 1
    check(good, f"suite {name}: at most one outcome, with its attributes")
    check((len(cases), found["failure"], found["error"], found["skipped"]) ==
          tuple(int(s.get(k)) for k in ("tests", "failures", "errors",
                                        "skipped")),
          f"suite {name}: the counts add up")


text = subprocess.run([PROGRAM, "junit"], capture_output=True,
                      check=True).stdout
root = ET.fromstring(text)
check(root.tag == "testsuites" and not root.attrib and
      all(e.tag == "testsuite" for e in root), "testsuites holds testsuite")
check(len(root) == 2, "a suite for the group, one for the causes")
for s in root:
    suite(s)
print(f"1..{count}")
