#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files through the whole program: large ones with little memory, broken connections, a killed server,
lost files, backup and restore, S3, limits, hostile requests, and a virus scanner where there is one."""
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser  # noqa: E402
from program_s3 import Bucket, check_published  # noqa: E402
from program_server import (EMAIL, FULL, ORG, PASSWORD, Server, good, main, new_database,  # noqa: E402
                            new_path, new_store, refused, run, test, token)

MIB = 1 << 20
LARGE = 1024 * MIB if FULL else 192 * MIB
MEMORY = 64 * MIB  # that a large file may take at most, under the sanitizer too


def pieces(size, seed=1):
    """The same bytes for the same seed, a piece at a time."""
    r = random.Random(seed)
    block = r.randbytes(MIB)
    for i in range(0, size, MIB):
        yield (block[i // MIB % 1000:] + block[:i // MIB % 1000])[:min(MIB, size - i)]


def hash_of(size, seed=1):
    h = hashlib.sha256()
    for piece in pieces(size, seed):
        h.update(piece)
    return h.hexdigest()


def private(pid):
    """Private memory of a process in bytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(n) for n in re.findall(r"^Private_\w+: *(\d+) kB", text, re.M)) * 1024


class Watch:
    """The largest private memory of a process while it is watched, above what it had before."""

    def __init__(self, pid):
        self.pid, self.stop, self.most = pid, threading.Event(), 0

    def __enter__(self):
        self.before = private(self.pid)
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def look(self):
        while not self.stop.wait(0.02):
            self.most = max(self.most, private(self.pid) - self.before)

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def connect(server):
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)


def begin(server, key, size, name="large.bin"):
    status, answer = server.call("POST", "/uploads", key, {"filename": name, "size": size})
    assert status == 201, answer
    return answer["id"]


def head(key, offset, size, kind="application/partial-upload"):
    return {"Authorization": f"Bearer {key}", "Content-Type": kind, "Upload-Offset": str(offset),
            "Content-Length": str(size)}


def patch(server, key, upload, offset, body, size):
    c = connect(server)
    c.request("PATCH", f"/api/v1/uploads/{upload}", body, head(key, offset, size))
    answer = c.getresponse()
    text = answer.read()
    c.close()
    return answer.status, answer.headers.get("Upload-Offset"), text.decode()


def offset_of(server, key, upload):
    c = connect(server)
    c.request("HEAD", f"/api/v1/uploads/{upload}", headers={"Authorization": f"Bearer {key}"})
    answer = c.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return int(answer.headers["Upload-Offset"])


def fetch(server, key, path, **headers):
    """(status, bytes, sha256) of a download, piece by piece."""
    c = connect(server)
    c.request("GET", path, headers={"Authorization": f"Bearer {key}",
                                    **{k.replace("_", "-"): v for k, v in headers.items()}})
    answer, h, size = c.getresponse(), hashlib.sha256(), 0
    while chunk := answer.read(MIB):
        h.update(chunk)
        size += len(chunk)
    c.close()
    return answer.status, size, h.hexdigest()


def add(server, key, content, name="a.txt", **more):
    """Evidence with this content; the record."""
    upload = begin(server, key, len(content), name)
    status, _, text = patch(server, key, upload, 0, content, len(content))
    assert status == 204, text
    status, made = server.call("POST", "/evidence", key, {"upload": upload, **more})
    assert status == 201, made
    return made


def stored(data):
    return sorted(p for p in (data / "blobs").rglob("*") if p.is_file() and len(p.name) == 64)


