#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line as a script sees it: words, refusals, exit statuses, and commands that run inside
the server. Each test is a sentence; the program is started as a whole."""
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = os.environ["CAIRN_BIN"]
BASE = Path(os.environ.get("CAIRN_TEST_DIR") or "/tmp") / f"cli-{os.getpid()}"
URL = os.environ.get("CAIRN_TEST_URL")
ENV = {k: v for k, v in os.environ.items() if k not in ("CAIRN_DATA", "CAIRN_DATABASE")}
ENV.update(CAIRN_TEST_CHEAP_HASH="1", CAIRN_TEST_PG="1") # quick hashes; a database without fsync
PASSWORD = "correct horse battery staple"

tests = []
servers = []
fresh = 0


def test(sentence):
    def add(function):
        tests.append((sentence, function))
        return function
    return add


def new_dir():
    global fresh
    fresh += 1
    return BASE / f"d{fresh}"


def run(*words, stdin="", env=None, cwd=None, timeout=60):
    return subprocess.run([BIN, *map(str, words)], input=stdin, capture_output=True, text=True,
                          timeout=timeout, env={**ENV, **(env or {})}, cwd=cwd or BASE)


def refused(*words, says=(), **more):
    """Runs a command that must be refused with status 2, a sentence, and nothing on stdout."""
    r = run(*words, **more)
    assert r.returncode == 2, f"status {r.returncode}: {r.stderr}"
    assert r.stdout == "", f"stdout: {r.stdout}"
    assert r.stderr.startswith("cairn: "), f"stderr: {r.stderr}"
    for text in [says] if isinstance(says, str) else says:
        assert text in r.stderr, f"“{text}” is not in: {r.stderr}"
    return r


def good(*words, **more):
    r = run(*words, **more)
    assert r.returncode == 0, f"status {r.returncode}: {r.stderr}"
    return r


class Server:
    """A server on a free port; `listening` is its first line."""

    def __init__(self, data, *words, env=None, listen="127.0.0.1:0"):
        self.data = data
        self.log = open(BASE / f"log-{len(servers)}", "w+")
        self.process = subprocess.Popen(
            [BIN, "serve", "--data", str(data), "--listen", listen, *map(str, words)], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, cwd=BASE,
            env={**ENV, **(env or {})})
        servers.append(self)
        self.listening = self.process.stdout.readline()
        assert self.listening, f"did not start: {self.errors()}"
        self.url = self.listening.split()[-1]

    def errors(self):
        return Path(self.log.name).read_text()

    def link(self):
        found = re.search(r"https?://\S+/setup/\S+", self.errors())
        return found and found.group(0)

    def healthy(self):
        with urllib.request.urlopen(self.url + "/healthz", timeout=10) as answer:
            return answer.status == 200

    def stop(self, sig=signal.SIGTERM):
        """Ends the server; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        status = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return status


def new_store(**more):
    data = new_dir()
    good("init", "--data", data, "--admin", "ada@example.com", "--password-stdin",
         stdin=PASSWORD + "\n", **more)
    return data


def token(data, **more):
    return run("token", "create", "--data", data, "--user", "ada@example.com", "--operator", **more)


# --- words ----------------------------------------------------------------------------------------

@test("a call without a command is refused")
def _():
    refused(says="cairn help")


@test("a mistyped command is refused, and the nearest one is named")
def _():
    refused("verson", says="“version”")
    refused("token", "creat", says="“token create”")
    refused("frobnicate-everything", says="There is no command")


@test("the first word of a longer name alone is refused with what may follow")
def _():
    refused("token", says="token create")


@test("options before the command are refused")
def _():
    refused("--data", "x", "serve", says="The command comes first")


@test("an unknown option is refused, and the nearest one is named")
def _():
    refused("serve", "--lissten", "127.0.0.1:0", says="--listen")
    refused("token", "create", "--user", "a@b", "--oparator", says="--operator")
    refused("serve", "-p", "80", says="two dashes")


