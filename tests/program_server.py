# SPDX-License-Identifier: Apache-2.0
"""What the program tests share: a store, a server on a free port, the API, and tests as sentences."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = os.environ["CAIRN_BIN"]
BASE = Path(os.environ.get("CAIRN_TEST_DIR") or "/tmp") / f"{Path(sys.argv[0]).stem}-{os.getpid()}"
FULL = bool(os.environ.get("CAIRN_TEST_FULL"))
ENV = {k: v for k, v in os.environ.items()
       if k not in ("CAIRN_DATA", "CAIRN_DATABASE", "CAIRN_TEST_UNSAFE")}
ENV.update(CAIRN_TEST_CHEAP_HASH="1", CAIRN_TEST_PG="1")  # quick hashes; a database without fsync
EMAIL, PASSWORD, ORG = "ada@example.com", "correct horse battery staple", "acme"

tests = []
servers = []
databases = []
fresh = 0


def test(sentence):
    def add(function):
        tests.append((sentence, function))
        return function
    return add


def new_path(suffix=""):
    global fresh
    fresh += 1
    return BASE / f"p{fresh}{suffix}"


def run(*words, stdin="", env=None, timeout=300):
    return subprocess.run([BIN, *map(str, words)], input=stdin, capture_output=True, text=True,
                          timeout=timeout, env={**ENV, **(env or {})}, cwd=BASE)


def good(*words, **more):
    r = run(*words, **more)
    assert r.returncode == 0, f"{words[0]} gave {r.returncode}: {r.stderr}{r.stdout}"
    return r.stdout


def refused(*words, says="", **more):
    """Must fail with status 2 and this part of a sentence."""
    r = run(*words, **more)
    assert r.returncode == 2, f"{words[0]} gave {r.returncode}: {r.stderr}{r.stdout}"
    assert says in r.stderr, f"“{says}” is not in: {r.stderr}"


def new_store(*words):
    data = new_path()
    good("init", "--data", data, "--admin", EMAIL, "--password-stdin", "--name", "Acme", *words,
         stdin=PASSWORD + "\n")
    return data


def token(data, *words):
    return good("token", "create", "--data", data, "--user", EMAIL, "--org", ORG, *words).strip()


def send_file(server, key, path, name, data):
    """(status, answer) of a file that is sent as a form to an address of the API."""
    edge = "cairnedge"
    body = (f"--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n"
            "Content-Type: application/octet-stream\r\n\r\n").encode() + data + f"\r\n--{edge}--\r\n".encode()
    request = urllib.request.Request(f"{server.url}/api/v1{path}", body, method="POST", headers={
        "Authorization": f"Bearer {key}", "Content-Type": f"multipart/form-data; boundary={edge}"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read() or b"{}")


def new_database():
    """An empty PostgreSQL database, dropped at the end."""
    url = os.environ["CAIRN_TEST_URL"]
    name = f"cairn_{Path(sys.argv[0]).stem}_{os.getpid()}_{len(databases)}"
    sql(url, f"create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'")
    databases.append(name)
    parts = urllib.parse.urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


def sql(url, text):
    r = subprocess.run(["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text],
                       capture_output=True, text=True, timeout=120)
    assert r.returncode == 0, r.stderr
    return r.stdout.strip()


class Server:
    """A server on a free port."""

    def __init__(self, data, *words, env=None):
        self.log = open(BASE / f"server-{len(servers)}.log", "w+")
        self.process = subprocess.Popen(
            [BIN, "serve", "--data", str(data), "--listen", "127.0.0.1:0", *map(str, words)],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, cwd=BASE,
            env={**ENV, **(env or {})})
        servers.append(self)
        line = self.process.stdout.readline()
        assert line, f"the server did not start: {Path(self.log.name).read_text()}"
        self.url = line.split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def call(self, method, path, key, body=None, headers=None):
        """(status, answer) of an API call; status 0 when the connection broke."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, method=method, headers={
            "Authorization": f"Bearer {key}", "Content-Type": "application/json",
            **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read() or b"{}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        status = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return status


def main(name):
    """Runs the tests; prints a line for each and the summary."""
    failed = 0
    shutil.rmtree(BASE, ignore_errors=True)
    BASE.mkdir(parents=True)
    try:
        for sentence, function in tests:
            started = time.monotonic()
            try:
                function()
                print(f"ok   {sentence} ({time.monotonic() - started:.1f} s)", flush=True)
            except Exception:  # every test is run
                failed += 1
                print(f"FAIL {sentence}", flush=True)
                traceback.print_exc(file=sys.stdout)
    finally:
        for s in servers:
            if s.process.poll() is None:
                s.process.kill()
                s.wait()
        for name_ in databases:
            sql(os.environ["CAIRN_TEST_URL"], f"drop database if exists {name_} with (force)")
        shutil.rmtree(BASE, ignore_errors=True)
    print(f"{name}: {len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
