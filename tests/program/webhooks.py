#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Webhooks as they leave: a receiver that checks signatures, refuses, hangs, redirects, talks without
end or has a bad certificate; kills in the middle of a delivery; addresses that must not be reached."""
import hashlib
import hmac
import http.server
import json
import shutil
import ssl
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_mail import certificate
from program_server import (EMAIL, ORG, PASSWORD, Server, good, main, new_database, new_path,
                            new_store, test, token)

receivers = []


class Receiver:
    """Answers by the path of the address; keeps what came."""

    def __init__(self, tls=None):
        outer = self
        self.got, self.lock = [], threading.Lock()
        self.status, self.delay = 200, 0.0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with outer.lock:
                    outer.got.append((time.time(), self.path, dict(self.headers), body))
                if outer.delay:
                    time.sleep(outer.delay)
                self.send_response(outer.status)
                if outer.status in (301, 302, 307):
                    self.send_header("Location", outer.elsewhere)
                if self.path == "/endless":
                    self.send_header("Content-Length", str(10 ** 9))
                    self.end_headers()
                    try:
                        while True:
                            self.wfile.write(b"x" * 65536)
                    except OSError:
                        return
                text = b"<b>thanks</b>\x1b[31m"
                self.send_header("Content-Length", str(len(text)))
                try:
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass  # who asked has gone

            do_GET = do_POST

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        receivers.append(self)

    def wait(self, n, seconds=25):
        end = time.monotonic() + seconds
        while len(self.got) < n:
            assert time.monotonic() < end, f"{len(self.got)} of {n} came"
            time.sleep(0.05)

    def bodies(self):
        return [json.loads(b) for _, _, _, b in self.got]


class World:
    def __init__(self, url, *words, database=None, inside=True):
        self.db = ["--database", database] if database else []
        self.words = [*self.db, "--base-url", "http://127.0.0.1:9", *words]
        if inside:
            self.words.append("--allow-private-webhooks")
        if database:
            self.data = new_path()
            good("init", "--data", self.data, *self.db, "--admin", EMAIL, "--password-stdin",
                 "--name", "Acme", stdin=PASSWORD + "\n")
        else:
            self.data = new_store()
        self.key = token(self.data, *self.db)
        self.start()
        self.hook = self.call("POST", "/webhooks", {"title": "Tickets", "url": url,
                                                    "actions": ["create", "change"],
                                                    "kinds": "unit"}, 201)["number"]
        self.secret = self.call("POST", f"/webhooks/{self.hook}/secret", {})["secret"]

    def start(self, env=None):
        self.server = Server(self.data, *self.words, env=env)
        return self.server

    def call(self, method, path, body=None, wanted=200):
        status, answer = self.server.call(method, path, self.key, body,
                                          {"Host": "127.0.0.1:9", "If-Match": "*"})
        assert status == wanted, (method, path, status, answer)
        return answer

    def unit(self, name):
        return self.call("POST", "/units", {"name": name}, 201)["id"]

    def deliveries(self):
        return self.call("GET", f"/webhooks/{self.hook}/deliveries")["items"]

    def until(self, what, seconds=25):
        end = time.monotonic() + seconds
        while not what(self.deliveries()):
            assert time.monotonic() < end, self.deliveries()
            time.sleep(0.1)


def signature_of(secret, headers, body):
    parts = dict(p.split("=", 1) for p in headers["Cairn-Signature"].split(","))
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    return int(parts["t"]), parts["v1"] == wanted.hexdigest()


@test("a change is told once, in order, with a signature that the secret proves and a time of now")
def _():
    r = Receiver()
    w = World(r.url)
    ids = [w.unit(f"Unit {i}") for i in range(5)]
    w.call("PATCH", f"/units/{ids[0]}", {"note": "new"})
    w.call("POST", "/assets", {"name": "Not told", "type": "customer-data"}, 201)
    r.wait(6)
    assert [b["record"]["id"] for b in r.bodies()] == [*ids, ids[0]]
    assert [b["event"] for b in r.bodies()] == ["unit.create"] * 5 + ["unit.change"]
    for at, path, headers, body in r.got:
        when, good_signature = signature_of(w.secret, headers, body)
        assert good_signature and abs(when - at) < 60, headers
        assert headers["Cairn-Delivery"] == json.loads(body)["id"] and path == "/hook"
        assert headers["Content-Type"] == "application/json"
    assert r.bodies()[0]["record"]["title"] == "Unit 0"
    _, forged = signature_of("whsec_other", r.got[0][2], r.got[0][3])
    assert not forged
    w.until(lambda d: all(x["state"] == "sent" for x in d))
    answers = [a["answer"] for x in w.deliveries() for a in x["attempts"]]
    assert set(answers) == {"<b>thanks</b>.[31m"}, answers
    time.sleep(4)
    assert len(r.got) == 6


@test("what is answered with an error comes again, later and later; what comes again is the same")
def _():
    r = Receiver()
    r.status = 503
    w = World(r.url)
    w.unit("One")
    w.until(lambda d: d and len(d[0]["attempts"]) == 1 and d[0]["state"] == "waiting")
    w.server.stop()
    w.start({"CAIRN_CLOCK_SHIFT": "40"})
    w.until(lambda d: len(d[0]["attempts"]) == 2)
    w.server.stop()
    r.status = 200
    w.start({"CAIRN_CLOCK_SHIFT": "200"})
    w.until(lambda d: d[0]["state"] == "sent")
    assert len({h["Cairn-Delivery"] for _, _, h, _ in r.got}) == 1
    assert len({b for _, _, _, b in r.got}) == 1
    assert [a["status"] for a in w.deliveries()[0]["attempts"]] == [503, 503, 200]


@test("a redirect is not followed, an endless answer is cut off, silence is not waited for for ever")
def _():
    r, other = Receiver(), Receiver()
    r.status, r.elsewhere = 307, other.url
    w = World(r.url)
    w.unit("Redirected")
    w.until(lambda d: d and d[0]["attempts"] and d[0]["attempts"][0]["status"] == 307)
    assert not other.got
    r.status = 200
    w2 = World(r.url.replace("/hook", "/endless"))
    w2.unit("Endless")
    w2.until(lambda d: d and d[0]["attempts"] and "longer than" in d[0]["attempts"][0]["answer"])
    r.delay = 15
    w3 = World(r.url)
    w3.unit("Silent")
    began = time.monotonic()
    w3.until(lambda d: d and d[0]["attempts"])
    assert d_status(w3) == 0 and time.monotonic() - began < 20


def d_status(w):
    return w.deliveries()[0]["attempts"][0]["status"]


@test("a certificate that is not trusted, or of another name, gets nothing; one of the named "
      "authority does")
def _():
    mine, wrong = certificate(), certificate("elsewhere.example")
    r, bad = Receiver(mine), Receiver(wrong)
    for url, ca in ((r.url, wrong[0]), (bad.url, wrong[0])):
        w = World(url, "--webhook-ca", ca)
        w.unit("Secret")
        w.until(lambda d: d and d[0]["attempts"])
        assert d_status(w) == 0, w.deliveries()
    assert not r.got and not bad.got
    w = World(r.url, "--webhook-ca", mine[0])
    w.unit("Trusted")
    r.wait(1)


@test("without the operator's word no address of this machine or network is reached, whatever it is "
      "called")
def _():
    r = Receiver()
    w = World(r.url)
    w.server.stop()
    w.words.remove("--allow-private-webhooks")
    w.start()
    w.unit("Inside")
    w.until(lambda d: d and d[0]["attempts"])
    answer = w.deliveries()[0]["attempts"][0]["answer"]
    assert "not allowed" in answer or "not on the public internet" in answer, answer
    for url in ("http://127.0.0.1:8080/", "http://0x7f.1:8080/", "http://[::ffff:127.0.0.1]:8080/",
                "http://localhost:8080/", "http://169.254.169.254/", "file:///etc/passwd",
                "http://10.1.2.3/"):
        w.call("POST", "/webhooks", {"title": "Bad", "url": url, "actions": ["create"]}, 422)
    assert not r.got


@test("a name that resolves to an address inside is refused when it is sent, not only when typed")
def _():
    names = [line.split()[1] for line in Path("/etc/hosts").read_text().splitlines()
             if line.split()[:1] and line.split()[0].startswith(("127.", "10.", "172.", "192.168."))]
    names = [n for n in names if n != "localhost"]
    if not names:
        print("     no name of this machine resolves to an address inside; the unit test stands")
        return
    w = World(f"http://{names[0]}:8080/", inside=False)
    w.unit("Rebound")
    w.until(lambda d: d and d[0]["attempts"])
    assert "not on the public internet" in w.deliveries()[0]["attempts"][0]["answer"]


@test("killed in the middle of a delivery: it comes again under the same number, and none is lost")
def _():
    r = Receiver()
    w = World(r.url)
    r.delay = 2
    for i in range(3):
        w.unit(f"Unit {i}")
    r.wait(1)
    w.server.kill()
    r.delay = 0
    w.start()
    w.until(lambda d: len(d) == 3 and all(x["state"] == "sent" for x in d), 40)
    numbers = [b["record"]["title"] for b in r.bodies()]
    assert set(numbers) == {"Unit 0", "Unit 1", "Unit 2"} and len(numbers) == 4, numbers
    assert len({h["Cairn-Delivery"] for _, _, h, _ in r.got}) == 3


@test("one that fails for hours is switched off, and people are told; an address that is gone at once")
def _():
    r = Receiver()
    w = World(r.url)
    r.status = 410
    w.unit("Gone")
    w.until(lambda d: d and d[0]["state"] == "failed")
    hook = w.call("GET", f"/webhooks/{w.hook}")
    assert hook["state"] == "off" and "gone" in hook["off_reason"], hook
    told = [n["text"] for n in w.call("GET", "/notices")["items"]]
    assert any("“Tickets” was switched off" in t for t in told), told
    r.status = 500
    w = World(r.url)
    for i in range(20):
        w.unit(f"Unit {i}")
    w.until(lambda d: sum(len(x["attempts"]) for x in d) >= 20)
    assert w.call("GET", f"/webhooks/{w.hook}")["state"] == "on"
    w.server.stop()
    w.start({"CAIRN_CLOCK_SHIFT": "7200"})
    w.until(lambda d: w.call("GET", f"/webhooks/{w.hook}")["state"] == "off")
    assert "tries in a row failed" in w.call("GET", f"/webhooks/{w.hook}")["off_reason"]


@test("two servers on one PostgreSQL tell each change once, in order")
def _():
    r = Receiver()
    w = World(r.url, database=new_database())
    other = new_path()
    shutil.copytree(w.data, other, ignore=shutil.ignore_patterns("*.sock", "control"))
    second = Server(other, *w.words)
    ids = [w.unit(f"Unit {i}") for i in range(40)]
    r.wait(40, 40)
    w.until(lambda d: all(x["state"] == "sent" for x in d))
    time.sleep(5)
    assert [b["record"]["id"] for b in r.bodies()] == ids
    second.stop()


main("webhooks")