@test("a missing value, a value too many and a doubled option are refused")
def _():
    refused("serve", "--listen", says="--listen needs a value")
    refused("serve", "--listen", "--data", "x", says="--listen needs a value")
    refused("init", "--demo=yes", says="takes no value")
    refused("init", "--data", "x", "--data", "y", says="twice")


@test("a needed option, a word too many and a value outside its list are refused")
def _():
    refused("token", "create", says="--user EMAIL")
    refused("init", "somewhere", says="one word too many")
    refused("serve", "--log-level", "loud", says="debug|info|warn|error")


@test("arguments that are not UTF-8 are refused")
def _():
    r = subprocess.run([BIN.encode(), b"version", b"\xff"], capture_output=True, env=ENV)
    assert r.returncode == 2 and b"UTF-8" in r.stderr and r.stdout == b""


@test("an option's value may stand behind = and options in any place")
def _():
    data = new_store()
    good("token", "create", "--operator", f"--data={data}", "--user=ada@example.com")
    good("token", "create", "--user", "ada@example.com", "--data", data, "--operator")


# --- what needs no data directory -----------------------------------------------------------------

@test("help names every command, and each tells its usage")
def _():
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)*)  ", good("help").stdout, re.M)
    assert {"serve", "init", "token create", "routes", "permissions", "man"} <= set(listed), listed
    for name in listed:
        page = good("help", *name.split()).stdout
        assert page.startswith(f"usage: cairn {name}"), page
        assert good(*name.split(), "--help").stdout == page
    assert good("--help").stdout == good("help").stdout == good("-h").stdout


@test("help about an unknown command is refused")
def _():
    refused("help", "nonsense", says="There is no command")


@test("the version is that of the build")
def _():
    wanted = re.search(r"version: '(.*)'", (ROOT / "meson.build").read_text()).group(1)
    assert good("version").stdout == f"cairn {wanted}\n"
    assert good("--version").stdout == f"cairn {wanted}\n"


@test("docs/cairn.1 is what the program prints")
def _():
    assert (ROOT / "docs/cairn.1").read_text() == good("man").stdout, \
        "stale: cairn man > docs/cairn.1"


@test("docs/permissions.md is what the program prints")
def _():
    assert (ROOT / "docs/permissions.md").read_text() == good("permissions").stdout, \
        "stale: cairn permissions > docs/permissions.md"


@test("routes prints four fields for each address, with a right")
def _():
    lines = good("routes").stdout.splitlines()
    assert len(lines) > 5
    for line in lines:
        method, pattern, right, flags = line.split("\t")
        assert method in ("GET", "POST", "PATCH", "DELETE") and pattern[0] == "/" and right, line
    assert "GET\t/healthz\tanyone\tsite" in lines


@test("these commands leave nothing behind")
def _():
    place = new_dir()
    place.mkdir()
    for name in ("help", "version", "man", "routes", "permissions"):
        good(name, cwd=place)
    assert list(place.iterdir()) == []


# --- init -----------------------------------------------------------------------------------------

@test("init makes a private directory with private files")
def _():
    data = new_dir()
    out = good("init", "--data", data).stdout
    assert "cairn serve" in out
    assert data.stat().st_mode & 0o777 == 0o700
    for path in data.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


@test("CAIRN_DATA names the directory, and ./data is the default")
def _():
    place = new_dir()
    place.mkdir()
    good("init", cwd=place)
    good("init", cwd=place, env={"CAIRN_DATA": "other"})
    assert (place / "data/cairn.db").exists() and (place / "other/cairn.db").exists()


@test("init twice is refused and leaves the store alone")
def _():
    data = new_store()
    before = (data / "cairn.db").read_bytes()
    refused("init", "--data", data, says="already")
    assert (data / "cairn.db").read_bytes() == before


