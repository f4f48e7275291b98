# SPDX-License-Identifier: Apache-2.0
"""What mail.py and jobs.py share: the SMTP server, an own certificate, a store with work to tell."""
import email
import email.policy
import json
import queue
import sqlite3
import subprocess
import threading
import time

from program_server import BASE, EMAIL, ORG, ROOT, Server, good, new_path, new_store, sql

SECRET = "smtp-canary-Zx81qpl"
sinks = []


class Sink:
    """The SMTP server; what it says is read by a thread."""

    def __init__(self, *words, port=0):
        self.process = subprocess.Popen(
            ["node", str(ROOT / "tests/program/smtp_sink.mjs"), str(port), *map(str, words)],
            stdout=subprocess.PIPE, text=True, cwd=ROOT)
        sinks.append(self)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.mails, self.events, self.lines = [], [], queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def pump(self, wait=0.0):
        try:
            while True:
                one = self.lines.get(timeout=wait) if wait else self.lines.get_nowait()
                wait = 0.0
                (self.mails if "mail" in one else self.events).append(one)
        except queue.Empty:
            pass

    def until(self, what, seconds=20):
        """Waits until what() is true; says what was seen when it never is."""
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, (self.events[-5:], [m["to"] for m in self.mails])
            self.pump(0.1)

    def wait_mails(self, n, seconds=20):
        self.until(lambda: len(self.mails) >= n, seconds)

    def quiet(self, seconds):
        """No mail comes in this time."""
        before = len(self.mails)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.1)
        assert len(self.mails) == before, self.mails[before:]

    def parsed(self, i=-1):
        return email.message_from_bytes(self.mails[i]["mail"].encode("latin1"),
                                        policy=email.policy.default)

    def stop(self):
        self.process.kill()
        self.process.wait()


def stop_sinks():
    for s in sinks:
        s.stop()


def certificate(name="localhost"):
    cert, key = new_path(".pem"), new_path(".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout",
                    str(key), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


class World:
    """A store whose person can be told something, and servers on it."""

    def __init__(self, sink, *words, database=None, url=None):
        self.words = ["--database", database] if database else []
        self.database, self.sink = database, sink
        self.data = new_store(*self.words) if not database else self.new_pg_store()
        self.mail = [*self.words, "--smtp-url", url or f"smtp://127.0.0.1:{sink.port}",
                     "--smtp-from", "Cairn of Acme <cairn@acme.example>", "--base-url",
                     "http://127.0.0.1:8080", *words]
        self.server = None
        # The founder's own roles are no news.
        self.query("update notice_state set value = (select cast(max(f.n) - 1 as text)"
                   " from audit_frontier f where f.org_id > 0) where name = 'assigned'")

    def new_pg_store(self):
        from program_server import PASSWORD
        data = new_path()
        good("init", "--data", data, *self.words, "--admin", EMAIL, "--password-stdin", "--name",
             "Acme", stdin=PASSWORD + "\n")
        return data

    def start(self, env=None, words=()):
        self.server = Server(self.data, *self.mail, *words, env=env)
        return self.server

    def query(self, text, *values):
        if self.database:
            for v in values:
                text = text.replace("?", str(v) if isinstance(v, int) else "'" + v + "'", 1)
            out = sql(self.database, text)
            return [tuple(line.split("|")) for line in out.split("\n")] if out else []
        db = sqlite3.connect(self.data / "cairn.db", timeout=20)
        try:
            with db:
                return db.execute(text, values).fetchall()
        finally:
            db.close()

    def ids(self):
        """(organisation, person) of Acme's founder."""
        row = self.query("select org_id, id from person")[0]
        return int(row[0]), int(row[1])

    def address(self, text):
        """Where mail to the founder goes from now on."""
        self.query("update person set email = ?", text)

    def queue(self, n, to="ada@example.com", first=1):
        """Mails that wait, as notices leave them."""
        org, person = self.ids()
        now = time.time_ns() // 1000
        for i in range(first, first + n):
            self.query("insert into mail (org_id, id, person, to_name, to_address, subject, text,"
                       " html, refs, state, answer, attempts, at, sent_at) values (?, ?, ?, 'Ada',"
                       " ?, ?, 'text', '<p>text</p>', '', 'waiting', '', 0, ?, 0)", org, i, person,
                       to, f"number {i}", now)
            self.query("insert into job (org_id, id, kind, key, state, run_at, attempts, body)"
                       " values (?, ?, 'notice.mail', ?, 'ready', ?, 0, ?)", org, i, str(i), now,
                       str(i))

    def states(self):
        return [r[0] for r in self.query("select state from mail order by id")]

    def until(self, what, seconds=30):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, (self.states(), self.log()[-1500:],
                                            self.query("select kind, state, failures from job"))
            time.sleep(0.1)

    def log(self):
        return (BASE / self.server.log.name).read_text()
