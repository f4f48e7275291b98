#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a loaded server with SIGKILL at random moments, starts it again, and looks for every write
that was acknowledged. The control run has its safety off and must lose some: a harness that cannot
find a loss proves nothing."""
import http.client
import json
import os
import random
import sqlite3
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_server import (EMAIL, FULL, PASSWORD, Server, good, main, new_database, new_path,
                            new_store, test, token)

THREADS = 8
SEED = int(os.environ.get("CAIRN_TEST_SEED") or time.time())


class Client(threading.Thread):
    """Creates and changes risks until the connection breaks; notes what was acknowledged."""

    def __init__(self, port, key, seed, known):
        super().__init__()
        self.port, self.key, self.random = port, key, random.Random(seed)
        self.mine = dict(known)  # id -> version, as acknowledged
        self.touched = set()
        self.open = None  # (key, body) of the creation without an answer
        self.acknowledged = 0
        self.wrong = []
        self.seed = seed

    def send(self, connection, method, path, body, headers):
        text = None if body is None else json.dumps(body)
        connection.request(method, "/api/v1" + path, text, {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def create(self, connection, n):
        name = f"risk {self.seed}-{n}"
        self.open = (name, {"title": name, "description": "x" * self.random.randrange(500)})
        status, answer = self.send(connection, "POST", "/risks", self.open[1],
                                   {"Idempotency-Key": name})
        self.open = None
        return status, answer

    def change(self, connection, n):
        record = self.random.choice(sorted(self.mine))
        self.touched.add(record)
        return self.send(connection, "PATCH", f"/risks/{record}", {"description": f"change {n}"},
                         {"If-Match": f'"{self.mine[record]}"',
                          "Idempotency-Key": f"change {self.seed}-{n}"})

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        n = 0
        try:
            while True:
                n += 1
                new = not self.mine or self.random.random() < 0.5
                status, answer = (self.create if new else self.change)(connection, n)
                if status not in (200, 201):
                    self.wrong.append((status, answer))
                    return
                self.mine[answer["id"]] = int(answer["version"])
                self.touched.add(answer["id"])
                self.acknowledged += 1
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server is gone
        finally:
            connection.close()


class Trial:
    """One store that is killed again and again."""

    def __init__(self, data, words, env):
        self.data, self.words, self.env = data, words, env
        self.key = token(data, *words)
        self.random = random.Random(SEED)
        self.acknowledged = self.lost = self.rounds = self.again = 0
        self.known = [{} for _ in range(THREADS)]
        self.server = Server(data, *words, env=env)

    def load_and_kill(self):
        clients = [Client(self.server.port, self.key, self.random.randrange(1 << 40), known)
                   for known in self.known]
        for c in clients:
            c.start()
        deadline = time.monotonic() + 20
        while sum(c.acknowledged for c in clients) < THREADS and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(self.random.uniform(0.05, 0.4))
        self.server.kill()
        for c in clients:
            c.join(30)
            assert not c.is_alive(), "a client hangs"
            assert not c.wrong, f"a write was refused: {c.wrong[0]}"
        return clients

    def look(self, client, records):
        """Versions that the store has now; 0 = gone."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        found = {}
        for record in records:
            status, answer = client.send(connection, "GET", f"/risks/{record}", None, {})
            assert status in (200, 404), f"{status} {answer}"
            found[record] = int(answer["version"]) if status == 200 else 0
        connection.close()
        return found

    def repeat(self, client):
        """A creation without an answer is sent again under its key: it may exist only once."""
        if not client.open:
            return
        status, answer = self.server.call("POST", "/risks", self.key, client.open[1],
                                          {"Idempotency-Key": client.open[0]})
        assert status == 201, f"repeated creation gave {status}: {answer}"
        client.mine[answer["id"]] = int(answer["version"])
        self.again += 1

    def round(self):
        clients = self.load_and_kill()
        self.server = Server(self.data, *self.words, env=self.env)
        self.rounds += 1
        for i, c in enumerate(clients):
            found = self.look(c, sorted(c.touched))
            self.acknowledged += c.acknowledged
            self.lost += sum(found[r] < c.mine[r] for r in found)
            # Where a change had no answer the store may be one version ahead; go on from there.
            c.mine = {r: v for r, v in {**c.mine, **found}.items() if v}
            self.repeat(c)
            self.known[i] = c.mine

    def end(self, verify=True):
        for known in self.known:
            found = self.look(Client(0, self.key, 0, {}), sorted(known))
            self.lost += sum(found[r] < known[r] for r in found)
        if verify:
            good("verify", "--data", self.data, *self.words)
        assert self.server.stop() == 0
        print(f"     seed {SEED}: {self.rounds} kills, {self.acknowledged} acknowledged writes, "
              f"{self.lost} lost, {self.again} sent again", flush=True)


def whole(data):
    """Integrity of the SQLite file, and no creation that happened twice."""
    db = sqlite3.connect(f"file:{data}/cairn.db?mode=ro", uri=True)
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert not db.execute("pragma foreign_key_check").fetchall()
    assert not db.execute("select title from risk group by title having count(*) > 1").fetchall()
    db.close()


def trial(rounds, data, words=(), env=None):
    t = Trial(data, words, env or {})
    for _ in range(rounds):
        t.round()
        good("verify", "--data", data, *words)
    t.end()
    assert t.acknowledged > rounds * THREADS, "hardly anything was written"
    assert t.lost == 0, f"{t.lost} acknowledged writes are lost"


@test("no acknowledged write is lost when the server is killed at any moment (SQLite)")
def _():
    data = new_store()
    trial(100 if FULL else 12, data)
    whole(data)


@test("the control run, which answers before it stores, loses acknowledged writes")
def _():
    t = Trial(new_store(), (), {"CAIRN_TEST_UNSAFE": "1"})
    while t.rounds < 5 and not t.lost:
        t.round()
    t.server.stop()
    print(f"     control: {t.rounds} kills, {t.acknowledged} acknowledged writes, {t.lost} lost")
    assert t.lost > 0, "the control run lost nothing, so this harness shows nothing"


@test("no acknowledged write is lost when the server is killed at any moment (PostgreSQL)")
def _():
    url, data = new_database(), new_path()
    good("init", "--data", data, "--database", url, "--admin", EMAIL, "--password-stdin",
         "--name", "Acme", stdin=PASSWORD + "\n")
    trial(30 if FULL else 6, data, ("--database", url))


main("kill")