@test("init and serve in somebody else's directory are refused and change nothing")
def _():
    data = new_dir()
    data.mkdir()
    (data / "letter.txt").write_text("dear")
    refused("init", "--data", data, says=["not empty", "letter.txt"])
    refused("serve", "--data", data, "--listen", "127.0.0.1:0", says="letter.txt")
    assert [p.name for p in data.iterdir()] == ["letter.txt"]


@test("init refuses a short password, a bad address, no password, and makes nothing")
def _():
    data = new_dir()
    admin = ("init", "--data", data, "--admin", "ada@example.com")
    refused(*admin, "--password-stdin", stdin="short\n", says="12 characters")
    refused(*admin, "--password-stdin", stdin="", says="standard input")
    refused(*admin, stdin=PASSWORD, says="--password-stdin")
    refused("init", "--data", data, "--admin", "ada", "--password-stdin", stdin=PASSWORD + "\n",
            says="not an e-mail")
    refused("init", "--data", data, "--password-stdin", stdin=PASSWORD, says="--admin")
    assert not data.exists()


@test("init --name makes the organisation with its administrator")
def _():
    data = new_dir()
    admin = ("--admin", "ada@example.com", "--password-stdin")
    refused("init", "--data", data, "--name", "Apfel & Söhne", says="--admin")
    refused("init", "--data", data, *admin, "--name", "X", "--zone", "Mars", stdin=PASSWORD,
            says="time zone")
    out = good("init", "--data", data, *admin, "--name", "Apfel & Söhne", "--zone",
               "Europe/Berlin", stdin=PASSWORD + "\n").stdout
    assert "apfel-sohne" in out, out
    mine = ("token", "create", "--data", data, "--user", "ada@example.com")
    assert good(*mine).stdout and good(*mine, "--org", "apfel-sohne").stdout
    refused(*mine, "--org", "Birne", says="apfel-sohne")


@test("commands on a directory without a store are refused and make nothing")
def _():
    data = new_dir()
    refused("token", "create", "--data", data, "--user", "a@b", says="cairn init")
    data.mkdir()
    refused("token", "create", "--data", data, "--user", "a@b", says="cairn init")
    assert list(data.iterdir()) == []


# --- serve ----------------------------------------------------------------------------------------

@test("serve refuses plain http on a network address, and says how to mend it")
def _():
    data = new_store()
    for words in ((), ("--base-url", "https://isms.example.com"),
                  ("--trusted-proxy", "192.0.2.1"),
                  ("--base-url", "http://isms.example.com", "--trusted-proxy", "192.0.2.1")):
        for address in ("0.0.0.0:0", "[::]:0"):
            refused("serve", "--data", data, "--listen", address, *words,
                    says=["--tls-cert", "--trusted-proxy", "127.0.0.1"])


