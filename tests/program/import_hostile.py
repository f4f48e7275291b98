#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile and broken files sent to a running server (trust.md 63-65): each is refused with a sentence,
the child that reads workbooks is gone afterwards, nothing is stored, and the server answers as
before. Figures are printed, not judged: they depend on the machine and on the kind of build."""
import io
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_server import BIN, ENV, ROOT, Server, main, new_store, test, token

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
RELS = ('<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/>'
        '</Relationships>')
BOOK_RELS = ('<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
             '<Relationship Id="r2" Type="x/sharedStrings" Target="sharedStrings.xml"/>'
             '<Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Relationships>')
BOOK = '<workbook><sheets><sheet name="One" id="r1"/></sheets></workbook>'


def sheet(rows):
    return f"{XML}<worksheet><sheetData>{rows}</sheetData></worksheet>"


def text_row(*cells):
    return "<row>" + "".join(f'<c t="str"><v>{c}</v></c>' for c in cells) + "</row>"


def parts_of(rows, **more):
    parts = {"[Content_Types].xml": "<Types/>", "_rels/.rels": RELS, "xl/workbook.xml": BOOK,
             "xl/_rels/workbook.xml.rels": BOOK_RELS, "xl/worksheets/sheet1.xml": sheet(rows),
             "xl/sharedStrings.xml": "<sst/>", "xl/styles.xml": "<styleSheet/>"}
    parts.update(more)
    return parts


def pack(parts, level=6):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as z:
        for name, text in parts.items():
            z.writestr(name, text)
    return out.getvalue()


def book(rows, level=6, **more):
    return pack(parts_of(rows, **more), level)


GOOD = text_row("name", "note") + text_row("Sales", "one")

# --- archives that no library would write ---


def entry(name, data, method=8, size=None, attributes=0):
    """(local record, central record without its offset)."""
    packed = zlib.compress(data, 9)[2:-4] if method == 8 else data
    size = len(data) if size is None else size
    head = struct.pack("<HHHHHIII", 20, 0, method, 0, 33, zlib.crc32(data), len(packed), size)
    local = b"PK\3\4" + head + struct.pack("<HH", len(name), 0) + name.encode() + packed
    central = (b"PK\1\2" + struct.pack("<H", 0x0314) + head +
               struct.pack("<HHHHHI", len(name), 0, 0, 0, 0, attributes))
    return local, central, name.encode()


def archive(entries, copies=1):
    """`copies` central records for each local one: they lie over each other."""
    body, directory, count = b"", b"", 0
    for local, central, name in entries:
        for n in range(copies):
            other = name if n == 0 else (f"{n}" + name.decode())[: len(name)].encode()
            directory += central + struct.pack("<I", len(body)) + other
            count += 1
        body += local
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count & 0xFFFF,
                                                       count & 0xFFFF, len(directory), len(body), 0)


def entries_of(rows, **how):
    return [entry(name, text.encode(), **(how if name.endswith("sheet1.xml") else {}))
            for name, text in parts_of(rows).items()]


def zip64_claim():
    data = bytearray(book(GOOD))
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    data[at + 20:at + 28] = b"\xff" * 8  # both sizes are said to stand in an extra field: there is none
    return bytes(data)


def many_entries():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for n in range(65535):
            z.writestr(zipfile.ZipInfo(f"p{n}"), b"")
    return out.getvalue()


def busy_cells():
    """Cells with nothing in them: no row comes out, the processor works."""
    rng = random.Random(64)
    cells = "".join(f'<c s="{rng.randint(1, 99999)}"/>' for _ in range(16000))
    return book(f"<row>{cells}</row>" * 1100, level=1)


def many_strings():
    rng = random.Random(65)
    chunk = "".join(rng.choice("01") for _ in range(1 << 20))
    return book(GOOD, level=1, **{"xl/sharedStrings.xml":
                                  "<sst>" + f"<si><t>{chunk}</t></si>" * 120 + "</sst>"})


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

# name, bytes, part of the sentence
WORKBOOKS = [
    ("ratio", lambda: book(GOOD + " " * (300 << 20)), "unpacks to far more"),
    ("nested archive", lambda: pack({**parts_of(""), "xl/worksheets/sheet1.xml": book(GOOD)}),
     "cannot be read"),
    ("overlapping entries", lambda: archive(entries_of(GOOD) + [entry("xl/big", os.urandom(4096))], 9),
     "cannot be read"),
    ("sizes that lie", lambda: archive(entries_of(GOOD, size=40)), "sizes of its parts are wrong"),
    ("stored with another size", lambda: archive(entries_of(GOOD, method=0, size=10)),
     "cannot be read"),
    ("65,535 entries", many_entries, "far more parts"),
    ("zip64 without its field", zip64_claim, "cannot be read"),
    ("a name above the archive", lambda: pack({**parts_of(GOOD), "../evil": "x"}), "forbidden name"),
    ("a name twice", lambda: archive(entries_of(GOOD) + [entry("XL/workbook.xml", b"<x/>")]),
     "forbidden name"),
    ("a link", lambda: archive(entries_of(GOOD, attributes=0o120777 << 16)), "forbidden name"),
    ("cut off", lambda: book(GOOD)[:-40], "damaged"),
    ("entity bomb in the sheet",
     lambda: book("", **{"xl/worksheets/sheet1.xml": XML + DOCTYPE + "<worksheet>&b;</worksheet>"}),
     "document type declaration"),
    ("entity bomb in the texts",
     lambda: book(GOOD, **{"xl/sharedStrings.xml": XML + DOCTYPE + "<sst><si><t>&b;</t></si></sst>"}),
     "document type declaration"),
    ("external entity in the list of sheets",
     lambda: book(GOOD, **{"xl/workbook.xml": XML + XXE + "<workbook>&e;</workbook>"}),
     "document type declaration"),
    ("external entity in the styles",
     lambda: book(GOOD, **{"xl/styles.xml": XML + XXE + "<styleSheet>&e;</styleSheet>"}),
     "document type declaration"),
    ("UTF-16 with a document type",
     lambda: book("", **{"xl/worksheets/sheet1.xml": (XXE + "<worksheet/>").encode("utf-16")}),
     "not UTF-8"),
    ("nested elements", lambda: book("<a>" * 100000), "not well-formed"),
    ("too much text", many_strings, "too much text"),
    ("work without end", busy_cells, ""),
    ("300,000 rows", lambda: book(text_row("name") + "".join(text_row(f"Unit {n}") for n in range(300000)),
                                  level=1), "more than 250"),
    ("16,384 columns", lambda: book(text_row(*(f"c{n}" for n in range(16384))) + text_row("A", "B")),
     "more than 500 columns"),
    ("a row of 5 MB", lambda: book(text_row("name") + text_row(*["x" * 30000] * 180)), "larger than 4 MB"),
]

TEXTS = [
    ("JSON 100,000 deep", lambda: b'{"a":' * 100000, "40 levels deep"),
    ("lists 100,000 deep", lambda: b"[" * 100000, "must be an object"),
    ("a number of 10 MB", lambda: b'[{"name":' + b"9" * (10 << 20) + b"}]", "larger than 1 MB"),
    ("keys twice", lambda: b'[{"name":"A","name":"B"}]', "not valid"),
    ("NaN", lambda: b'[{"name":NaN}]', "not valid"),
    ("a million numbers", lambda: b"[" + b"1," * 1000000 + b"1]", "must be an object"),
    ("an open quote", lambda: b'name\n"' + b"x\n" * (6 << 20), "larger than 4 MB"),
    ("1,000,000 rows", lambda: b"name\n" + b"".join(b"Unit %d\n" % n for n in range(1000000)),
     "more than 250"),
    ("zero bytes", lambda: b"name\nA\0B\n", "zero bytes"),
    ("a program", lambda: Path("/bin/true").read_bytes(), ""),
]


def send(server, key, name, data, path="/units/import?dry_run=1"):
    """(status, answer) of a file sent as a form."""
    edge = "----edge"
    body = (f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n").encode() + data + f"\r\n--{edge}--\r\n".encode()
    request = urllib.request.Request(f"{server.url}/api/v1{path}", body, method="POST", headers={
        "Authorization": f"Bearer {key}", "Content-Type": f"multipart/form-data; boundary={edge}"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read() or b"{}")


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
