#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets that must turn up nowhere: passwords, cookies, tokens and one-time links are unique words
here, and everything that the program writes, stores, exports or shows of itself is searched."""
import io
import os
import re
import sys
import urllib.parse
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser  # noqa: E402
from program_server import (BASE, EMAIL, ORG, Server, good, main, new_path, run, test)  # noqa: E402

FIRST = "canary one sang at dawn"
SECOND = "canary two sang at noon"
WRONG = "canary three sang out of tune"
SLIP = "canary-four-typed-into-the-name-field"
secrets = {}   # what it is -> the clear text
state = {}


def cookie(browser, name):
    for handler in browser.opener.handlers:
        for c in getattr(handler, "cookiejar", []):
            if c.name == name:
                return c.value
    return None


def prepare():
    """A store in which every secret was used."""
    if state:
        return state
    data = new_path()
    good("init", "--data", data, "--admin", EMAIL, "--password-stdin", "--name", "Acme",
         stdin=FIRST + "\n")
    secrets.update({"first password": FIRST, "second password": SECOND, "wrong password": WRONG,
                    "password typed as name": SLIP})
    secrets["bearer token"] = good("token", "create", "--data", data, "--user", EMAIL, "--org",
                                   ORG).strip()
    s = Server(data, "--log-level", "debug")
    state.update(data=data, server=s)
    use(s)
    return state


def use(s):
    b = Browser(s.url)
    b.submit("/login", "/login", email=EMAIL, password=WRONG)
    b.submit("/login", "/login", email=SLIP, password=WRONG)
    secrets["pre-login cookie"] = cookie(b, "cairn-pre")
    b.sign_in(EMAIL, FIRST)
    secrets["session cookie"] = cookie(b, "cairn")
    status, page = b.submit("/account", "/account/tokens", name="Script", org=ORG, scope="write")
    found = re.search(r"cairn_[A-Za-z0-9_-]{20,}", page)
    assert status == 200 and found, page[:500]
    secrets["token of the page"] = found.group(0)
    b.submit("/account", "/account/password", current=WRONG, password=SECOND)
    b.submit("/account", "/account/password", current=FIRST, password=SECOND)
    secrets["session cookie after the change"] = cookie(b, "cairn")
    key = secrets["bearer token"]
    s.call("GET", "/units", key)
    s.call("POST", "/units", "cairn_" + "x" * 43, {"name": "x"})
    _, page = b.submit(f"/o/{ORG}/people/new", f"/o/{ORG}/people", name="Ina", state="active",
                       email="ina@example.com")
    number = re.search(rf"/o/{ORG}/people/(P-\d+)", page)[1]
    _, page = b.submit(f"/o/{ORG}/people/{number}", "/invite")
    secrets["invitation"] = re.search(r"/invite/([A-Za-z0-9_-]{20,})", page)[1]
    Browser(s.url).page("/invite/" + secrets["invitation"])
    state["browser"] = b


def forms(secret):
    """How a secret might be written."""
    yield secret.encode()
    yield urllib.parse.quote(secret).encode()
    yield urllib.parse.quote_plus(secret).encode()
    yield secret.encode("utf-16-le")


def search(place, data, but=()):
    """`but`: secrets that the place may hold."""
    assert data is not None
    for what, secret in secrets.items():
        if what in but:
            continue
        for form in forms(secret):
            assert form not in data, f"the {what} is in {place}"


@test("the harness finds a secret that is there")
def _():
    prepare()
    try:
        search("a planted text", b"x " + FIRST.replace(" ", "%20").encode() + b" y")
    except AssertionError:
        return
    raise AssertionError("a planted secret was not found")


@test("no secret is in the server's output")
def _():
    s = prepare()["server"]
    s.log.flush()
    text = Path(s.log.name).read_bytes()
    assert b"POST" in text
    # A path is part of a request's line; those of one-time links are left out.
    assert b"path=/invite/:token" in text
    search("the log", text)


@test("no secret is in the arguments or the environment of the server")
def _():
    pid = prepare()["server"].process.pid
    for name in ("cmdline", "environ"):
        search(f"/proc/{pid}/{name}", Path(f"/proc/{pid}/{name}").read_bytes())


@test("no secret is in the store, its journal or the other files of the data directory")
def _():
    data = prepare()["data"]
    seen = 0
    for path in sorted(data.rglob("*")):
        if path.is_file():
            search(path.relative_to(data), path.read_bytes(), but=("password typed as name",)
                   if path.name.startswith("cairn.db") else ())
            seen += 1
    assert seen >= 3, seen


@test("no secret is in a backup")
def _():
    data = prepare()["data"]
    out = new_path(".zip")
    good("backup", out, "--data", data)
    search("the backup", out.read_bytes())
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as z:
        for name in z.namelist():
            search(f"{name} of the backup", z.read(name), but=("password typed as name",))


@test("no secret is in the exported log or in exported lists")
def _():
    data = prepare()["data"]
    out = new_path(".jsonl")
    good("verify", "--data", data, "--org", ORG, "--export", out)
    search("the exported log", out.read_bytes())
    for kind in ("people", "roles", "units", "controls"):
        for form in ("csv", "json", "xlsx"):
            file = new_path("." + form)
            good("export", kind, "--data", data, "--org", ORG, "--format", form, "--output", file)
            search(f"the export of {kind} as {form}", file.read_bytes())


@test("no secret is in pages or answers of the API")
def _():
    s, b, key = prepare()["server"], state["browser"], secrets["bearer token"]
    for path in (f"/o/{ORG}", f"/o/{ORG}/people", "/account", f"/o/{ORG}/people?q=canary",
                 f"/o/{ORG}/log"):
        try:
            search(path, b.get(path))
        except OSError:  # no such page in this build
            assert path.endswith("/log"), path
    # The old password's change ended the token made before it.
    assert s.call("GET", "/units", key)[0] == 401
    for path in ("/people", "/events", "/organisations", "/openapi.json"):
        answer = s.call("GET", path, key)
        search(path, repr(answer).encode())


@test("nor in what a faulty request gets")
def _():
    s = prepare()["server"]
    for key in (secrets["bearer token"], "cairn_" + SLIP, SLIP):
        status, answer = s.call("GET", "/units", key)
        assert status == 401, status
        search("a refusal", repr(answer).encode())


@test("nor in a memory image, which the program does not write")
def _():
    s = prepare()["server"]
    limits = Path(f"/proc/{s.process.pid}/limits").read_text()
    soft = re.search(r"Max core file size\s+(\S+)", limits)[1]
    assert soft == "0", f"core files of up to {soft} bytes are allowed"
    assert not list(BASE.glob("core*"))
    assert s.stop() == 0
    r = run("verify", "--data", state["data"])
    assert r.returncode == 0, r.stdout + r.stderr
    assert os.stat(state["data"]).st_mode & 0o077 == 0


main("canary")
