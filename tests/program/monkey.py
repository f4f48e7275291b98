#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody who follows every link, turns every word of an address round, and fills every form with
what does not belong there. Whatever comes: a page, or a clear refusal; never an error of the server,
and never its end. The same seed walks the same way; CAIRN_TEST_SEED takes another one,
CAIRN_TEST_FULL walks longer."""
import html.parser
import http.client
import json
import os
import random
import re
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser  # noqa: E402
from program_server import (EMAIL, FULL, PASSWORD, Server, good, main, new_database,  # noqa: E402
                            new_store, test)

SEED = int(os.environ.get("CAIRN_TEST_SEED", "27001"))
SECONDS = 600 if FULL else 20
NASTY = ["", " ", "0", "-1", "1", "999999999999999999999", "9223372036854775807", "3.5", "a,b", ",,", "none",
         "any", "not", "yes", "2026-02-30", "2026-11-29", "0001-01-01", "last-30-days", "Ünïcödé ß 漢字",
         "'; drop table risk; --", "<script>alert(1)</script>", "%00", "\u202e\u200b", "A" * 3000, "R-1", "A-1",
         "P-1,P-2", "-score", "{}", "[]", "null", "../../etc/passwd", "=1+1", "1;2;3", "0x10", "1e9", "\n\n\t"]
NAMES = ["q", "sort", "group", "cols", "view", "after", "limit", "mine", "tab", "asof", "from", "to", "version",
         "below", "page", "format", "fields", "lang", "draft", "copy", "step", "kind", "about", "draw", "month"]


class Page(html.parser.HTMLParser):
    """The links and the forms of a page. A field belongs to the form around it or the one it names."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.named, self.inside, self.select = [], [], {}, None, None
        self.loose = []
        self.feed(text)
        for name, field in self.loose:
            self.named.get(name, []).append(field)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "a" and a.get("href"):
            self.links.append(a["href"])
        elif tag == "form":
            self.inside = []
            self.named[a.get("id")] = self.inside
            self.forms.append((a.get("method", "get").lower(), a.get("action") or "", a.get("enctype"), self.inside))
        elif tag in ("input", "textarea", "select", "button") and a.get("name"):
            field = [a["name"], a.get("value") or ""]
            self.select = field if tag == "select" else None
            if a.get("form"):
                self.loose.append((a["form"], field))
            elif self.inside is not None:
                self.inside.append(field)
        elif tag == "option" and self.select is not None and ("selected" in a or not self.select[1]):
            self.select[1] = a.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None


def turned(rng, path):
    """An address with some of its query changed or added."""
    address, _, query = path.partition("?")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    for _ in range(rng.randint(0, 3)):
        name = rng.choice([n for n, _ in pairs] or NAMES) if rng.random() < 0.5 else rng.choice(NAMES)
        if rng.random() < 0.3:
            name += rng.choice([".min", ".max", ".not", ".has", ".empty", ".all"])
        pairs.append((name, rng.choice(NASTY)))
    if pairs and rng.random() < 0.3:
        pairs.pop(rng.randrange(len(pairs)))
    if rng.random() < 0.05:
        address = re.sub(r"[A-Z]+-\d+", lambda _: rng.choice(["R-1", "A-999999", "X-1", "R-0", "R--1"]), address)
    return address + ("?" + urllib.parse.urlencode(pairs) if pairs else "")


def filled(rng, fields):
    """A form with some of its fields filled with what does not belong there."""
    pairs = [list(p) for p in fields]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
        if not pairs:
            break
        pair = rng.choice(pairs)
        if pair[0] == "_csrf":
            continue
        what = rng.random()
        if what < 0.7:
            pair[1] = rng.choice(NASTY)
        elif what < 0.8:
            pairs.append([pair[0], rng.choice(NASTY)])
        elif what < 0.9:
            pairs.remove(pair)
        else:
            pair[0] += rng.choice(["x", ".1", "[]"])
    return [tuple(p) for p in pairs]


class Monkey:
    # What would end the walk rather than the server.
    SPARED = ("/logout", "/login", "/account/password", "/account/sessions", "/static/")

    def __init__(self, server, seed):
        self.server, self.rng = server, random.Random(seed)
        browser = Browser(server.url)
        browser.sign_in(EMAIL, PASSWORD)
        jar = next(h for h in browser.opener.handlers if hasattr(h, "cookiejar")).cookiejar
        self.headers = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in jar), "Origin": server.url}
        self.todo, self.seen, self.count, self.posts, self.codes = ["/"], set(), 0, 0, {}

    def ask(self, method, path, pairs=None):
        body = None if pairs is None else urllib.parse.urlencode(pairs)
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            link.request(method, urllib.parse.quote(path, safe="/?&=%+:,;@!$'()*~-._"), body, {
                **self.headers, "Content-Type": "application/x-www-form-urlencoded"})
            answer = link.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            link.close()

    def checked(self, what, status, text):
        self.count += 1
        self.codes[status] = self.codes.get(status, 0) + 1
        assert status < 500 or status == 503, f"seed {SEED}: {what} gave {status}: {text[:500]}"
        assert self.server.process.poll() is None, f"seed {SEED}: {what} ended the server"

    def get(self, path):
        status, text = self.ask("GET", path)
        self.checked(f"GET {path}", status, text)
        if status == 200 and text[:9].lower() == "<!doctype":
            page = Page(text)
            for link in page.links:
                link = urllib.parse.urljoin(path, link)
                shape = re.sub(r"\d+", "0", link.partition("?")[0]) + str(sorted(
                    n for n, _ in urllib.parse.parse_qsl(link.partition("?")[2], keep_blank_values=True)))
                if link.startswith("/") and shape not in self.seen and not link.startswith(self.SPARED):
                    self.seen.add(shape)
                    self.todo.insert(self.rng.randint(0, len(self.todo)), link.partition("#")[0])
            return page
        return None

    def post(self, page, path):
        for method, action, kind, fields in page.forms:
            action = urllib.parse.urljoin(path, action)
            if action.startswith(self.SPARED) or kind or method not in ("get", "post"):
                continue
            pairs = filled(self.rng, fields)
            if method == "get":
                self.get(action.partition("?")[0] + "?" + urllib.parse.urlencode(pairs))
                continue
            status, text = self.ask("POST", action, pairs)
            self.posts += 1
            self.checked(f"POST {action} {pairs}", status, text)

    def walk(self, seconds):
        until = time.monotonic() + seconds
        known = []
        while time.monotonic() < until:
            path = self.todo.pop() if self.todo else self.rng.choice(known)
            known.append(path)
            page = self.get(path)
            for _ in range(2):
                self.get(turned(self.rng, path))
            if page and self.rng.random() < 0.7:
                self.post(page, path)


