#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What only a socket can show: methods, sizes, encodings, doubled names, content types, hosts and
forwarding headers, paths that climb, JSON bombs, and a log of one line per event."""
import http.client
import json
import re
import socket
import sqlite3
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser  # noqa: E402
from program_server import (EMAIL, PASSWORD, Server, good, main, new_store, test,  # noqa: E402
                            token)

CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
       "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
       "base-uri 'none'")
state = {}


def server():
    """One server for all tests here."""
    if not state:
        data = new_store()
        state.update(data=data, key=token(data), server=Server(data, "--log-level", "debug"))
    return state["server"]


def whole(answer):
    """True when head and body of an answer are there."""
    head, end, body = answer.partition(b"\r\n\r\n")
    size = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
    return bool(end) and size is not None and len(body) >= int(size[1])


def raw(data, wait=20):
    """Sends bytes; the whole answer, or what came of it."""
    with socket.create_connection(("127.0.0.1", server().port), timeout=wait) as s:
        out = b""
        try:
            s.sendall(data)
        except OSError:  # refused before all was sent
            pass
        try:
            while not whole(out) and (chunk := s.recv(65536)):
                out += chunk
        except OSError:
            pass
    return out


def host():
    return f"localhost:{server().port}"


def ask(method, target, *headers, body=b"", name=None):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {name or host()}", "Connection: close",
             *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def status(answer):
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    assert found, f"no answer: {answer[:200]}"
    return int(found.group(1))


def api(path, body, kind="application/json", method="POST"):
    return ask(method, "/api/v1" + path, f"Authorization: Bearer {state['key']}",
               f"Content-Type: {kind}", body=body)


def headers(answer):
    head = answer.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")[1:]
    return {n.lower(): v.strip() for n, _, v in (h.partition(":") for h in head)}


def routes():
    server()
    for line in good("routes").splitlines():
        method, pattern, *_ = line.split("\t")
        yield method, re.sub(r":(\w+)", lambda m: "acme" if m[1] == "slug" else
                             "units" if m[1] == "plural" else "1", pattern)


# --- headers and methods --------------------------------------------------------------------------

@test("each route answers strangers with all security headers and no product name")
def _():
    count = 0
    for method, path in routes():
        answer = ask(method, path)
        h = headers(answer)
        where = f"{method} {path} ({status(answer)})"
        assert status(answer) < 500, where
        assert h.get("x-content-type-options") == "nosniff", where
        assert h.get("referrer-policy") == "same-origin", where
        assert h.get("content-security-policy") == CSP, where
        assert h.get("cache-control") == "no-store", where
        assert "server" not in h and "x-powered-by" not in h, where
        if answer.split(b"\r\n\r\n", 1)[1]:
            assert "charset=utf-8" in h.get("content-type", ""), where
        count += 1
    assert count > 150, count


@test("refusals made before the program proper have the headers too")
def _():
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\n"
                 b"Content-Length: 1\r\n\r\nx"):
        server()
        answer = raw(data)
        h = headers(answer)
        assert status(answer) in (400, 415), answer[:100]
        assert h.get("x-content-type-options") == "nosniff", answer[:400]
        assert "default-src 'none'" in h.get("content-security-policy", ""), answer[:400]
        assert not re.search(rb"sqlite|\.c:\d|0x[0-9a-f]{8}|/tmp/|select ", answer), answer


@test("unknown methods get 405 or 501, never a page or a fault")
def _():
    seen = set()
    for _method, path in routes():
        if path in seen:
            continue
        seen.add(path)
        for method in ("TRACE", "PUT", "get", "OPTIONS", "PROPFIND"):
            answer = ask(method, path)
            assert status(answer) in (405, 501, 400), f"{method} {path}: {status(answer)}"
            if status(answer) == 405:
                assert headers(answer).get("allow"), f"{method} {path}"
    answer = raw(b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n")
    assert status(answer) in (400, 405, 501), answer[:200]


@test("no foreign origin is allowed in, with credentials or without")
def _():
    for origin in ("https://evil.test", "null"):
        for path in ("/login", "/api/v1/openapi.json", "/api/v1/units"):
            for method in ("GET", "OPTIONS"):
                h = headers(ask(method, path, f"Origin: {origin}",
                                "Access-Control-Request-Method: POST"))
                assert not [n for n in h if n.startswith("access-control")], h


# --- sizes ----------------------------------------------------------------------------------------

def memory():
    text = Path(f"/proc/{server().process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1))


@test("what is too large is refused early, and memory stays")
def _():
    server()
    ask("GET", "/login")
    before = memory()
    for _ in range(5):
        long = b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert status(raw(long)) == 414
        many = b"".join(b"X-%d: 1\r\n" % i for i in range(10000))
        assert status(raw(b"GET /login HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n")) == 431
        assert status(raw(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * (1 << 20) +
                          b"\r\n\r\n")) == 431
        for size in ("9223372036854775808", "9223372036854775807", "99999999999"):
            answer = ask("POST", "/login", f"Content-Length: {size}",
                         "Content-Type: application/x-www-form-urlencoded")
            assert status(answer) in (400, 413), answer[:100]
    # A sanitized program keeps what it frees for a while.
    assert memory() - before < 32 * 1024, f"{before} kB became {memory()} kB"


# --- encodings ------------------------------------------------------------------------------------

MALFORMED = ["%", "%z", "%zz", "%c0%af", "%c0%80", "%e0%80%af", "%f5%80%80%80", "%ed%a0%80",
             "%ff", "%fe%ff", "%00", "a%00b", "%80", "%c3", "%01", "%1b%5b31m"]


@test("malformed percent signs, wrong UTF-8, NUL and control characters are refused everywhere")
def _():
    for bad in MALFORMED:
        for target in (f"/{bad}", f"/login?next={bad}", f"/login?{bad}=1"):
            answer = ask("GET", target)
            assert status(answer) == 400, f"{target}: {status(answer)}"
        answer = ask("POST", "/login", "Content-Type: application/x-www-form-urlencoded",
                     body=f"email={bad}&password=x".encode())
        assert status(answer) == 400, f"form {bad}: {status(answer)}"
    for bad in (b'{"name":"\xff"}', b'{"name":"\xc0\xaf"}', b'{"name":"\\ud800"}',
                b'{"name":"a\\u0000b"}', b'{"name":"\xed\xa0\x80"}'):
        answer = api("/units", bad)
        assert status(answer) in (400, 422), f"{bad}: {status(answer)}"


@test("a name twice in query, form, JSON, cookies or headers is refused")
def _():
    assert status(ask("GET", "/login?next=%2Fa&next=%2Fb")) == 400
    assert status(ask("POST", "/login", "Content-Type: application/x-www-form-urlencoded",
                      body=b"email=a&email=b")) == 400
    assert status(api("/units", b'{"name":"a","name":"b"}')) == 400
    assert status(ask("GET", "/login", "Cookie: cairn=a; cairn=b")) == 400
    assert status(ask("GET", "/login", "Cookie: cairn=a", "Cookie: cairn=b")) == 400
    assert status(ask("GET", "/login", f"Host: {host()}")) == 400
    assert status(ask("GET", "/api/v1/units", "Authorization: Bearer a",
                      "Authorization: Bearer b")) in (400, 401)


@test("bodies of the wrong kind are refused")
def _():
    for kind in ("text/plain", "application/json", "multipart/form-data", "", "application/xml",
                 "application/x-www-form-urlencoded; charset=utf-16", "a"):
        more = [f"Content-Type: {kind}"] if kind else []
        answer = ask("POST", "/login", *more, body=b"email=a&password=b")
        assert status(answer) in (400, 403, 415), f"{kind}: {status(answer)}"
        assert status(answer) != 403 or kind == "application/json", kind
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json"):
        answer = api("/units", b'{"name":"a"}', kind)
        assert status(answer) in (400, 415), f"{kind}: {status(answer)}"


# --- host and proxies -----------------------------------------------------------------------------

@test("another host's name is refused and never repeated")
def _():
    for name in ("evil.test", "localhost.evil.test", f"evil.test:{server().port}", "localhost:x",
                 "localhost@evil.test"):
        answer = ask("GET", "/login", name=name)
        assert status(answer) == 400 and b"evil.test" not in answer, answer[:300]
    answer = raw(b"GET http://evil.test/login HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status(answer) in (400, 421) and b"evil" not in answer, answer[:300]


@test("forwarding headers of a peer that is no trusted proxy count for nothing")
def _():
    forged = ["X-Forwarded-For: 203.0.113.99", "X-Forwarded-Host: evil.test",
              "X-Forwarded-Proto: https", "Forwarded: for=203.0.113.99;host=evil.test;proto=https",
              "X-Real-IP: 203.0.113.99", "X-Forwarded-Prefix: /evil"]
    answer = ask("GET", "/login", *forged)
    assert status(answer) == 200 and b"evil" not in answer
    assert "strict-transport-security" not in headers(answer)
    assert "__Host-" not in headers(answer)["set-cookie"]
    # The throttle counts the true address: ten wrong passwords, whatever is claimed.
    pre = re.search(r"cairn-pre=([^;]+)", headers(answer)["set-cookie"])[1]
    csrf = re.search(rb"name='_csrf' value='([^']+)'", answer)[1].decode()
    body = urllib.parse.urlencode({"_csrf": csrf, "email": "victim@example.com",
                                   "password": "x"}).encode()
    got = [status(ask("POST", "/login", f"X-Forwarded-For: 203.0.113.{i}",
                      f"Cookie: cairn-pre={pre}",
                      "Content-Type: application/x-www-form-urlencoded", body=body))
           for i in range(11)]
    assert got == [401] * 10 + [429], got
    db = sqlite3.connect(f"file:{state['data']}/cairn.db?mode=ro", uri=True)
    texts = [t for t, in db.execute("select body from audit_payload")]
    db.close()
    assert any("127.0.0.1" in t for t in texts)
    assert not [t for t in texts if "203.0.113" in t or "evil" in t]


# --- paths ----------------------------------------------------------------------------------------

CLIMBING = ["/static/../../etc/passwd", "/static/..%2f..%2fetc/passwd", "/static/%2e%2e/%2e%2e/x",
            "/static/%252e%252e%252fetc", "/static/..\\..\\etc\\passwd", "/static/..%5c..%5cetc",
            "/static/x%00.css", "/static//etc/passwd", "/static/./../../etc/passwd", "/..", "/../x",
            "//etc/passwd", "/static/....//....//etc/passwd", "/static/%c0%ae%c0%ae/etc/passwd",
            "/static/19638063e26aa28a/../../../etc/passwd", "/static/", "/static",
            "/o/acme/../../etc/passwd", "/api/v1/../../static/x", "/static/cairn.db", "/cairn.db",
            "/migrations/0001_core.sql", "/content/rights.tsv", "/.git/config", "/static/%2e%2e"]


@test("no path leads out of the assets")
def _():
    for path in CLIMBING:
        answer = ask("GET", path)
        assert status(answer) in (303, 400, 404), f"{path}: {status(answer)}"
        if status(answer) == 303:
            assert headers(answer)["location"].startswith("/login?next="), path
        assert b"root:" not in answer and b"SQLite format" not in answer, path


# --- JSON -----------------------------------------------------------------------------------------

@test("JSON bombs are refused at once")
def _():
    bombs = {
        "depth": b'{"name":' + b"[" * 100000 + b"]" * 100000 + b"}",
        "objects": b'{"a":' * 100000 + b"1" + b"}" * 100000,
        "number": b'{"name":' + b"1" * (10 << 20) + b"}",
        "exponent": b'{"name":1e99999999}',
        "nan": b'{"name":NaN}',
        "infinity": b'{"name":-Infinity}',
        "array": b'{"name":[' + b"1," * 3000000 + b"1]}",
        "names": b"{" + b",".join(b'"n%d":1' % i for i in range(200000)) + b"}",
        "doubled": b'{"name":"a","note":"x","note":"y"}',
        "after": b'{"name":"a"} x',
        "text": b'"name"',
        "empty": b" ",
    }
    for name, body in bombs.items():
        started = time.monotonic()
        answer = api("/units", body)
        took = time.monotonic() - started
        assert status(answer) in (400, 413, 422), f"{name}: {status(answer)}"
        assert took < 3, f"{name}: {took:.2f} s"  # a sanitized program on a busy machine
    assert server().process.poll() is None
    assert status(ask("GET", "/healthz")) == 200


# --- the operator's log ---------------------------------------------------------------------------

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (debug|info|warn|error) [a-z-]+( .*)?$")


@test("whatever is sent, one event is one line")
def _():
    odd = ["a\x1b[31mred", "x\" actor=root", "\u2028forged", "a=b c=d",
           "2026-01-01T00:00:00Z info x"]
    for text in odd:
        quoted = urllib.parse.quote(text)
        ask("GET", f"/login?q={quoted}", f"User-Agent: {text.encode('utf-8').decode('latin-1')}")
        ask("GET", "/" + quoted)
        ask("GET", "/%0a2026-01-01T00:00:00.000000Z%20info%20forged")
        api("/units", json.dumps({"name": text + "\r\nforged"}).encode())
    browser = Browser(f"http://{host()}")
    browser.sign_in(EMAIL, PASSWORD)
    server().log.flush()
    lines = Path(server().log.name).read_text(errors="strict").split("\n")
    assert len(lines) > 20
    for line in lines:
        if line and not line.startswith("Cairn "):
            assert LINE.match(line), f"not a line of the log: {line!r}"
            assert not re.search("[\x00-\x1f\x7f\u0085\u2028\u2029]", line), repr(line)


@test("nothing of all this brought the server down")
def _():
    assert status(ask("GET", "/healthz")) == 200
    assert http.client.HTTPConnection("localhost", server().port)
    assert server().stop() == 0


main("wire")
