#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A big import that is broken off in the middle: by a killed server, which goes on with it after its
start, and by the person, who gets everything back as it was; and the list that says which records
of the register a file lacks, with the step that settles them."""
import re
import sqlite3
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser  # noqa: E402
from program_server import (EMAIL, ORG, PASSWORD, Server, good, main, new_store,  # noqa: E402
                            test)

ROWS = 9000  # so many that a fast machine is still at work when the cancel comes

UNITS = "name,parent\n" + "".join(
    f"Unit {n},{f'Unit {n - 1}' if n % 7 == 0 and n else ''}\n" for n in range(ROWS))


class World:
    """A store, its server, and somebody who gave a big file and looked at what would happen."""

    def __init__(self, name="units.csv", table=UNITS):
        self.data = new_store()
        self.start()
        self.page = self.give(name, table)
        self.until(self.checked)

    def start(self):
        self.server = Server(self.data)
        self.browser = Browser(self.server.url)
        self.browser.sign_in(EMAIL, PASSWORD)

    def give(self, name, table):
        path = f"/o/{ORG}/units/import"
        form = dict(re.findall(r"name='(_csrf|_op)' value='([^']*)'", self.browser.page(path)))
        edge = "----edge"
        body = "".join(f"--{edge}\r\nContent-Disposition: form-data; name=\"{k}\"\r\n\r\n{v}\r\n"
                       for k, v in form.items())
        body += (f"--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n"
                 f"Content-Type: text/csv\r\n\r\n{table}\r\n--{edge}--\r\n")
        request = urllib.request.Request(self.server.url + path, body.encode(), headers={
            "Content-Type": f"multipart/form-data; boundary={edge}", "Origin": self.server.url})
        with self.browser.opener.open(request, timeout=60) as answer:
            return answer.url[len(self.server.url):]

    def rows(self, query):
        db = sqlite3.connect(f"file:{self.data}/cairn.db?mode=ro", uri=True, timeout=20)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def one(self, query):
        return self.rows(query)[0][0]

    def draft(self):
        return self.rows("select state, problem from import_draft")[0]

    def checked(self):
        return self.one("select state from import_draft order by id desc limit 1") == "checked"

    def until(self, fits, seconds=90):
        deadline = time.monotonic() + seconds
        while not fits():
            assert time.monotonic() < deadline, (self.draft(), self.rows("select * from job"))
            time.sleep(0.02)

    def run_until_half(self):
        status, text = self.browser.submit(self.page, "/run", mode="all")
        assert status == 200, text[:500]
        self.until(lambda: self.one("select count(*) from import_effect") >= 500)

    def end(self):
        assert self.server.stop() == 0
        good("verify", "--data", self.data)


@test("an import whose server is killed in the middle goes on after the start: each row once, all of "
      "them, one import")
def _():
    world = World()
    world.run_until_half()
    world.server.kill()
    half = world.one("select count(*) from unit")
    assert 0 < half < ROWS, half
    assert world.one("select count(*) from import_effect") == half
    world.start()
    world.until(lambda: world.draft()[0] == "done")
    assert world.rows("select state, created, changed, wrong from import") == [("done", ROWS, 0, 0)]
    assert world.one("select count(*) from unit") == ROWS
    assert world.one("select count(distinct name) from unit") == ROWS
    want = len([n for n in range(ROWS) if n % 7 == 0 and n])
    assert world.one("select count(*) from unit where parent is not null") == want
    assert "The rows are imported." in world.browser.page(world.page)
    print(f"     killed after {half} of {ROWS} rows")
    world.end()


@test("an import that is cancelled in the middle is taken back: nothing of it is left, and the page "
      "says so")
def _():
    world = World()
    world.run_until_half()
    job = world.one("select job from import_draft")
    status, text = world.browser.submit(f"/o/{ORG}/jobs/{job}", f"/jobs/{job}/cancel")
    assert status == 200, text[:500]
    world.until(lambda: world.one("select state from import") == "taken-back")
    world.until(lambda: world.one(f"select state from job where id = {job}") == "cancelled")
    assert world.one("select count(*) from unit") == 0
    page = world.browser.page(world.page)
    assert "data-poll" not in page and "taken back" in page, page[-3000:]
    world.end()


OLD = 3000


def whole_list():
    """A register of OLD units, and a file that says it is the whole list and names none of them."""
    world = World("old.csv", "name\n" + "".join(f"Old {n}\n" for n in range(OLD)))
    world.browser.submit(world.page, "/run", mode="all")
    world.until(lambda: world.rows("select state from import") == [("done",)])
    assert world.one("select count(*) from unit") == OLD
    world.page = world.give("units.csv", "name\n" + "".join(f"Unit {n}\n" for n in range(ROWS)))
    world.until(world.checked)
    status, text = world.browser.submit(world.page, world.page, complete="yes", **{"map.0": "name"})
    assert status == 200, text[:500]
    world.until(world.checked)
    assert f"{OLD} records are missing" in world.browser.page(world.page)
    return world


@test("a whole list whose server is killed in the middle tells in the end once and exactly what it "
      "lacks, and the step that settles it survives a killed server too: each record once")
def _():
    world = whole_list()
    world.browser.submit(world.page, "/run", mode="all")
    world.until(lambda: world.one("select count(*) from unit") >= OLD + 500)
    world.server.kill()
    half = world.one("select count(*) from unit") - OLD
    assert 0 < half < ROWS, half
    assert world.one("select count(*) from import_missing") == 0
    world.start()
    world.until(lambda: world.rows("select state from import where number = 2") == [("done",)])
    assert world.one("select count(*) from unit") == OLD + ROWS
    missing = ("select count(*), count(distinct m.record), sum(u.name like 'Old %')"
               " from import_missing m join unit u on u.id = m.record")
    assert world.rows(missing) == [(OLD, OLD, OLD)], world.rows(missing)
    print(f"     import killed after {half} of {ROWS} rows")

    status, text = world.browser.submit(
        f"/o/{ORG}/imports/IM-2", "/units/bulk/plan", **{
            "missing": world.one("select id from import where number = 2"),
            "do.note": 1, "note": "Given up"})
    assert status == 200, text[:500]
    step = world.one("select id from bulk_step")
    assert world.one("select count(*) from bulk_item where outcome = 'planned'") == OLD
    world.browser.submit(f"/o/{ORG}/units/bulk/{step}", "/run")
    given_up = "select count(*) from unit where note = 'Given up'"
    world.until(lambda: world.one(given_up) >= 200)
    world.server.kill()
    half = world.one(given_up)
    assert 0 < half < OLD, half
    world.start()
    world.until(lambda: world.one("select state from bulk_step") == "done")
    assert world.one(given_up) == OLD
    assert world.one("select count(*) from bulk_item where outcome = 'done'") == OLD
    assert world.rows("select min(version), max(version) from unit where name like 'Old %'") == [(2, 2)]
    print(f"     step killed after {half} of {OLD} records")
    world.end()


main("import_kill")
