# SPDX-License-Identifier: Apache-2.0
"""The long work of lists and files: filters of every type of field over all records, exports, many
records in one step, many notifications, files of a gigabyte. For bench/run; memory is the private
memory of the server, looked at twenty times a second."""
import http.client
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import threading
import time


def private_kib(pid):
    """Memory that the process has for itself alone. Pages of the program's own file, which the system
    drops and reads again as it likes, are no part of it."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+)", text, re.M).group(1))


class Peak:
    """The most memory that a process had more than at the beginning, in MB."""

    def __init__(self, pid):
        self.pid, self.base, self.most, self.ended = pid, private_kib(pid), 0, False

    def watch(self):
        while not self.ended:
            self.most = max(self.most, private_kib(self.pid))
            time.sleep(0.05)

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        self.mb = max(0, self.most - self.base) / 1024


class Slowest:
    """The slowest of the small requests that others make meanwhile, in ms."""

    def __init__(self, server, path, cookie):
        self.server, self.path, self.cookie = server, path, cookie
        self.worst, self.count, self.ended = 0.0, 0, False

    def ask(self):
        while not self.ended:
            begun = time.monotonic()
            self.server.get(self.path, {"Cookie": self.cookie})
            self.worst = max(self.worst, (time.monotonic() - begun) * 1000)
            self.count += 1
            time.sleep(0.02)

    def __enter__(self):
        self.thread = threading.Thread(target=self.ask)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()


# Filters of every type of field, in an order that is not theirs. "usual": about what people ask.
FILTERS = [
    ("choice", "/risks?state=open&sort=title"),
    ("choices, not", "/risks?state.not=closed&sort=-review_on"),
    ("band", "/risks?band=high,critical&sort=title"),
    ("set", "/risks?properties=c&sort=-score"),
    ("set, all of", "/risks?properties.all=c,i&sort=-score"),
    ("person", "/risks?owner=P-1&sort=title"),
    ("person, empty", "/risks?owner=none&sort=title"),
    ("level from to", "/risks?score.min=8&score.max=12&sort=title"),
    ("day from to", "/risks?review_on.min=2027-01-01&review_on.max=2027-03-31&sort=-score"),
    ("day in words", "/risks?review_on=next-90-days&sort=title"),
    ("day, empty", "/risks?review_on=none&sort=-score"),
    ("text, common", "/risks?title.has=laptop&sort=-score"),
    ("text, rare", "/risks?title.has=zanzibar&sort=-score"),
    ("long text", "/risks?description.has=when+the+wiki&sort=title"),
    ("long text, empty", "/risks?description.empty=yes&sort=title"),
    ("references", "/risks?assets=A-1&sort=title"),
    ("references, empty", "/risks?assets=none&sort=-score"),
    ("mine", "/risks?mine=1&sort=-review_on"),
    ("code", "/risks?threat=none&sort=title"),
    ("three at once", "/risks?state=open&score.min=10&title.has=cloud&sort=review_on"),
    ("grouped", "/risks?group=state&sort=title"),
    ("yes or no", "/assets?personal_data=0&sort=-name"),
    ("catalogue code", "/assets?type=server&sort=name"),
]


def lists(bench, engine, server, cookie, args):
    for name, path in FILTERS:
        times, status, address = [], 200, "/o/bench" + path
        for page in range(10):
            begun = time.monotonic()
            answer, body = server.get(address, {"Cookie": cookie})
            times.append((time.monotonic() - begun) * 1000)
            status = max(status, answer.status)
            more = re.search(r"rel='next' href='([^']+)'", body.decode())
            address = more.group(1).replace("&amp;", "&") if more else "/o/bench" + path
        times.sort()
        note = f"slowest of ten pages {times[-1]:.0f} ms" + ("" if status == 200 else f", status {status}")
        bench.row(engine, f"list by {name}", "< 100 ms", f"{times[len(times) // 2]:.1f} ms", note)


def exports(bench, engine, server, cookie, args):
    for kind in ("csv", "json", "xlsx", "pdf"):
        begun = time.monotonic()
        with Peak(server.pid) as peak:
            answer, body = server.get(f"/o/bench/risks/export?format={kind}&fields=shown", {"Cookie": cookie})
        took = time.monotonic() - begun
        bench.row(engine, f"export of {args.risks:,} risks as {kind.upper()}", "peak +64 MB", f"{took:.1f} s",
                  f"status {answer.status}, {len(body) / 2**20:.1f} MB, peak +{peak.mb:.0f} MB")
    # A client that goes away: the server must be idle again soon.
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    link.request("GET", "/o/bench/risks/export?format=pdf", headers={"Cookie": cookie})
    time.sleep(1)
    link.close()
    link.sock and link.sock.close()
    begun = time.monotonic()
    busy = bench.cpu_seconds(server.pid)
    while time.monotonic() - begun < 60:
        time.sleep(0.5)
        now = bench.cpu_seconds(server.pid)
        if now - busy < 0.05:
            break
        busy = now
    bench.row(engine, "work goes on after a client has gone", "< 2 s", f"{time.monotonic() - begun:.1f} s")


class Api:
    def __init__(self, server, token):
        self.server, self.token = server, token

    def call(self, method, path, body=None, headers=None):
        head = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            head.setdefault("Content-Type", "application/json")
        return self.server.get("/api/v1" + path, head, method, body)

    def json(self, method, path, value=None):
        answer, body = self.call(method, path, json.dumps(value) if value is not None else None)
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {body.decode()[:400]}")
        return json.loads(body)


def wait_for(api, path, state):
    while True:
        step = api.json("GET", path)
        if step["state"] == state:
            return step
        time.sleep(0.2)


def bulk(bench, engine, server, cookie, token, args):
    api = Api(server, token)
    begun = time.monotonic()
    with Peak(server.pid) as peak:
        step = api.json("POST", "/risks/bulk", {"filter": "description.has=of+the+sample",
                                                "set": {"rationale": "Looked at again"}})
    path = f"/risks/bulk/{step['id']}"
    bench.row(engine, f"plan a change of {step['ready']:,} risks", "-", f"{time.monotonic() - begun:.1f} s",
              f"peak +{peak.mb:.0f} MB")
    for verb, state in (("run", "done"), ("undo", "undone")):
        begun = time.monotonic()
        with Peak(server.pid) as peak, Slowest(server, "/o/bench/risks/R-500", cookie) as others:
            api.json("POST", f"{path}/{verb}", {})
            step = wait_for(api, path, state)
        took = time.monotonic() - begun
        bench.row(engine, f"{verb} of {step[state]:,} risks in one step", "60 s per 10,000", f"{took:.1f} s",
                  f"{step[state] / took:,.0f}/s, {step['refused'] + step['kept']} left, peak +{peak.mb:.0f} MB, "
                  f"slowest page beside it {others.worst:.0f} ms of {others.count}")


def asked(server, sql):
    """The only number of a query's only row, beside the server."""
    if server.database:
        done = subprocess.run(["psql", "-qtA", server.database, "-c", sql],
                              capture_output=True, text=True, check=True)
        return int(done.stdout)
    link = sqlite3.connect(f"file:{server.data}/cairn.db?mode=ro", uri=True)
    try:
        return link.execute(sql).fetchone()[0]
    finally:
        link.close()


