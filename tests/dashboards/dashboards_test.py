#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Dashboards, rules and examples: what they ask for exists. Would catch: a
metric or label that the registry does not have, a rule that does not parse or
does not fire, an example that its program refuses."""
import json
import re
import shutil
import subprocess
import sys

TARGET_LABELS = {"site", "host", "role", "job", "instance"}
KEYWORDS = set("""by without on ignoring group_left group_right bool and or
unless offset sum avg min max count rate increase histogram_quantile time
label_values le""".split())
tests = []


def told(good, text, detail=""):
    tests.append(bool(good))
    print("%s %d - %s" % ("ok" if good else "not ok", len(tests), text))
    if not good and detail:
        for line in str(detail).split("\n")[:20]:
            print("# " + line)


def registry():
    """{name: (type, labels)} of exporter/metrics.c, samples of histograms
    included."""
    with open("exporter/metrics.c", encoding="utf-8") as f:
        text = f.read()
    table = text[text.index("metric_table[METRIC_COUNT] = {"):]
    table = table[:table.index("\n};")]
    found = {}
    for entry in re.split(r"\n\t\[METRIC_", table)[1:]:
        name = re.search(r'"((?:meetprobe|process)_\w+)"', entry).group(1)
        kind = re.search(r"METRIC_(GAUGE|COUNTER|HISTOGRAM)", entry).group(1)
        labels = re.search(r"\{ ((?:\"\w+\"(?:, )?)+|NULL) \}", entry)
        labels = set(re.findall(r'"(\w+)"', labels.group(1)))
        if kind == "HISTOGRAM":
            found[name + "_bucket"] = (kind, labels | {"le"})
            found[name + "_sum"] = found[name + "_count"] = (kind, labels)
        else:
            found[name] = (kind, labels)
    return found


def names_of(expr):
    """Metrics and recorded series that an expression names."""
    bare = re.sub(r'"(?:\\.|[^"\\])*"', '""', expr)
    return set(re.findall(r"\b((?:meetprobe|process)_\w+|"
                          r"site:[a-z0-9_]+:[a-z0-9_]+)\b", bare))


def selectors(expr):
    for m in re.finditer(r"\b((?:meetprobe|process)_\w+)\{([^}]*)\}", expr):
        yield m.group(1), set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)",
                                         m.group(2)))


def expressions():
    """(where, expression) of all files."""
    with open("dashboards/grafana/site.json", encoding="utf-8") as f:
        board = json.load(f)
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield "panel " + panel["title"], target["expr"]
    for item in board["annotations"]["list"]:
        yield "annotation", item["expr"]
    for item in board["templating"]["list"]:
        if "definition" in item:
            yield "variable", item["definition"]
    for name in ("rules", "alerts"):
        with open("dashboards/prometheus/%s.yml" % name,
                  encoding="utf-8") as f:
            text = f.read()
        for m in re.finditer(r"\n +expr: (>-\n(?: {10}.*\n)+|.*\n)", text):
            yield name, " ".join(m.group(1).replace(">-\n", "").split())


def recorded():
    with open("dashboards/prometheus/rules.yml", encoding="utf-8") as f:
        return dict(re.findall(r"- record: (\S+)\n +expr: "
                               r"(>-\n(?: {10}.*\n)+|.*\n)", f.read()))


def run(tool, *args, cwd="dashboards/prometheus"):
    if shutil.which(tool) is None:
        tests.append(True)
        print("ok %d # SKIP no %s here" % (len(tests), tool))
        return
    r = subprocess.run([tool, *args], cwd=cwd, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       check=False)
    told(r.returncode == 0, "%s %s" % (tool, " ".join(args)), r.stdout)


def main():
    table, rules = registry(), recorded()
    told(len(table) > 40, "the registry has %d sample names" % len(table))
    told("meetprobe_probe_success" in table and
         table["meetprobe_probe_success"][1] == {"probe", "subject"},
         "and its labels are read")
    used, bad, labels = set(), [], []
    count = 0
    for where, expr in expressions():
        count += 1
        for name in names_of(expr):
            used.add(name)
            if name not in table and name not in rules:
                bad.append("%s: %s" % (where, name))
        for name, asked in selectors(expr):
            have = table.get(name, ("", set()))[1] | TARGET_LABELS
            if not asked <= have:
                labels.append("%s: %s{%s}" % (where, name,
                                              ", ".join(asked - have)))
    told(count > 40 and not bad, "what %d expressions ask for exists" % count,
         "\n".join(bad))
    told(not labels, "and has the labels that they ask by",
         "\n".join(labels))
    unused = sorted(set(rules) - used)
    told(not unused, "every recorded series is used", unused)
    told(all(re.search(r"\bby \((?=[^)]*site)", e) or "site:" in e
             for e in rules.values()),
         "every recorded series is kept by site")
    told(not any(w in e for e in rules.values()
                 for w in ("subject", "cause,", "(cause", "signal")),
         "and by nothing whose values grow")
    with open("dashboards/prometheus/alerts.yml", encoding="utf-8") as f:
        alerts = re.findall(r"- alert: (\w+)", f.read())
    with open("dashboards/prometheus/rules_test.yml", encoding="utf-8") as f:
        tried = set(re.findall(r"alertname: (\w+)", f.read()))
    told(set(alerts) == tried, "every alert has a unit test",
         sorted(set(alerts) ^ tried))
    # The judge itself can fail.
    told(names_of('rate(meetprobe_nonsense_total[5m]) > "meetprobe_x"') ==
         {"meetprobe_nonsense_total"} and
         "meetprobe_nonsense_total" not in table, "a made-up name is seen")
    run("promtool", "check", "rules", "rules.yml", "alerts.yml")
    run("promtool", "test", "rules", "rules_test.yml")
    run("promtool", "check", "config", "prometheus.yml")
    run("amtool", "check-config", "alertmanager.yml",
        cwd="dashboards/alertmanager")
    print("1..%d" % len(tests))
    return 0 if all(tests) else 1


if __name__ == "__main__":
    sys.exit(main())