@test("serve listens on a network address when a trusted proxy does TLS")
def _():
    s = Server(new_store(), "--base-url", "https://isms.example.com", "--trusted-proxy",
               "127.0.0.1", listen="0.0.0.0:0")
    request = urllib.request.Request(s.url.replace("0.0.0.0", "127.0.0.1") + "/healthz",
                                     headers={"Host": "isms.example.com",
                                              "X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert s.stop() == 0


@test("serve with a certificate of its own answers over TLS")
def _():
    data, key, cert = new_store(), BASE / "tls.key", BASE / "tls.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    refused("serve", "--data", data, "--tls-cert", cert, says="go together")
    refused("serve", "--data", data, "--tls-cert", cert, "--tls-key", BASE / "none",
            says="cannot be read")
    s = Server(data, "--tls-cert", cert, "--tls-key", key, "--base-url", "https://localhost")
    assert s.listening.startswith("cairn: listening on https://127.0.0.1:"), s.listening
    import http.client
    import ssl
    context = ssl.create_default_context(cafile=str(cert))
    c = http.client.HTTPSConnection("localhost", int(s.url.split(":")[-1]), context=context)
    c.request("GET", "/healthz", headers={"Host": "localhost"})
    assert c.getresponse().status == 200
    c.close()
    assert s.stop() == 0


@test("serve refuses words it cannot use")
def _():
    data = new_store()
    for words, says in ((("--listen", "8080"), "ADDRESS:PORT"),
                        (("--listen", "127.0.0.1:99999"), "ADDRESS:PORT"),
                        (("--listen", "example.com:80"), "ADDRESS:PORT"),
                        (("--base-url", "isms.example.com"), "--base-url"),
                        (("--base-url", "https://x/path"), "--base-url"),
                        (("--trusted-proxy", "proxy"), "not an IP address"),
                        (("--workers", "none"), "--workers"),
                        (("--body-limit", "2G"), "--body-limit")):
        refused("serve", "--data", data, *words, says=says)


@test("serve prints exactly one line, with the real port, and ends well on SIGTERM and SIGINT")
def _():
    data = new_store()
    for sig, listen, start in ((signal.SIGTERM, "127.0.0.1:0", "http://127.0.0.1:"),
                               (signal.SIGINT, "[::1]:0", "http://[::1]:")):
        s = Server(data, listen=listen)
        assert s.listening.startswith("cairn: listening on " + start), s.listening
        assert not s.listening.rstrip().endswith(":0") and s.healthy()
        s.process.send_signal(sig)
        assert s.process.stdout.read() == ""
        assert s.stop() == 0, s.errors()
        assert not (data / "control.sock").exists()


@test("a second signal ends a server at once that waits for a request")
def _():
    s = Server(new_store())
    host, port = s.url[7:].split(":")
    c = socket.create_connection((host, int(port)))
    c.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
              b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=")
    time.sleep(0.3)
    s.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    started = time.monotonic()
    s.process.send_signal(signal.SIGTERM)
    s.process.wait(30)
    c.close()
    assert time.monotonic() - started < 5
    s.stop()


@test("a port that is taken is refused")
def _():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused("serve", "--data", new_store(), "--listen",
                f"127.0.0.1:{taken.getsockname()[1]}", says="Cannot listen")


@test("--database @FILE takes the address from the file")
def _():
    data = new_dir()
    (BASE / "address").write_text(f"sqlite:{BASE}/elsewhere.db\n")
    s = Server(data, "--database", f"@{BASE}/address")
    assert s.healthy() and (BASE / "elsewhere.db").exists() and not (data / "cairn.db").exists()
    assert s.stop() == 0
    refused("serve", "--data", data, "--database", "@nowhere", says="nowhere")


# --- the first account ----------------------------------------------------------------------------

class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None # the redirect itself is the answer


class Browser:
    def __init__(self):
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), Stay())

    def visit(self, url, form=None):
        """Status and text of an answer."""
        data = form and urllib.parse.urlencode(form).encode()
        try:
            with self.opener.open(url, data, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def fill(self, url, **values):
        """Opens a page with a form, fills it in and sends it."""
        status, page = self.visit(url)
        if status != 200:
            return status, page
        form = dict(re.findall(r"name='(_\w+)' value='([^']*)'", page))
        return self.visit(url, {**form, **values})


def set_up(link, email):
    return Browser().fill(link, name="Ada", email=email, password=PASSWORD)


@test("the first start of an empty directory prints a setup link that works once")
def _():
    s = Server(new_dir())
    link = s.link()
    assert link and link.startswith(s.url + "/setup/"), s.errors()
    status, page = set_up(link, "ada@example.com")
    assert status == 303, (status, page)
    assert token(s.data).returncode == 0, "the account is not there"
    status, page = set_up(link, "eve@example.com")
    assert status in (403, 404, 409, 410), status
    r = run("token", "create", "--data", s.data, "--user", "eve@example.com", "--operator")
    assert r.returncode == 2, "the link worked twice"
    assert s.stop() == 0
    assert Server(s.data).link() is None


@test("with an account there, an older setup link is worth nothing")
def _():
    data = new_dir()
    first = Server(data)
    old = urllib.parse.urlsplit(first.link()).path
    first.stop()
    second = Server(data)
    assert set_up(second.link(), "ada@example.com")[0] == 303
    status, _ = set_up(second.url + old, "eve@example.com")
    assert status in (403, 404, 409, 410), status
    r = run("token", "create", "--data", data, "--user", "eve@example.com", "--operator")
    assert r.returncode == 2, "the older link made a second operator"


@test("a setup link is worth nothing after an hour")
def _():
    data = new_dir()
    first = Server(data)
    path = urllib.parse.urlsplit(first.link()).path
    first.stop()
    later = Server(data, env={"CAIRN_CLOCK_SHIFT": "3700"})
    status, _ = set_up(later.url + path, "eve@example.com")
    assert status in (403, 404, 410), status


@test("there is no link when init made the account, and no password in any file or log")
def _():
    s = Server(new_store())
    assert s.link() is None, s.errors()
    clear = token(s.data).stdout.strip()
    s.stop()
    for path in [*s.data.rglob("*"), Path(s.log.name)]:
        if path.is_file():
            content = path.read_bytes()
            assert PASSWORD.encode() not in content and clear.encode() not in content, path


# --- commands and a running server ----------------------------------------------------------------

@test("commands through a running server answer as without one")
def _():
    data = new_store()
    calls = [("token", "create", "--user", "ada@example.com", "--operator"),
             ("token", "create", "--user", "nobody@example.com", "--operator"),
             ("token", "create", "--user", "ada@example.com", "--org", "none"),
             ("token", "create", "--usr", "x"),
             ("init",)]
    before = [run(*words, "--data", data) for words in calls]
    s = Server(data)
    after = [run(*words, "--data", data) for words in calls]
    assert s.stop() == 0
    for b, a in zip(before, after):
        assert (b.returncode, b.stderr) == (a.returncode, a.stderr), (b, a)
        assert bool(b.stdout) == bool(a.stdout) and b.stdout.count("\n") == a.stdout.count("\n")
    log = s.errors()
    assert log.count('command name="token create"') == 3, log


@test("a token that a command prints through the server is only the token, and works")
def _():
    s = Server(new_store())
    out = token(s.data).stdout
    assert re.fullmatch(r"\S+\n", out), out
    request = urllib.request.Request(s.url + "/api/v1/organisations",
                                     headers={"Authorization": "Bearer " + out.strip()})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert "items" in json.load(answer)


@test("a command for another database does not run in the server")
def _():
    s = Server(new_store())
    refused("token", "create", "--data", s.data, "--user", "ada@example.com", "--operator",
            "--database", f"sqlite:{BASE}/another.db", says="another database")
    assert token(s.data, env={"CAIRN_DATABASE": f"sqlite:{s.data}/cairn.db"}).returncode == 0


@test("two servers on one directory are refused; the first goes on")
def _():
    s = Server(new_store())
    refused("serve", "--data", s.data, "--listen", "127.0.0.1:0",
            says=["Another Cairn", f"process {s.process.pid} "])
    refused("init", "--data", s.data, says="already")
    assert s.healthy() and token(s.data).returncode == 0


@test("a killed server leaves neither lock nor socket in the way")
def _():
    data = new_store()
    s = Server(data)
    s.stop(signal.SIGKILL)
    assert (data / "control.sock").exists()
    assert token(data).returncode == 0
    s = Server(data)
    assert s.healthy() and token(data).returncode == 0
    assert s.stop() == 0


@test("a command waits for another one, and then names what holds the lock")
def _():
    data = new_store()
    with open(data / "lock") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        r = token(data)
        assert r.returncode == 2 and f"process {os.getpid()} " in r.stderr, r.stderr
    both = [subprocess.Popen([BIN, "token", "create", "--data", str(data), "--user",
                              "ada@example.com", "--operator"], stdout=subprocess.PIPE, env=ENV)
            for _ in range(2)]
    for process in both:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and out


def call_socket(data, message, fds=()):
    c = socket.socket(socket.AF_UNIX)
    c.connect(str(data / "control.sock"))
    if message is not None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        socket.send_fds(c, [struct.pack("=I", len(body))], list(fds))
        c.sendall(body)
    return c


@test("nonsense on the control socket and callers who vanish do not harm the server")
def _():
    s = Server(new_store())
    words = ["token", "create", "--user", "ada@example.com", "--operator"]
    null = os.open(os.devnull, os.O_RDWR)
    streams = (null, null, null)
    call_socket(s.data, None).close()
    call_socket(s.data, b"{nonsense").close()
    call_socket(s.data, b"[]").close()
    call_socket(s.data, {"argv": words}).close()             # no descriptors
    call_socket(s.data, {"argv": [1, None], "cwd": 3}, streams).close()
    call_socket(s.data, {"argv": ["serve"], "cwd": "/"}, streams).close()
    os.close(null)
    c = socket.socket(socket.AF_UNIX)
    c.connect(str(s.data / "control.sock"))
    c.sendall(b"\xff\xff\xff\xff")                           # a length that is too large
    c.close()
    for _ in range(40):                                      # more than run at once: they wait
        read, write = os.pipe()
        os.close(read)                                       # nobody reads the answer
        call_socket(s.data, {"argv": words, "cwd": "/"}, (0, write, write)).close()
        os.close(write)
    assert s.healthy() and token(s.data).returncode == 0
    assert s.stop() == 0, s.errors()


@test("another user cannot give commands, even where files would let them")
def _():
    if os.getuid() != 0:
        return
    s = Server(new_store())
    os.chmod(s.data, 0o755)
    os.chmod(s.data / "control.sock", 0o666)
    os.chmod(BASE, 0o755)
    child = os.fork()
    if child == 0:
        status = 9
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            c = call_socket(s.data, {"argv": ["version"], "cwd": "/"}, (0, 1, 2))
            status = 0 if c.recv(100) == b"" else 1
        except ConnectionError:
            status = 0
        except PermissionError:
            status = 3 # a directory above is closed: then this test tells nothing
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 3), status
    if status == 0:
        assert "command-refused" in s.errors()
    s.stop()