def settle(server):
    """Waits until the search index has all records."""
    last, same = -1, 0
    while same < 3:
        now = asked(server, "select count(*) from search_doc")
        same = same + 1 if now == last else 0
        last = now
        time.sleep(1)


def untold(server):
    """Entries of the log about which nobody has been told yet."""
    return asked(server, "select coalesce(sum(f.n - 1 - cast(s.value as bigint)), 0) from audit_frontier f"
                         " join notice_state s on s.org_id = f.org_id and s.name = 'assigned'")


def notices(bench, engine, server, folder, cookie, args):
    n = args.notices
    base = ["--data", server.data] + (["--database", server.database] if server.database else [])
    begun, behind = time.monotonic(), untold(server)
    while untold(server) and time.monotonic() - begun < 600:
        time.sleep(0.5)
    bench.row(engine, f"{behind:,} entries of the log still to be told", "-",
              f"{time.monotonic() - begun:.0f} s", "until all were told")
    with open(folder / "tasks.csv", "w") as f:
        f.write("title,assignee,due\n")
        for i in range(n):
            f.write(f"Compare accounts {i},bench@cairn.test,2027-06-{i % 28 + 1:02}\n")
    before = asked(server, "select count(*) from notice")
    bench.cairn("import", "tasks", str(folder / "tasks.csv"), *base)
    begun = time.monotonic()
    with Peak(server.pid) as peak, Slowest(server, "/o/bench/notices", cookie) as others:
        while untold(server) and time.monotonic() - begun < 600:
            time.sleep(0.2)
    took = time.monotonic() - begun
    bench.row(engine, f"{n:,} tasks told to whom they were given", "60 s per 10,000", f"{took:.1f} s",
              f"in {asked(server, 'select count(*) from notice') - before:,} notices, peak +{peak.mb:.0f} MB, "
              f"slowest inbox beside it {others.worst:.0f} ms of {others.count}")


def send(server, token, path, size):
    """PATCH of `size` bytes that are made on the way."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    link.putrequest("PATCH", path)
    for name, value in (("Authorization", f"Bearer {token}"), ("Content-Type", "application/partial-upload"),
                        ("Upload-Offset", "0"), ("Content-Length", str(size))):
        link.putheader(name, value)
    link.endheaders()
    piece = os.urandom(1 << 20)
    left = size
    while left > 0:
        link.send(piece[:min(left, len(piece))])
        left -= len(piece)
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer.status


def receive(server, token, path):
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    link.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = link.getresponse()
    got = 0
    while piece := answer.read(1 << 20):
        got += len(piece)
    link.close()
    return answer.status, got


def files(bench, engine, server, token, args):
    api, size = Api(server, token), args.file_mb << 20
    begun = time.monotonic()
    with Peak(server.pid) as peak:
        upload = api.json("POST", "/uploads", {"filename": "big.bin", "size": size})
        status = send(server, token, f"/api/v1/uploads/{upload['id']}", size)
    took = time.monotonic() - begun
    bench.row(engine, f"upload of {args.file_mb:,} MB", "peak +16 MB", f"{took:.1f} s",
              f"{args.file_mb / took:,.0f} MB/s, status {status}, peak +{peak.mb:.0f} MB")
    begun = time.monotonic()
    with Peak(server.pid) as peak:
        made = api.json("POST", "/evidence", {"title": "A big file", "upload": upload["id"]})
    bench.row(engine, "keeping it (hash, type)", "peak +16 MB", f"{time.monotonic() - begun:.1f} s",
              f"peak +{peak.mb:.0f} MB")
    begun = time.monotonic()
    with Peak(server.pid) as peak:
        status, got = receive(server, token, f"/api/v1/evidence/{made['number']}/content")
    took = time.monotonic() - begun
    bench.row(engine, f"download of {got >> 20:,} MB", "peak +16 MB", f"{took:.1f} s",
              f"{(got >> 20) / took:,.0f} MB/s, status {status}, peak +{peak.mb:.0f} MB")
