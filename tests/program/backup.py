#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Backup and restore through the program: exact copies under load, both engines, refusals that leave
nothing behind, and what happens to the log, the keys and the people who were signed in."""
import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Browser
from program_server import (EMAIL, PASSWORD, Server, good, main, new_database, new_path, new_store, refused, run, sql,
                            test, token)

# What a restore itself changes: it signs everybody out and writes to the logs.
GROWS = {"account", "account_history", "audit_actor", "audit_checkpoint", "audit_entry",
         "audit_event", "audit_frontier", "audit_payload", "audit_tile", "one_time_link", "operation",
         "schema_migration", "search_doc", "session", "record", "job", "notice_state", "step_reached", "throttle"}


def open_db(data):
    return sqlite3.connect(f"file:{data}/cairn.db?mode=ro", uri=True)


def tables(db):
    return sorted(r[0] for r in db.execute("select name from sqlite_schema where type = 'table'")
                  if not r[0].startswith(("sqlite_", "search_index", "search_fts"))
                  and "_fts" not in r[0] and not r[0].startswith("search_")) + ["search_doc"]


def rows(db, table):
    found = db.execute(f'select * from "{table}"').fetchall()
    if table == "catalogue":  # PostgreSQL keeps JSON in an order of its own
        found = [[json.loads(c) if str(c).startswith("{") else c for c in row] for row in found]
    return sorted(found, key=repr) if table != "catalogue" else sorted(found, key=lambda r: r[:2])


def entries(db):
    return dict(((o, i), e) for o, i, e in db.execute("select org_id, idx, entry from audit_entry"))


def manifest(file):
    with zipfile.ZipFile(file) as z:
        return json.loads(z.read("manifest.json"))


def rewrite(file, change):
    """A copy of a backup with other members; the list of hashes fits again unless `change` says so."""
    out = new_path(".zip")
    with zipfile.ZipFile(file) as z:
        members = {n: z.read(n) for n in z.namelist()}
    listed = json.loads(members["manifest.json"])
    change(members, listed)
    members["manifest.json"] = json.dumps(listed).encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return out


def replaced_database(members, listed, statement):
    """Changes the database inside, and the list so that its hashes fit."""
    path = new_path(".db")
    path.write_bytes(members["cairn.db"])
    db = sqlite3.connect(path)
    db.execute("pragma journal_mode = delete")
    db.execute(statement)
    db.commit()
    db.close()
    members["cairn.db"] = path.read_bytes()
    for one in listed["members"]:
        if one["name"] == "cairn.db":
            one["size"] = len(members["cairn.db"])
            one["sha256"] = hashlib.sha256(members["cairn.db"]).hexdigest()


def filled():
    """A store with a few risks and people, its backup, and its token."""
    data = new_store()
    key = token(data)
    server = Server(data)
    for n in range(5):
        status, answer = server.call("POST", "/risks", key, {"title": f"Ärger {n}"},
                                     {"Idempotency-Key": f"r{n}"})
        assert status == 201, answer
    status, answer = server.call("POST", "/units", key, {"name": "IT"}, {"Idempotency-Key": "u"})
    assert status == 201, answer
    status, answer = server.call("POST", "/people", key,
                                 {"name": "Bea", "email": "bea@example.com", "state": "active",
                                  "unit": answer["id"]}, {"Idempotency-Key": "p"})
    assert status == 201, answer
    assert server.stop() == 0
    file = new_path(".zip")
    good("backup", file, "--data", data)
    return data, key, file


def leaves_nothing(file, says):
    target = new_path()
    refused("restore", file, "--data", target, says=says)
    left = [p.name for p in target.iterdir()] if target.exists() else []
    assert not set(left) - {"lock"}, f"left behind: {left}"


@test("a backup made while two people write is a prefix of what they wrote, and passes the check")
def _():
    data = new_store()
    key = token(data)
    server = Server(data)
    written, stop = [[], []], threading.Event()

    def write(i):
        while not stop.is_set():
            title = f"w{i}-{len(written[i]):05}"
            status, answer = server.call("POST", "/risks", key, {"title": title},
                                         {"Idempotency-Key": title})
            assert status == 201, answer
            written[i].append(title)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(2)]
    for t in threads:
        t.start()
    while min(map(len, written)) < 20:
        time.sleep(0.01)
    before = [len(w) for w in written]
    file, target = new_path(".zip"), new_path()
    good("backup", file, "--data", data)
    after = [len(w) for w in written]
    time.sleep(0.2)
    stop.set()
    for t in threads:
        t.join()
    good("verify", "--data", data)
    assert server.stop() == 0
    good("restore", file, "--data", target)
    good("verify", "--data", target)
    old, new = open_db(data), open_db(target)
    titles = {r[0] for r in new.execute("select title from risk")}
    for i in range(2):
        mine = sorted(t for t in titles if t.startswith(f"w{i}-"))
        assert mine == written[i][:len(mine)], "not a prefix"
        assert before[i] <= len(mine) <= after[i] + 1, f"{before[i]} {len(mine)} {after[i]}"
    assert sum(before) < sum(map(len, written)), "nobody wrote meanwhile"
    live, restored = entries(old), entries(new)
    for log in manifest(file)["logs"]:
        for idx in range(log["size"]):
            assert restored[int(log["org"]), idx] == live[int(log["org"]), idx]


@test("SQLite to PostgreSQL and back keeps every row, and the check passes on each")
def _():
    data, _, file = filled()
    url, keys = new_database(), new_path()
    good("restore", file, "--data", keys, "--database", url)
    good("verify", "--data", keys, "--database", url)
    assert sql(url, "select count(*) from risk") == "5"
    server = Server(keys, "--database", url)
    key = token(keys, "--database", url)
    status, answer = server.call("GET", "/risks", key)
    assert status == 200 and len(answer["items"]) == 5, answer
    assert server.stop() == 0
    back, target = new_path(".zip"), new_path()
    good("backup", back, "--data", keys, "--database", url)
    good("restore", back, "--data", target)
    good("verify", "--data", target)
    old, new = open_db(data), open_db(target)
    assert tables(old) == tables(new)
    for table in set(tables(old)) - GROWS - {"token", "token_history", "counter"}:
        assert rows(old, table) == rows(new, table), f"{table} differs"
    live, restored = entries(old), entries(new)
    assert all(restored[k] == live[k] for k in live)


@test("a database that holds a store already is refused on PostgreSQL")
def _():
    _, _, file = filled()
    url, keys = new_database(), new_path()
    good("restore", file, "--data", keys, "--database", url)
    refused("restore", file, "--data", new_path(), "--database", url, "--force",
            says="holds a Cairn store already")


@test("a cut or altered file is refused with what is wrong, and nothing is left behind")
def _():
    _, _, file = filled()
    whole = file.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        cut = new_path(".zip")
        cut.write_bytes(whole[:size])
        leaves_nothing(cut, "not a whole backup")
    for at in (len(whole) // 3, len(whole) // 2):
        bad = new_path(".zip")
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        leaves_nothing(bad, "not a whole backup")
    leaves_nothing(new_path(".zip"), "cannot be read")


@test("members that the list does not name, or names otherwise, are refused")
def _():
    _, _, file = filled()

    def more(members, listed):
        members["extra"] = b"x"

    def outside(members, listed):
        members["../evil"] = b"x"
        listed["members"].append({"name": "../evil", "size": 1,
                                  "sha256": hashlib.sha256(b"x").hexdigest()})

    def other(members, listed):
        members["cairn.db"] += b"x"

    def newer(members, listed):
        listed["version"] = 99

    def foreign(members, listed):
        listed["format"] = "something"

    leaves_nothing(rewrite(file, more), "other parts than its list says")
    leaves_nothing(rewrite(file, outside), "list of its parts is damaged")
    leaves_nothing(rewrite(file, other), "is not what the list says")
    leaves_nothing(rewrite(file, newer), "newer Cairn")
    leaves_nothing(rewrite(file, foreign), "was not made by")


@test("a database that was changed before it was listed anew is found by the check of the log")
def _():
    _, _, file = filled()
    for statement, says in (
            ("update risk set title = 'Peace' where number = 1", "check of the restored log"),
            ("delete from audit_entry where idx = 3", "check of the restored log"),
            ("delete from risk_history where number = 2", "check of the restored log"),
            ("update audit_payload set body = '{}'", "check of the restored log")):
        changed = rewrite(file, lambda m, l, s=statement: replaced_database(m, l, s))
        target = new_path()
        r = run("restore", changed, "--data", target)
        assert r.returncode == 2, f"{statement}: {r.stdout}{r.stderr}"
        assert says in r.stderr, r.stderr
        assert not (target / "cairn.db").exists()


@test("a store of a newer program is refused")
def _():
    _, _, file = filled()
    changed = rewrite(file, lambda m, l: replaced_database(
        m, l, "insert into schema_migration values (999, '0999_future', 'x', 0)"))
    leaves_nothing(changed, "newer Cairn")


@test("a restore is refused while a server runs, and over a store without --force")
def _():
    data, _, file = filled()
    refused("restore", file, "--data", data, says="already")
    server = Server(data)
    refused("restore", file, "--data", data, "--force", says="A server is running")
    assert server.stop() == 0


@test("with --force the old store is moved aside, not deleted")
def _():
    data, _, file = filled()
    old = rows(open_db(data), "audit_entry")
    good("restore", file, "--data", data, "--force")
    aside = [p for p in data.iterdir() if p.name.startswith("before-restore-")]
    assert len(aside) == 1
    assert rows(open_db(aside[0]), "audit_entry") == old
    assert (aside[0] / "signer.state").exists()
    good("verify", "--data", data)


@test("a restore ends sessions, links and tokens, and every log says that it happened")
def _():
    data, key, file = filled()
    good("restore", file, "--data", data, "--force")
    server = Server(data)
    status, _answer = server.call("GET", "/risks", key)
    assert status == 401, status
    status, answer = server.call("GET", "/events?action=restored", token(data))
    assert status == 200 and len(answer["items"]) == 1, answer
    assert server.stop() == 0
    db = open_db(data)
    assert db.execute("select count(*) from audit_event where action = 'restored'").fetchone()[0] == 2
    body = db.execute("select p.body from audit_payload p join audit_event v on v.org_id = p.org_id"
                      " and v.idx = p.idx where v.action = 'restored'").fetchone()[0]
    said = json.loads(json.loads(body)["body"])
    sizes = {log["size"] for log in manifest(file)["logs"]}
    assert said["backup"]["size"] in sizes and said["key"] == manifest(file)["key"], said


@test("a backup older than what was signed is a rollback: refused, then accepted as a new epoch")
def _():
    data, _, file = filled()
    key, server = token(data), Server(data)
    status, _answer = server.call("POST", "/risks", key, {"title": "later"}, {"Idempotency-Key": "l"})
    assert status == 201
    assert server.stop() == 0
    size = len(entries(open_db(data)))
    refused("restore", file, "--data", data, "--force", says="older than what was signed")
    assert len(entries(open_db(data))) == size, "the refused restore changed the store"
    good("verify", "--data", data)
    good("restore", file, "--data", data, "--force", "--accept-rollback")
    good("verify", "--data", data)
    state = (data / "signer.state").read_text()
    assert " ended\n" in state and "/2 " in state, state
    server = Server(data)
    status, _answer = server.call("POST", "/risks", token(data), {"title": "again"},
                                  {"Idempotency-Key": "a"})
    assert status == 201
    assert server.stop() == 0
    good("verify", "--data", data)
    notes = [r[0] for r in open_db(data).execute(
        "select note from audit_checkpoint where org_id <> 0 order by size")]
    assert notes[-1].split("\n")[0].endswith("/2"), notes[-1]
    # The epoch before does not come back: the old state is found again.
    again = new_path(".zip")
    good("backup", again, "--data", data)
    refused("restore", file, "--data", data, "--force", says="older than what was signed")


@test("without its key a restored store gets a new one, and checkpoints of the old one still count")
def _():
    data, _, file = filled()
    assert "keys/signer.key" not in zipfile.ZipFile(file).namelist()
    target = new_path()
    good("restore", file, "--data", target)
    name = (target / "signer.key").read_text().split("\n")[0]
    assert name != (data / "signer.key").read_text().split("\n")[0]
    report = json.loads(good("verify", "--data", target, "--format", "json"))
    assert report["findings"] == [] and report["checkpoints"] >= 3, report


PHRASE = "a sentence that only we know\n"


@test("with --with-keys the keys come along, sealed with a passphrase that a restore asks for")
def _():
    data, _, _file = filled()
    file, target = new_path(".zip"), new_path()
    refused("backup", file, "--data", data, "--with-keys", says="passphrase")
    refused("backup", file, "--data", data, "--with-keys", stdin="short\n", says="at least 12")
    assert not file.exists()
    good("backup", file, "--data", data, "--with-keys", stdin=PHRASE)
    key = (data / "signer.key").read_bytes()
    with zipfile.ZipFile(file) as z:
        assert "keys.sealed" in z.namelist() and not [n for n in z.namelist() if "signer" in n]
        assert not [n for n in z.namelist() if key[-20:] in z.read(n)]
    refused("restore", file, "--data", target, stdin="another sentence\n", says="does not fit")
    refused("restore", file, "--data", target, says="first line of standard input")
    assert not (target / "cairn.db").exists()
    good("restore", file, "--data", target, stdin=PHRASE)
    assert (target / "signer.key").read_bytes() == key
    good("verify", "--data", target)
    # Without them there is a new key; a directory that has its own asks nothing.
    other = new_path()
    good("restore", file, "--data", other, "--without-keys")
    assert (other / "signer.key").read_bytes() != key
    good("restore", file, "--data", data, "--force")
    assert (data / "signer.key").read_bytes() == key


def erased(data, key):
    """Bea leaves, and her data is erased: one person asks, another agrees."""
    server = Server(data)
    bea = next(p for p in server.call("GET", "/people", key)[1]["items"] if p["name"] == "Bea")
    status, bea = server.call("PATCH", f"/people/{bea['id']}", key,
                              {"version": bea["version"], "state": "leaver"})
    assert status == 200, bea
    browser = Browser(server.url)
    browser.sign_in(EMAIL, PASSWORD)
    status, page = browser.submit(f"/o/acme/erasures/new?subject={bea['number']}", "/erasures",
                                  basis="request", reason="Letter of May")
    assert status == 200, page
    status, page = browser.submit("/o/acme/erasures/ER-1", "/approve",
                                  exception="Nobody else is there yet")
    assert status == 200, page
    assert "Erased person" in browser.page(f"/o/acme/people/{bea['number']}")
    assert server.stop() == 0


def bytes_of(folder):
    return b"".join(p.read_bytes() for p in sorted(folder.iterdir())
                    if p.is_file() and p.suffix != ".zip")


@test("what was erased since a backup is erased again when it is restored, here and elsewhere")
def _():
    data, key, old = filled()
    erased(data, token(data))
    r = good("verify", "--data", data)
    assert "redacted by #" in r and " 0 findings" in r, r
    new = new_path(".zip")
    good("backup", new, "--data", data)
    with zipfile.ZipFile(new) as z:
        assert b'"kind":"person"' in z.read("redactions.jsonl"), z.namelist()
        assert b"bea@example.com" not in z.read("redactions.jsonl")
    # The old backup over the store: the list beside the database knows.
    told = good("restore", old, "--data", data, "--force", "--accept-rollback")
    assert "1 record was erased again" in told, told
    check = good("verify", "--data", data)
    assert "redacted by #" in check and " 0 findings" in check, check
    assert b"bea@example.com" not in bytes_of(data)
    assert (data / "redactions.jsonl").read_text().count("\n") == 1
    # Elsewhere the newer backup brings the list, and then an older one is put over it.
    target = new_path()
    good("restore", new, "--data", target)
    assert b"bea@example.com" not in bytes_of(target)
    told = good("restore", old, "--data", target, "--force", "--accept-rollback")
    assert "erased again" in told, told
    assert b"bea@example.com" not in bytes_of(target)
    good("verify", "--data", target)
    # An exported log says the same to the checker that is not ours.
    out = new_path(".jsonl")
    good("verify", "--data", target, "--org", "acme", "--export", out)
    checker = Path(__file__).resolve().parents[2] / "tools" / "verify_log.py"
    r = subprocess.run([sys.executable, checker, out], capture_output=True, text=True)
    assert r.returncode == 0 and " 0 redacted" not in r.stdout, r.stdout + r.stderr


@test("a file that is there is not overwritten by a backup")
def _():
    data, _, file = filled()
    kept = file.read_bytes()
    refused("backup", file, "--data", data, says="not overwritten")
    assert file.read_bytes() == kept
    assert not [p for p in file.parent.iterdir() if p.name.startswith(file.name + ".")]


@test("the check finds a changed record and names the entry, exit status 1")
def _():
    data, _, _file = filled()
    db = sqlite3.connect(data / "cairn.db")
    db.execute("update risk set title = 'Peace' where number = 1")
    db.commit()
    db.close()
    r = run("verify", "--data", data)
    assert r.returncode == 1 and "first bad entry: acme" in r.stdout, r.stdout + r.stderr
    r = run("verify", "--data", data, "--org", "acme", "--format", "json")
    assert r.returncode == 1 and json.loads(r.stdout)["findings"], r.stdout


@test("an exported log passes the checker that shares no code with the program")
def _():
    data, _, _file = filled()
    out = new_path(".jsonl")
    good("verify", "--data", data, "--org", "acme", "--export", out)
    checker = Path(__file__).resolve().parents[2] / "tools" / "verify_log.py"
    r = subprocess.run([sys.executable, checker, out], capture_output=True, text=True)
    assert r.returncode == 0, r.stdout + r.stderr


main("backup")