# --- PostgreSQL -----------------------------------------------------------------------------------

@test("the same program serves from PostgreSQL, and commands reach that store")
def _():
    if not URL:
        return
    name = f"cli_{os.getpid()}"
    subprocess.run(["psql", "-q", URL, "-c", f"create database {name}"], check=True)
    url = re.sub(r"(//[^/]*/)[^?]*", rf"\g<1>{name}", URL, count=1)
    data = new_dir()
    try:
        good("init", "--data", data, "--database", url, "--admin", "ada@example.com",
             "--password-stdin", stdin=PASSWORD + "\n")
        assert not (data / "cairn.db").exists()
        refused("init", "--data", data, "--database", url, says="already")
        s = Server(data, "--database", url)
        assert s.healthy() and s.link() is None
        assert token(data, env={"CAIRN_DATABASE": url}).returncode == 0
        assert token(data).returncode == 0, "the server knows where its store is"
        refused("serve", "--data", data, "--database", url, "--listen", "127.0.0.1:0",
                says="Another Cairn")
        assert s.healthy() and s.stop() == 0
        assert token(data, env={"CAIRN_DATABASE": url}).returncode == 0
        refused("token", "create", "--data", data, "--user", "x@y", says="no Cairn store")
    finally:
        for s in servers:
            if s.data == data:
                s.stop()
        subprocess.run(["psql", "-q", URL, "-c", f"drop database {name}"], check=True)


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    BASE.mkdir(parents=True)
    passed = failed = 0
    for sentence, function in tests:
        if wanted not in sentence:
            continue
        try:
            function()
            passed += 1
        except Exception:
            failed += 1
            print(f"FAILED {sentence}")
            traceback.print_exc(limit=-3, file=sys.stdout)
        finally:
            for s in servers:
                if s.process.poll() is None:
                    s.stop(signal.SIGKILL)
    shutil.rmtree(BASE)
    print(f"cli: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
