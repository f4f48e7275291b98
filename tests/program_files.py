# SPDX-License-Identifier: Apache-2.0
"""Workbooks and texts that nobody in good faith sends, made when they are needed: for the tests of
imports."""
import io
import os
import random
import struct
import zipfile
import zlib
from pathlib import Path

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
