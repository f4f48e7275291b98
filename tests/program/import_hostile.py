#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile and broken files sent to a running server (trust.md 63-65): each is refused with a sentence,
the child that reads workbooks is gone afterwards, nothing is stored, and the server answers as
before. Figures are printed, not judged: they depend on the machine and on the kind of build."""
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_files import BOOK, TEXTS, WORKBOOKS, pack, parts_of, text_row
from program_server import BIN, ENV, ROOT, Server, main, new_store, send_file, test, token


def send(server, key, name, data, path="/units/import?dry_run=1"):
    return send_file(server, key, path, name, data)


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def all_children(pid):
    return [c for t in Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]


def sanitized(binary):
    return b"libasan" in subprocess.run(["ldd", binary], capture_output=True).stdout


def try_all(files):
    data = new_store()
    key = token(data)
    server = Server(data)
    pid = server.process.pid
    before = resident(pid)
    for name, make, sentence in files:
        payload = make()
        begun = time.monotonic()
        status, answer = send(server, key, name, payload)
        took = time.monotonic() - begun
        detail = answer.get("detail", "")
        assert 400 <= status < 500, f"{name}: {status} {answer}"
        assert sentence in detail, f"{name}: “{sentence}” is not in “{detail}”"
        assert not all_children(pid), f"{name}: a child is left"
        begun = time.monotonic()
        assert urllib.request.urlopen(f"{server.url}/healthz", timeout=20).status == 200
        print(f"     {name}: {len(payload) // 1024} KB, {status} after {took * 1000:.0f} ms, health "
              f"{(time.monotonic() - begun) * 1000:.1f} ms, server {resident(pid) - before:+d} MB", flush=True)
    status, answer = server.call("GET", "/units", key)
    assert status == 200 and answer["items"] == [], answer
    if not sanitized(BIN):
        assert resident(pid) - before < 150, f"the server grew by {resident(pid) - before} MB"
    assert server.stop() == 0


@test("hostile workbooks are refused with a sentence; the child is gone and the server unmoved")
def hostile_workbooks():
    try_all(WORKBOOKS)


@test("hostile text files are refused with a sentence, and the server is unmoved")
def hostile_texts():
    try_all(TEXTS)


@test("what is only odd is read: formulas, merged cells, both epochs, cells of 32 KB, mixed encodings")
def odd_files():
    data = new_store()
    key = token(data)
    server = Server(data)
    rows = (text_row("name", "note") + '<row><c t="str"><f>"Sa"&amp;"les"</f><v>Sales</v></c>'
            '<c><f>1+1</f><v>2</v></c></row>' + text_row("IT", "x" * 32000))
    parts = parts_of(rows)
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        "</worksheet>", '<mergeCells><mergeCell ref="A3:A9"/></mergeCells></worksheet>')
    status, answer = send(server, key, "odd.xlsx", pack(parts))
    assert status == 200 and answer["created"] == 1 and answer["wrong"] == 1, answer
    assert any("formula" in n for n in answer["notes"]) and any("merged" in n for n in answer["notes"])
    assert answer["problems"][0]["row"] == 3 and "too long" in answer["problems"][0]["text"], answer
    status, answer = send(server, key, "mixed.csv", "name\nKöln\n".encode() + "Köln 2\n".encode("cp1252"))
    assert status == 200 and answer["created"] == 1 and answer["wrong"] == 1, answer
    assert "�" in answer["problems"][0]["text"], answer
    for epoch, day in (("", "2026-03-01"), ('<workbookPr date1904="1"/>', "2030-03-02")):
        parts = parts_of(text_row("name", "joined") + '<row><c t="str"><v>Ann</v></c><c s="1"><v>46082'
                         "</v></c></row>", **{
                             "xl/workbook.xml": BOOK.replace("<workbook>", "<workbook>" + epoch),
                             "xl/styles.xml": '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
                                              "</cellXfs></styleSheet>"})
        status, answer = send(server, key, "people.xlsx", pack(parts), "/people/import")
        assert status == 200, answer
        status, answer = server.call("GET", "/people?limit=200", key)
        assert [p["joined"] for p in answer["items"] if p["name"] == "Ann"] == [day], answer
    assert server.stop() == 0


def tried(binary, what, timeout=60):
    """How the sandboxed child ends when it tries something: minus the signal."""
    with open("/bin/true", "rb") as file:
        return subprocess.run([binary, "convert", "try", what], stdin=file, capture_output=True,
                              timeout=timeout, env=ENV).returncode


@test("the child ends at forbidden calls and at the limit of processor time")
def limits():
    for what in ("open", "socket", "exec", "fork", "read", "code", "kill"):
        assert tried(BIN, what) == -signal.SIGSYS, what
    assert tried(BIN, "spin") in (-signal.SIGKILL, -signal.SIGXCPU)


@test("the child of a release build ends at the limit of memory")
def memory_limit():
    # Sanitizers need terabytes of address space, so their builds cannot have this limit: there the
    # parent watches the memory in use. The limit itself is shown on a release build, when there is one.
    release = ROOT / "build" / "cairn"
    if sanitized(BIN) and not release.exists():
        print("     there is no release build here: only the parent's watch is in force", flush=True)
        return
    binary = str(release) if sanitized(BIN) else BIN
    assert tried(binary, "memory") == -signal.SIGABRT


main("import_hostile")
