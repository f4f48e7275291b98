#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that is killed in the middle of each kind of long work that mail.py, webhooks.py and
import_kill.py do not kill: a hand-over, taking it back, the reminders of a day, a report. After the
start it goes on, each record once."""
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import sqlite3
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser, Forms, engines  # noqa: E402
from program_server import (EMAIL, ORG, PASSWORD, Server, good, main, new_database,  # noqa: E402
                            new_path, sql, test)

TASKS = 4000
NOON = 86400 - int(time.time()) % 86400 + 12 * 3600  # to noon of tomorrow, UTC: the day's reminders


class World:
    """A person with very much work that was due, and two colleagues."""

    def __init__(self, engine):
        self.database = new_database() if engine == "postgresql" else None
        self.words = ["--database", self.database] if self.database else []
        self.data = new_path()
        self.command("init", "--admin", EMAIL, "--password-stdin", "--name", "Acme", "--zone", "UTC",
                     stdin=PASSWORD + "\n")
        people = "name,state\nLee Over,active\nNia Next,active\n"
        self.command("import", "people", "-", stdin=people)
        day = time.strftime("%Y-%m-%d", time.gmtime())
        tasks = "".join(f"Look at place {n},P-2,{day}\n" for n in range(TASKS))
        self.command("import", "tasks", "-", stdin="title,assignee,due\n" + tasks)
        self.lee, self.nia = (self.one(f"select id from person where name = '{n}'")
                              for n in ("Lee Over", "Nia Next"))
        self.server = None

    def command(self, *words, stdin=""):
        if words[0] == "init":
            return good("init", "--data", self.data, *self.words, *words[1:], stdin=stdin)
        return good(*words, "--data", self.data, *self.words, stdin=stdin)

    def start(self, env=None):
        self.server = Server(self.data, *self.words, env=env)
        self.browser = Browser(self.server.url)
        self.browser.sign_in(EMAIL, PASSWORD)

    def rows(self, query):
        if self.database:
            out = sql(self.database, query)
            return [tuple(int(v) if v.lstrip("-").isdigit() else v for v in line.split("|"))
                    for line in out.split("\n")] if out else []
        db = sqlite3.connect(f"file:{self.data}/cairn.db?mode=ro", uri=True, timeout=20)
        try:
            return db.execute(query).fetchall()
        finally:
            db.close()

    def one(self, query):
        return self.rows(query)[0][0]

    def until(self, fits, seconds=120):
        end = time.monotonic() + seconds
        while not fits():
            assert time.monotonic() < end, self.rows("select kind, state, failures, error from job")
            time.sleep(0.02)

    def post(self, path, fields):
        request = urllib.request.Request(self.server.url + path, urllib.parse.urlencode(fields)
                                         .encode(), headers={"Origin": self.server.url})
        try:
            with self.browser.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode(errors="replace")

    def hand_over(self):
        """All work of Lee goes to Nia, as a person does it: choose, look at it, do it."""
        page = f"/o/{ORG}/people/P-2/handover"
        status, text = self.browser.submit(page, "/preview", reason="Lee leaves",
                                           **{"task.assignee": "P-3"})
        assert status == 200, text[:800]
        form = [f for f in Forms(text).forms if f["action"] == page][0]
        status, text = self.post(page, form["fields"])
        assert status == 200, text[:800]

    def tasks_of(self, person):
        return self.one(f"select count(*) from task where assignee = {person}")

    def end(self):
        assert self.server.stop() == 0
        self.command("verify")


def both(sentence, function):
    for engine in engines():
        test(f"{sentence} ({engine})")(lambda engine=engine: function(World(engine)))


def handover_is_killed(world):
    world.start()
    world.hand_over()
    world.until(lambda: world.tasks_of(world.nia) >= 300)
    world.server.kill()
    half = world.tasks_of(world.nia)
    assert 0 < half < TASKS, half
    world.start()
    world.until(lambda: world.tasks_of(world.nia) == TASKS)
    assert world.rows("select min(version), max(version) from task") == [(2, 2)]
    print(f"     handed over: killed after {half} of {TASKS}")

    world.until(lambda: world.one("select count(*) from job where kind = 'task.handover'"
                                  " and state in ('ready', 'running')") == 0)
    status, text = world.browser.submit(f"/o/{ORG}/handovers/HO-1", "/undo")
    assert status == 200, text[:800]
    world.until(lambda: world.tasks_of(world.lee) >= 300)
    world.server.kill()
    half = world.tasks_of(world.lee)
    assert 0 < half < TASKS, half
    world.start()
    world.until(lambda: world.tasks_of(world.lee) == TASKS)
    assert world.rows("select min(version), max(version) from task") == [(3, 3)]
    print(f"     taken back: killed after {half} of {TASKS}")
    world.end()


def reminders_are_killed(world):
    count = "select count(*) from notice where cause like 'remind:task-late:%'"
    world.start({"CAIRN_CLOCK_SHIFT": str(NOON)})
    world.until(lambda: world.one(count) >= 200)
    world.server.kill()
    half = world.one(count)
    assert 0 < half < TASKS, half
    world.start({"CAIRN_CLOCK_SHIFT": str(NOON + 60)})
    world.until(lambda: world.one(count) == TASKS)
    world.until(lambda: world.one("select count(*) from notice_state where name = 'reminders'") == 1)
    assert world.one("select count(distinct record) from notice where cause like 'remind:%'") == TASKS
    # Set back by a day and on again: nobody is told twice.
    assert world.server.stop() == 0
    for shift in (NOON - 86400, NOON + 120):
        world.start({"CAIRN_CLOCK_SHIFT": str(shift)})
        time.sleep(3)
        assert world.server.stop() == 0
    assert world.one(count) == TASKS
    print(f"     reminded: killed after {half} of {TASKS}")
    world.start()
    world.end()


def report_is_killed(world):
    world.start()
    key = world.command("token", "create", "--user", EMAIL, "--org", ORG).strip()
    status, job = world.server.call("POST", "/reports/register-tasks?format=xlsx", key, {})
    assert status in (200, 202), job
    world.server.kill()
    world.start()
    world.until(lambda: world.one("select count(*) from job where kind = 'report'"
                                  " and state in ('ready', 'running')") == 0)
    assert world.rows("select state, failures from job where kind = 'report'")[0][0] == "done"
    number = world.one("select id from job where kind = 'report'")
    body = world.browser.get(f"/o/{ORG}/jobs/{number}/file")
    assert body[:2] == b"PK" and len(body) > 10000, body[:80]
    world.end()


both("a hand-over whose server is killed goes on after the start, and so does taking it back: each "
     "task changes once each time", handover_is_killed)
both("reminders whose server is killed go on after the start: everybody is told of everything once, "
     "also when the clock was set back and on again", reminders_are_killed)
both("a report whose server is killed is made after the start, whole", report_is_killed)

main("jobs_kill")