ODD = [None, True, 0, -1, 3, 2**63, 1.5, "", "x", "2026-11-29", [], [1, "a", None], ["c"], {}, {"a": {"b": []}}, *NASTY]


class Script:
    """The same over the REST API: every path of its description, with bodies that do not fit."""

    def __init__(self, server, data, words, seed):
        self.server, self.rng, self.count, self.codes = server, random.Random(seed), 0, {}
        self.key = good("token", "create", "--data", data, "--user", EMAIL, "--org", "tarnbeck", *words).strip()
        status, self.description = server.call("GET", "/openapi.json", self.key)
        assert status == 200
        self.ids = {}

    def some_id(self, path):
        """An id of the list that the path begins with, or one that nothing has."""
        kind = path.partition("/{")[0]
        if kind not in self.ids:
            status, answer = self.server.call("GET", f"{kind}?limit=20", self.key)
            self.ids[kind] = [i["id"] for i in answer.get("items", []) if "id" in i] if status == 200 else []
        return str(self.rng.choice(self.ids[kind] or NASTY[4:8]))

    def schema(self, operation):
        found = operation.get("requestBody", {}).get("content", {})
        found = next(iter(found.values()), {}).get("schema", {})
        while "$ref" in found:
            found = self.description["components"]["schemas"][found["$ref"].rpartition("/")[2]]
        return found.get("properties", {})

    def value(self, schema):
        if self.rng.random() < 0.4:
            return self.rng.choice(ODD)
        if "enum" in schema:
            return self.rng.choice(schema["enum"])
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        return {"integer": 3, "number": 3, "boolean": True, "array": [], "object": {}}.get(kind, "Some text")

    def call(self):
        path, methods = self.rng.choice(list(self.description["paths"].items()))
        method = self.rng.choice([m for m in methods if m in ("get", "post", "put", "patch", "delete")])
        path = path.removeprefix("/api/v1")
        address = re.sub(r"{[^}]+}", lambda _: urllib.parse.quote(self.some_id(path), safe=""), path)
        if method == "get":
            address = urllib.parse.quote(turned(self.rng, address), safe="/?&=%+")
        body = None
        if method in ("post", "put", "patch"):
            body = {n: self.value(v) for n, v in self.schema(methods[method]).items() if self.rng.random() < 0.6}
            body = self.rng.choice(ODD) if self.rng.random() < 0.05 else body
        status, kind, answer = self.send(method.upper(), address, body)
        self.count += 1
        self.codes[status] = self.codes.get(status, 0) + 1
        what = f"seed {SEED}: {method} {address} {body} gave {status} {kind}: {answer[:500]}"
        assert status < 500 or status == 503, what
        assert status < 400 or kind.startswith("application/problem+json"), what

    def send(self, method, address, body):
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            link.request(method, f"/api/v1{address}", json.dumps(body) if body is not None else None, {
                "Authorization": f"Bearer {self.key}", "If-Match": "*", "Content-Type":
                "application/merge-patch+json" if method == "PATCH" else "application/json"})
            answer = link.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode(errors="replace")
        finally:
            link.close()

    def go(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.call()


def walks(server, data, *words):
    monkey, script = Monkey(server, SEED), Script(server, data, words, SEED)
    script.go(SECONDS / 2)
    print(f"     {script.count} calls of the API; answers {dict(sorted(script.codes.items()))}")
    monkey.walk(SECONDS)
    print(f"     {monkey.count} requests, {monkey.posts} forms sent, {len(monkey.seen)} kinds of address; "
          f"answers {dict(sorted(monkey.codes.items()))}")
    assert monkey.count > 100 and monkey.posts > 10
    assert server.stop() == 0, Path(server.log.name).read_text()[-3000:]


@test("on SQLite, no link, no address and no form makes the server fail, whatever is put in")
def _():
    data = new_store("--demo")
    walks(Server(data), data)


@test("nor on PostgreSQL")
def _():
    database = new_database()
    data = new_store("--demo", "--database", database)
    walks(Server(data, "--database", database), data, "--database", database)


main("monkey")
