# SPDX-License-Identifier: Apache-2.0
"""The risk engine with all risks of the bench: the heat map, a change of the matrix, frozen registers
and their comparison; and the simulation of risks in money beside the same model in numpy. For
bench/run."""
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

from heavy import Api, Peak, asked

class Person:
    """Somebody with a browser: forms with the tokens of the pages that hold them."""

    def __init__(self, server, cookie):
        self.server, self.cookie = server, cookie

    def page(self, path):
        answer, body = self.server.get("/o/bench" + path, {"Cookie": self.cookie})
        if answer.status != 200:
            sys.exit(f"GET {path}: {answer.status}")
        return body.decode()

    def post(self, path, shown, **fields):
        """Sends a form that the page `shown` holds; returns the seconds until the answer."""
        token = re.search(r"name='_csrf' value='([^']+)'", shown).group(1)
        form = urllib.parse.urlencode({"_csrf": token, **fields})
        begun = time.monotonic()
        answer, body = self.server.get("/o/bench" + path, {
            "Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}, "POST", form)
        took = time.monotonic() - begun
        if answer.status != 303:
            text = re.sub(r"<[^>]+>", " ", body.decode())
            sys.exit(f"POST {path}: {answer.status} {' '.join(text.split())[:600]}")
        return took


def version_of(shown):
    return re.search(r"name='_version' value='(\d+)'", shown).group(1)


def approve(person, number):
    """The seconds that the approval of a version of the method takes."""
    path = f"/methods/M-{number}"
    shown = person.page(path)
    if number > 1:
        person.post(f"{path}/submit", shown, _version=version_of(shown))
        shown = person.page(path)
    fingerprint = re.search(r"name='hash' value='([^']+)'", shown).group(1)
    return person.post(f"{path}/approve", shown, _version=version_of(shown), hash=fingerprint,
                       outcome="approved", exception="Nobody else works on a bench")


def settled(server):
    """The seconds until all risks are on the version in use."""
    begun = time.monotonic()
    sql = ("select count(*) from risk r where r.method not in"
           " (select m.id from method m where m.state = 'approved')")
    while asked(server, sql) and time.monotonic() - begun < 600:
        time.sleep(0.2)
    return time.monotonic() - begun


def matrix(api, change):
    """A draft like the version in use with another matrix; returns its number."""
    current = [m for m in api.json("GET", "/methods?limit=200")["items"] if m["state"] == "approved"]
    whole = api.json("GET", f"/methods/{current[0]['number']}/whole")
    whole["scales"]["matrix"] = change(whole["scales"]["matrix"])
    whole["title"] = "Another matrix"
    for key in ("number", "state"):
        whole.pop(key)
    return int(api.json("POST", "/methods/whole", whole)["number"].split("-")[1])


def one_cell(m):
    return [[v + (2 if (l, i) == (3, 3) else 0) for i, v in enumerate(row)] for l, row in enumerate(m)]


def all_cells(m):
    """Impact counts more: every cell has another level than before, and rows and columns still rise."""
    return [[min(25, v + 1 + (l + i) % 2) if v < 24 else 25 - (v == 25) for i, v in enumerate(row)]
            for l, row in enumerate(m)]


def median(values):
    return sorted(values)[len(values) // 2]


def map_time(bench, engine, server, cookie, api, n):
    """The register has the heat map beside its rows; each change of a level counts it again."""
    cold, warm = [], []
    for k in range(9):
        answer, _ = api.call("PATCH", "/risks/R-1", json.dumps({"current_impact": k % 5 + 1}),
                             {"Content-Type": "application/merge-patch+json", "If-Match": "*"})
        for times in (cold, warm):
            begun = time.monotonic()
            server.get("/o/bench/risks", {"Cookie": cookie})
            times.append((time.monotonic() - begun) * 1000)
    bench.row(engine, f"heat map of {n:,} risks, after a change", "< 20 ms", f"{median(cold):.1f} ms",
              f"with the list's page around it; worst of nine {max(cold):.1f} ms; unchanged "
              f"{median(warm):.1f} ms")


def matrices(bench, engine, server, cookie, api, n):
    person = Person(server, cookie)
    for what, change in (("one cell of the matrix", one_cell), ("every cell of the matrix", all_cells)):
        number = matrix(api, change)
        before = asked(server, "select sum(score) from risk")
        with Peak(server.pid) as peak:
            took = approve(person, number)
        moved = asked(server, "select sum(score) from risk") != before
        bench.row(engine, f"{n:,} risks evaluated again, {what}", "< 2 s", f"{took:.2f} s",
                  f"{'levels moved' if moved else 'NOTHING MOVED'}, peak +{peak.mb:.0f} MB; all risks moved to the "
                  f"version with log and history {settled(server):.0f} s later")


def rounds(bench, engine, server, cookie, api, n):
    person = Person(server, cookie)
    for k in (1, 2):
        made = api.json("POST", "/assessments", {"title": f"Round {k}", "started": "2026-01-0%d" % k})
        path = f"/assessments/{made['number']}"
        shown = person.page(path)
        fields = {"_version": version_of(shown)} if "_version" in shown else {}
        with Peak(server.pid) as peak:
            took = person.post(f"{path}/close", shown, **fields)
        bench.row(engine, f"register of {n:,} risks frozen, round {k}", "-", f"{took:.1f} s",
                  f"peak +{peak.mb:.0f} MB")
        for risk in range(1, 200): # something to find
            api.call("PATCH", f"/risks/R-{risk}", json.dumps({"current_impact": risk % 5 + 1}),
                     {"Content-Type": "application/merge-patch+json", "If-Match": "*"})
    begun = time.monotonic()
    with Peak(server.pid) as peak:
        answer = api.json("GET", "/assessments/compare?older=AS-1&newer=AS-2")
    took = time.monotonic() - begun
    counts = {k: v for k, v in answer.items() if isinstance(v, int)}
    bench.row(engine, f"two registers of {n:,} compared", "< 2 s", f"{took:.2f} s",
              f"{counts or ''} peak +{peak.mb:.0f} MB")


def engine_rows(bench, engine, server, cookie, token, args):
    api = Api(server, token)
    n = asked(server, "select count(*) from risk")
    states = {m["number"]: m["state"] for m in api.json("GET", "/methods?limit=200")["items"]}
    if states.get("M-1") == "draft":
        approve(Person(server, cookie), 1)
    map_time(bench, engine, server, cookie, api, n)
    rounds(bench, engine, server, cookie, api, n)
    matrices(bench, engine, server, cookie, api, n)


# --- in money ---

NUMPY = """
import sys, time
import numpy
years, rate, low, high = int(sys.argv[1]), 0.5, 10000.0, 1000000.0
mu = (numpy.log(low) + numpy.log(high)) / 2
sigma = (numpy.log(high) - numpy.log(low)) / (2 * 1.6448536269514722)
best = 1e9
for seed in range(3):
    begun = time.perf_counter()
    rng = numpy.random.default_rng(seed)
    events = rng.poisson(rate, years)
    losses = rng.lognormal(mu, sigma, events.sum())
    annual = numpy.bincount(numpy.repeat(numpy.arange(years), events), losses, years)
    best = min(best, time.perf_counter() - begun)
print(best, annual.mean(), numpy.__version__)
"""


def numpy_seconds(years):
    """Seconds for one lognormal-Poisson risk in numpy on one processor, its mean, its version; or a
    sentence that says why there is none."""
    python = next((p for p in (sys.executable, "/usr/bin/python3") # numpy comes for Debian's own
                   if subprocess.run([p, "-c", "import numpy"], capture_output=True).returncode == 0), None)
    if not python:
        python = "/usr/bin/python3"
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        for words in (["update"], ["install", "--no-install-recommends", "python3-numpy"]):
            subprocess.run([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", *words],
                           capture_output=True, check=False)
    done = subprocess.run(["taskset", "-c", "0", python, "-c", NUMPY, str(years)],
                          capture_output=True, text=True)
    if done.returncode:
        return None, "numpy is not here and could not be installed: nothing to compare with"
    seconds, mean, version = done.stdout.split()
    return (float(seconds), float(mean)), version


def money(bench, engine, server, token, args):
    api, years = Api(server, token), 20000000
    base = ["--data", server.data] + (["--database", server.database] if server.database else [])
    api.json("POST", "/estimates", {
        "title": "Half an event a year", "risk": "R-1", "tries_least": "0.5", "tries_likely": "0.5",
        "tries_most": "0.5", "success_least": 100, "success_likely": 100, "success_most": 100,
        "shape": "range", "loss_least": "10000", "loss_most": "1000000", "rationale": "Bench",
        "trials": "50000", "seed": 1})
    rates, mean = {}, 0
    for processors in (1, os.cpu_count() or 1):
        best = 1e9
        for _ in range(3):
            done = subprocess.run([bench.BIN, "simulate", *base, "--years", str(years), "--processors",
                                   str(processors), "--format", "json"], capture_output=True, text=True)
            best = min(best, float(re.search(r"in ([\d.]+) s", done.stderr).group(1)))
            mean = json.loads(done.stdout)["mean"]
        rates[processors] = years / best / 1e6
    bench.row(engine, "one lognormal-Poisson risk, one processor", ">= 50 million/s", f"{rates[1]:.1f} million/s",
              f"{years:,} years; average year {mean:,.0f} (closed form 133,199)")
    if len(rates) > 1:
        most = max(rates)
        bench.row(engine, f"the same on {most} processors", f">= {50 * most} million/s",
                  f"{rates[most]:.1f} million/s", f"{rates[most] / most:.1f} each")
    found, version = numpy_seconds(years)
    if not found:
        bench.row(engine, "the same model in numpy", "-", "skipped", version)
        return
    rate = years / found[0] / 1e6
    bench.row(engine, "the same model in numpy, one processor", "-", f"{rate:.1f} million/s",
              f"numpy {version}; average year {found[1]:,.0f}; Cairn is {rates[1] / rate:.1f} times as fast")