@test("a large file goes up in two pieces and comes down again with little memory, the same bytes")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    upload, half = begin(server, key, LARGE), LARGE // 2
    body = pieces(LARGE)
    first = [next(body) for _ in range(half // MIB)] if not FULL else None
    with Watch(server.process.pid) as watch:
        part = iter(first) if first else (next(body) for _ in range(half // MIB))
        status, offset, text = patch(server, key, upload, 0, part, half)
        assert (status, offset) == (204, str(half)), (status, offset, text)
        status, offset, text = patch(server, key, upload, half, body, LARGE - half)
        assert (status, offset) == (204, str(LARGE)), (status, offset, text)
        status, made = server.call("POST", "/evidence", key, {"upload": upload})
        assert status == 201, made
    up = watch.most
    assert made["file_hash"] == hash_of(LARGE) and made["file_size"] == LARGE, made
    with Watch(server.process.pid) as watch:
        status, size, sha = fetch(server, key, f"/api/v1/evidence/{made['id']}/content")
        assert (status, size, sha) == (200, LARGE, made["file_hash"])
    status, size, _ = fetch(server, key, f"/api/v1/evidence/{made['id']}/content",
                            Range=f"bytes={half}-")
    assert (status, size) == (206, LARGE - half)
    print(f"     {LARGE // MIB} MB: {up // 1024} KB more when it went up, "
          f"{watch.most // 1024} KB when it came down")
    assert up < MEMORY and watch.most < MEMORY, (up, watch.most)
    assert server.stop() == 0


@test("a form carries a large file without script and with little memory")
def _():
    data = new_store()
    server = Server(data)
    browser = Browser(server.url)
    browser.sign_in(EMAIL, PASSWORD)
    page = browser.page(f"/o/{ORG}/evidence/new")
    form = dict(re.findall(r"name='(_csrf|_op)' value='([^']*)'", page))
    cookie = "; ".join(f"{c.name}={c.value}" for h in browser.opener.handlers
                       for c in getattr(h, "cookiejar", []))
    edge = "----boundary"

    def field(name, value):
        return (f"--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")

    before = "".join(field(k, v) for k, v in {**form, "kind": "file"}.items()) + (
        f"--{edge}\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"big.bin\"\r\n"
        "Content-Type: text/html\r\n\r\n")
    after = f"\r\n--{edge}--\r\n"

    def body():
        yield before.encode()
        yield from pieces(LARGE)
        yield after.encode()

    with Watch(server.process.pid) as watch:
        c = connect(server)
        c.request("POST", f"/o/{ORG}/evidence", body(), {
            "Content-Type": f"multipart/form-data; boundary={edge}", "Cookie": cookie,
            "Content-Length": str(len(before) + LARGE + len(after))})
        answer = c.getresponse()
        text = answer.read().decode()
    assert answer.status == 303, (answer.status, text[:500])
    assert watch.most < MEMORY, watch.most
    assert [p.name for p in stored(data)] == [hash_of(LARGE)]
    assert not list((data / "tmp").iterdir()), "something was left behind"
    assert server.stop() == 0


@test("what came before a connection broke is there, and the upload goes on from it")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    size = 8 * MIB
    whole = b"".join(pieces(size, 7))
    upload = begin(server, key, size)
    for share in (3 * MIB, 2 * MIB + 17):
        at = offset_of(server, key, upload)
        with socket.create_connection(("127.0.0.1", server.port)) as s:
            lines = [f"PATCH /api/v1/uploads/{upload} HTTP/1.1", f"Host: localhost:{server.port}"]
            lines += [f"{k}: {v}" for k, v in head(key, at, size - at).items()]
            s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + whole[at:at + share])
            time.sleep(0.3)
        deadline = time.monotonic() + 20
        while offset_of(server, key, upload) < at + share:
            assert time.monotonic() < deadline, offset_of(server, key, upload)
            time.sleep(0.05)
    at = offset_of(server, key, upload)
    assert at == 5 * MIB + 17
    status, offset, text = patch(server, key, upload, at, whole[at:], size - at)
    assert (status, offset) == (204, str(size)), text
    status, made = server.call("POST", "/evidence", key, {"upload": upload})
    assert status == 201 and made["file_hash"] == hashlib.sha256(whole).hexdigest(), made
    assert server.stop() == 0


@test("an upload whose server is killed goes on after the start, and no acknowledged file is lost")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    size = 32 * MIB
    kept = [add(server, key, f"kept {n}".encode())["file_hash"] for n in range(5)]
    upload = begin(server, key, size)

    def slowly():
        for n, piece in enumerate(pieces(size, 3)):
            if n > 12:
                time.sleep(0.05)
            yield piece

    def push():
        try:
            patch(server, key, upload, 0, slowly(), size)
        except OSError:
            pass

    thread = threading.Thread(target=push)
    thread.start()
    part = data / "uploads"
    deadline = time.monotonic() + 60
    while not any(p.stat().st_size > 10 * MIB for p in part.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    server.kill()
    thread.join()
    server = Server(data)
    at = offset_of(server, key, upload)
    assert 10 * MIB <= at < size, at
    rest = b"".join(pieces(size, 3))[at:]
    status, offset, text = patch(server, key, upload, at, rest, len(rest))
    assert (status, offset) == (204, str(size)), text
    status, made = server.call("POST", "/evidence", key, {"upload": upload})
    assert status == 201 and made["file_hash"] == hash_of(size, 3), made
    assert {p.name for p in stored(data)} == {*kept, made["file_hash"]}
    assert server.stop() == 0
    good("verify", "--data", data)


@test("verify names a lost and an altered file; a backup leaves them out and says so")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    lost, altered = (add(server, key, t.encode()) for t in ("one", "two"))
    whole = add(server, key, b"three")
    assert server.stop() == 0
    assert "3 files: 0 findings" in good("verify", "--data", data)
    paths = {p.name: p for p in stored(data)}
    paths[lost["file_hash"]].unlink()
    path = paths[altered["file_hash"]]
    path.chmod(0o600)
    path.write_text("TWO")
    r = run("verify", "--data", data, "--format", "json")
    found = [f["text"] for f in json.loads(r.stdout)["findings"]]
    assert r.returncode == 1 and len(found) == 2, found
    assert any("missing" in f and lost["file_hash"] in f and "EV-1" in f for f in found), found
    assert any("altered" in f and altered["file_hash"] in f for f in found), found
    assert "0 findings" in good("verify", "--data", data, "--no-files")
    file, target = new_path(".zip"), new_path()
    r = run("backup", file, "--data", data)
    assert r.returncode == 1 and "2 files are missing or altered" in r.stderr, r.stderr
    good("restore", file, "--data", target)
    assert [p.name for p in stored(target)] == [whole["file_hash"]]
    server, key = Server(target), token(target)
    status, _ignored, _too = fetch(server, key, f"/api/v1/evidence/{lost['id']}/content")
    assert status == 500, status
    status, size, _ = fetch(server, key, f"/api/v1/evidence/{whole['id']}/content")
    assert (status, size) == (200, 5)
    assert server.stop() == 0


@test("backup and restore bring every file, to PostgreSQL with its files in the database and back")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    made = [add(server, key, f"file {n}".encode() * 1000) for n in range(10)]
    file = new_path(".zip")
    good("backup", file, "--data", data)  # while the server runs
    assert server.stop() == 0
    with zipfile.ZipFile(file) as z:
        assert sum(n.startswith("blobs/") for n in z.namelist()) == 10
    url, keys = new_database(), new_path()
    words = ["--database", url, "--files", "database"]
    out = good("restore", file, "--data", keys, *words)
    assert "10 files checked" in out, out
    assert not (keys / "blobs").exists(), "they lie in the database"
    assert "10 files: 0 findings" in good("verify", "--data", keys, *words)
    server = Server(keys, *words)
    key = token(keys, *words)
    status, _, sha = fetch(server, key, f"/api/v1/evidence/{made[3]['id']}/content")
    assert status == 200 and sha == made[3]["file_hash"]
    status, size, _ = fetch(server, key, f"/api/v1/evidence/{made[3]['id']}/content",
                            Range="bytes=5-9")
    assert (status, size) == (206, 5)
    made.append(add(server, key, b"made on PostgreSQL"))
    assert server.stop() == 0
    back, target = new_path(".zip"), new_path()
    good("backup", back, "--data", keys, *words)
    good("restore", back, "--data", target)
    assert {p.name for p in stored(target)} == {m["file_hash"] for m in made}
    assert "11 files: 0 findings" in good("verify", "--data", target)


@test("a backup whose file was exchanged is refused, and nothing is left behind")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    add(server, key, b"the truth")
    assert server.stop() == 0
    file, bad, target = new_path(".zip"), new_path(".zip"), new_path()
    good("backup", file, "--data", data)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bad, "w") as new:
        for n in old.namelist():
            new.writestr(n, b"a lie    " if n.startswith("blobs/") else old.read(n))
    refused("restore", bad, "--data", target, says="not what the list says")
    assert not target.exists() or not set(p.name for p in target.iterdir()) - {"lock"}


@test("files in S3: every request is signed as AWS says, and what is unused is removed")
def _():
    check_published()
    bucket = Bucket()
    data = new_store()
    words = ["--files", bucket.place]
    refused("verify", "--data", data, *words, says="AWS_ACCESS_KEY_ID")
    key = token(data)
    server = Server(data, *words, env=bucket.env)
    made = add(server, key, b"0123456789" * 100)
    assert not bucket.wrong, bucket.wrong
    assert [k.rpartition("/")[2] for k in bucket.objects] == [made["file_hash"]]
    assert not (data / "blobs").exists()
    status, _, sha = fetch(server, key, f"/api/v1/evidence/{made['id']}/content")
    assert status == 200 and sha == made["file_hash"]
    status, size, _ = fetch(server, key, f"/api/v1/evidence/{made['id']}/content",
                            Range="bytes=10-19")
    assert (status, size) == (206, 10)
    bucket.down = True
    upload = begin(server, key, 4)
    assert patch(server, key, upload, 0, b"text", 4)[0] == 204
    status, answer = server.call("POST", "/evidence", key, {"upload": upload})
    assert status == 503, answer
    bucket.down = False
    status, answer = server.call("POST", "/evidence", key, {"upload": upload})
    assert status == 201, answer
    # stored, but never named: the evidence is refused after the bytes are there
    upload = begin(server, key, 6)
    assert patch(server, key, upload, 0, b"orphan", 6)[0] == 204
    status, answer = server.call("POST", "/evidence", key, {"upload": upload, "nonsense": 1})
    assert status == 422 and len(bucket.objects) == 3
    assert server.stop() == 0
    assert "2 files: 0 findings" in good("verify", "--data", data, *words, env=bucket.env)
    file, target = new_path(".zip"), new_path()
    good("backup", file, "--data", data, *words, env=bucket.env)
    good("restore", file, "--data", target)
    assert len(stored(target)) == 2
    # a day later
    db = sqlite3.connect(data / "cairn.db")
    assert db.execute("select count(*) from blob_pending").fetchone()[0] == 1
    db.execute("update blob_pending set at = 1")
    db.commit()
    db.close()
    server = Server(data, *words, env=bucket.env)
    deadline = time.monotonic() + 20
    while len(bucket.objects) != 2:
        assert time.monotonic() < deadline, "the unused object is still there"
        time.sleep(0.1)
    assert server.stop() == 0
    assert not bucket.wrong, bucket.wrong
    bucket.shutdown()


@test("limits answer with a sentence before a byte of the body is read; others are not held up")
def _():
    data = new_store()
    key = token(data)
    server = Server(data, "--upload-limit", "1M", "--quota", "3M", "--quota-person-files", "4")
    status, answer = server.call("POST", "/uploads", key, {"filename": "a", "size": 2 * MIB})
    assert status == 413 and "one upload may have" in answer["detail"], answer
    for n in range(2):
        add(server, key, random.Random(n).randbytes(MIB))
    status, answer = server.call("POST", "/uploads", key, {"filename": "a", "size": MIB})
    assert status == 201, answer
    status, answer = server.call("POST", "/uploads", key, {"filename": "a", "size": 1})
    assert status == 201, answer
    status, answer = server.call("POST", "/uploads", key, {"filename": "a", "size": 1})
    assert status == 429 and "4 files a day" in answer["detail"], answer
    assert server.stop() == 0
    server = Server(data, "--quota", "2M")
    status, answer = server.call("POST", "/uploads", key, {"filename": "a", "size": 2 * MIB})
    assert status == 413 and "organisation's files may take" in answer["detail"], answer
    browser = Browser(server.url)
    browser.sign_in(EMAIL, PASSWORD)
    cookie = "; ".join(f"{c.name}={c.value}" for h in browser.opener.handlers
                       for c in getattr(h, "cookiejar", []))
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as s:
        s.sendall((f"POST /o/{ORG}/evidence HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
                   f"Cookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                   f"Content-Length: {5 * MIB}\r\n\r\n").encode())
        assert b" 413 " in s.recv(4096).split(b"\r\n")[0]
    assert server.stop() == 0
    for words in (["--upload-limit", "5"], ["--quota", "x"], ["--clamd", "nowhere"],
                  ["--clamd-optional"], ["--files", "elsewhere"]):
        refused("serve", "--data", data, "--listen", "127.0.0.1:0", *words, says="--")


@test("requests that lie about size, place or kind change nothing")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    upload = begin(server, key, 10)
    for offset, size in ((1, 5), (-1, 5), (10, 1), (0, 11)):
        status, _, text = patch(server, key, upload, offset, b"x" * size, size)
        assert status in (400, 409, 413), (offset, size, status, text)
    assert offset_of(server, key, upload) == 0
    # more bytes than were announced, in chunks of unknown length
    c = connect(server)
    c.request("PATCH", f"/api/v1/uploads/{upload}", iter([b"0123456789", b"and more"]),
              {k: v for k, v in head(key, 0, 0).items() if k != "Content-Length"},
              encode_chunked=True)
    assert c.getresponse().status == 413
    assert offset_of(server, key, upload) <= 10
    # raw bytes where none are wanted, and JSON where bytes are
    c = connect(server)
    c.request("POST", "/api/v1/risks", b"bytes", head(key, 0, 5))
    assert c.getresponse().status == 415
    c = connect(server)
    c.request("PATCH", f"/api/v1/uploads/{begin(server, key, 2)}", b"{}",
              head(key, 0, 2, "application/json"))
    assert c.getresponse().status == 415
    for other in ("1", "x", "../../etc/passwd", "9223372036854775807"):
        assert patch(server, key, other, 0, b"x", 1)[0] in (400, 404)
    assert server.stop() == 0
    assert not (data / "blobs").exists()


@test("the command line adds files to records and gives them back, beside a running server too")
def _():
    data = new_store()
    key, server = token(data), Server(data)
    status, risk = server.call("POST", "/risks", key, {"title": "Fire"})
    assert status == 201, risk
    source = new_path(".txt")
    source.write_bytes(b"".join(pieces(3 * MIB + 5)))
    out = good("evidence", "add", source, "--record", risk["number"], "--title", "Report",
               "--valid-until", "2030-01-01", "--data", data)
    assert hashlib.sha256(source.read_bytes()).hexdigest() in out, out
    status, made = server.call("GET", "/evidence/EV-1", key)
    assert made["about"] == [risk["number"]] and made["valid_until"] == "2030-01-01", made
    assert server.stop() == 0
    back = new_path()
    good("evidence", "get", "EV-1", "--output", back, "--data", data)
    assert back.read_bytes() == source.read_bytes()
    refused("evidence", "add", source, "--record", "R-99", "--data", data, says="R-99")
    refused("evidence", "get", "EV-9", "--data", data, says="no such evidence")
    rows = good("export", "evidence", "--data", data, "--format", "csv")
    assert "Report" in rows and risk["number"] in rows, rows
    file = new_path(".csv")
    file.write_text(f"title,kind,url,about\nWiki,link,https://wiki.example.com/,{risk['number']}\n")
    good("import", "evidence", file, "--data", data)
    assert "https://wiki.example.com/" in good("export", "evidence", "--data", data)


def find_clamd():
    return os.environ.get("CAIRN_CLAMD") or shutil.which("clamd") or shutil.which("/usr/sbin/clamd")


@test("a scanner's finding refuses the file by name, and the log says so")
def _():
    clamd = find_clamd()
    if not clamd:
        print("     (clamd is not installed here: the scanner was not tried)")
        return
    folder = new_path()
    (folder / "signatures").mkdir(parents=True)
    folder.chmod(0o755)
    marker = b"CAIRN-TEST-MARKER-7f3a"
    (folder / "signatures" / "own.ndb").write_text(f"Cairn.Test.Marker:0:*:{marker.hex()}\n")
    place = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {place}\nDatabaseDirectory {folder}/signatures\nForeground yes\n"
        f"TCPSocket 0\nLogFile {folder}/log\n".replace("TCPSocket 0\n", ""))
    process = subprocess.Popen([clamd, "-c", str(folder / "clamd.conf")],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not place.exists():
            assert process.poll() is None and time.monotonic() < deadline, "clamd did not start"
            time.sleep(0.1)
        data = new_store()
        key, server = token(data), Server(data, "--clamd", f"unix:{place}")
        made = add(server, key, b"harmless words")
        assert made["scan"].startswith("clean, ClamAV"), made
        upload = begin(server, key, len(marker) + 4, "report.pdf")
        assert patch(server, key, upload, 0, b"xx" + marker + b"xx", len(marker) + 4)[0] == 204
        status, answer = server.call("POST", "/evidence", key, {"upload": upload})
        assert status == 422 and "Cairn.Test.Marker" in answer["detail"], answer
        assert "report.pdf" in answer["detail"], answer
        status, events = server.call("GET", "/events?action=file.refused", key)
        assert len(events["items"]) == 1, events
        assert len(stored(data)) == 1
        assert server.stop() == 0
    finally:
        process.terminate()
        process.wait(30)


main("upload")
