#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks an exported log without any code of the program that wrote it: Python's own library only.

usage: verify_log.py EXPORT [--key HEX] [--note FILE]...

EXPORT holds one JSON object per line, as written by the program's log export:
  {"type":"key","name":NAME,"public":HEX}
  {"type":"entry","log":N,"idx":N,"entry":BASE64,"salt":BASE64,"body":TEXT}    salt, body: if kept
  {"type":"checkpoint","log":N,"size":N,"note":TEXT}
  {"type":"row","log":N,"idx":N,"kind":TEXT,"record":N,"version":N,"salt":BASE64,"text":TEXT,
   "personal":TEXT}
--key   the signing key you know from elsewhere; without it the key inside EXPORT is taken, which
        shows only that the export fits itself.
--note  a checkpoint you kept from an earlier export or report; it must fit this log.

Prints findings, one per line, then a summary. Exit status: 0 nothing found, 1 findings, 2 unusable.
"""
import base64
import hashlib
import json
import sys

ZERO = bytes(32)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- Ed25519 signatures, RFC 8032 section 5.1.7 ---
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_mul(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = point_add(q, p)
        p = point_add(p, p)
        n >>= 1
    return q


def same_point(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decode_point(public), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same_point(point_mul(s, BASE), point_add(r, point_mul(k, a)))


# --- the tree of RFC 6962 section 2.1 ---
class Tree:
    def __init__(self):
        self.size, self.roots = 0, []  # roots of the full subtrees, largest first

    def add(self, entry):
        self.roots.append(sha256(b"\0", entry))
        index = self.size
        while index & 1:
            right, left = self.roots.pop(), self.roots.pop()
            self.roots.append(sha256(b"\1", left, right))
            index >>= 1
        self.size += 1

    def root(self):
        if not self.roots:
            return sha256()
        out = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            out = sha256(b"\1", left, out)
        return out


# --- formats ---
def strict_base64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 in another spelling")
    return data


def parse_entry(data):
    """The fields of an entry; ValueError when the bytes are not exactly one entry."""
    at = 0

    def take(size):
        nonlocal at
        at += size
        if at > len(data):
            raise ValueError("it is cut short")
        return data[at - size:at]

    def number():
        return int.from_bytes(take(8), "big")

    def text():
        return take(int.from_bytes(take(2), "big")).decode()

    if take(1) != b"\1":
        raise ValueError("its version is not known")
    entry = {"log": number(), "idx": number(), "at": number(), "actor": take(16),
             "session": take(8), "request": text(), "action": text(), "kind": text(),
             "record": number(), "before": number(), "after": number(), "row": take(32),
             "personal": take(32), "context": take(32)}
    if at != len(data):
        raise ValueError("something follows it")
    return entry


def open_note(note, name, public):
    """(origin, size, root) of a checkpoint; ValueError unless it is signed by that key."""
    body, _, signature = note.partition("\n\n")
    body += "\n"
    origin, size, root = body.split("\n")[:3]
    mark = f"\u2014 {name} "
    if body != f"{origin}\n{int(size)}\n{root}\n" or not signature.startswith(mark):
        raise ValueError("it is malformed or signed by another key")
    data = strict_base64(signature[len(mark):].removesuffix("\n"))
    if signature != mark + base64.b64encode(data).decode() + "\n":
        raise ValueError("it is malformed")
    key_id = sha256(name.encode(), b"\n\1", public)[:4]
    if data[:4] != key_id or not signed(public, body.encode(), data[4:]):
        raise ValueError("its signature does not fit")
    return origin, int(size), strict_base64(root)


def commitment(salt, body):
    return sha256(b"\2", salt, body.encode())


# --- the check ---
class Check:
    def __init__(self, export, key, notes):
        self.findings, self.entries, self.rows, self.redacted = [], {}, {}, set()
        self.counts = {"entry": 0, "checkpoint": 0, "row": 0, "redacted": 0}
        self.notes = {}  # (log, size) -> notes
        self.key = key
        lines = [json.loads(line) for line in open(export, encoding="utf-8") if line.strip()]
        keys = [line for line in lines if line["type"] == "key"]
        if len(keys) != 1:
            raise ValueError("the export must name one key")
        self.name, inside = keys[0]["name"], bytes.fromhex(keys[0]["public"])
        if self.key is None:
            self.key = inside
        elif self.key != inside:
            self.find("the export names another key than yours")
        if self.name != "cairn-" + sha256(self.key)[:4].hex():
            self.find("the key has a name that is not its own")
        for line in lines:
            if line["type"] == "checkpoint":
                self.notes.setdefault((int(line["log"]), int(line["size"])), []).append(line["note"])
        for note in notes:
            log = int(note.split("\n")[0].split("/")[1])
            self.notes.setdefault((log, int(note.split("\n")[1])), []).append(note)
        self.former = []  # (log, name, key, until): keys of before a restore, which its entry names
        self.walk([line for line in lines if line["type"] == "entry"])
        for line in lines:
            if line["type"] == "row":
                self.check_row(line)
        for (log, idx), entry in self.entries.items():
            if entry["row"] != ZERO and (log, idx) not in self.rows:
                self.find(f"log {log}: the row of entry {idx} is missing")

    def find(self, text):
        self.findings.append(text)

    def walk(self, lines):
        trees, last = {}, {}
        self.find_redactions(lines)
        self.find_keys(lines)
        for line in lines:
            log, data = int(line["log"]), strict_base64(line["entry"])
            tree = trees.setdefault(log, Tree())
            where = f"log {log}, entry {tree.size}"
            try:
                entry = parse_entry(data)
            except ValueError as problem:
                return self.find(f"{where}: {problem}")
            if (entry["log"], entry["idx"]) != (log, tree.size) or int(line["idx"]) != tree.size:
                return self.find(f"{where}: it belongs elsewhere, or one is missing before it")
            if entry["at"] <= last.get(log, 0):
                self.find(f"{where}: its time is not later than that of the one before")
            last[log] = entry["at"]
            self.entries[log, tree.size] = entry
            self.check_payload(where, entry, line)
            tree.add(data)
            self.counts["entry"] += 1
            for note in self.notes.pop((log, tree.size), []):
                self.check_note(log, tree, note)
        for log, size in self.notes:
            self.find(f"log {log}: a checkpoint was signed at {size} entries, which are not here")
        return None

    def find_redactions(self, lines):
        for line in lines:
            try:
                entry = parse_entry(strict_base64(line["entry"]))
                body = json.loads(json.loads(line["body"])["body"])
            except (ValueError, KeyError, TypeError):
                continue
            if entry["action"] != "redact" or not isinstance(body, dict):
                continue
            parts = body.get("parts") or [[body.get("idx", entry["idx"]), body.get("part")]]
            for idx, part in parts:
                if int(idx) < entry["idx"]:
                    self.redacted.add((entry["log"], int(idx), part))

    def find_keys(self, lines):
        for line in lines:
            try:
                entry = parse_entry(strict_base64(line["entry"]))
                key = json.loads(json.loads(line["body"])["body"])["key"]
                if entry["action"] == "restored":
                    self.former.append((entry["log"], key["name"], bytes.fromhex(key["public"]),
                                        entry["idx"]))
            except (ValueError, KeyError, TypeError):
                continue

    def redaction(self, entry, part):
        """True when an entry says so; counted."""
        known = (entry["log"], entry["idx"], part) in self.redacted
        self.counts["redacted"] += known
        return known

    def check_payload(self, where, entry, line):
        if "body" not in line:
            if entry["context"] != ZERO and not self.redaction(entry, "context"):
                self.find(f"{where}: its payload is missing, and nothing says that it was redacted")
        elif commitment(strict_base64(line["salt"]), line["body"]) != entry["context"]:
            self.find(f"{where}: its payload is not what was logged")

    def key_of(self, log, size, note):
        """Name and key that may have signed it: today's, or one of before a restore."""
        for of, name, key, until in self.former:
            if of == log and size <= until and note.startswith(f"{name}/"):
                return name, key
        return self.name, self.key

    def check_note(self, log, tree, note):
        self.counts["checkpoint"] += 1
        try:
            name, key = self.key_of(log, tree.size, note)
            origin, size, root = open_note(note, name, key)
            start, epoch = f"{name}/{log}", origin.rpartition("/")[2]  # a restore begins an epoch
            if (origin != start and not (origin == f"{start}/{epoch}" and epoch.isdecimal())
                    or size != tree.size or root != tree.root()):
                self.find(f"log {log}: the first {tree.size} entries are not those that were signed")
        except ValueError as problem:
            self.find(f"log {log}: checkpoint of {tree.size} entries: {problem}")

    def check_row(self, line):
        self.counts["row"] += 1
        key = int(line["log"]), int(line["idx"])
        where = f"{line['kind']} {line['record']}, version {line['version']}"
        entry = self.entries.get(key)
        self.rows[key] = True
        if not entry or (entry["kind"], entry["record"], entry["after"]) != (
                line["kind"], int(line["record"]), int(line["version"])):
            return self.find(f"{where}: its entry is of something else")
        salt = strict_base64(line["salt"])
        if not salt:
            if not self.redaction(entry, "row"):
                self.find(f"{where}: its salt is missing, and nothing says that it was redacted")
        elif commitment(salt[:32], line["text"]) != entry["row"]:
            self.find(f"{where}: it is not what was logged")
        elif len(salt) == 64:
            if commitment(salt[32:], line["personal"]) != entry["personal"]:
                self.find(f"{where}: its personal data is not what was logged")
        elif entry["personal"] != ZERO and not self.redaction(entry, "personal"):
            self.find(f"{where}: its personal data is missing, and nothing says that it was redacted")
        return None


def main(arguments):
    export, key, notes = None, None, []
    while arguments:
        word = arguments.pop(0)
        if word == "--key" and arguments:
            key = bytes.fromhex(arguments.pop(0))
        elif word == "--note" and arguments:
            notes.append(open(arguments.pop(0), encoding="utf-8", newline="").read())
        elif export is None and not word.startswith("-"):
            export = word
        else:
            sys.exit(__doc__)
    if export is None:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        check = Check(export, key, notes)
    except (OSError, ValueError, KeyError, IndexError) as problem:
        print(f"{export}: cannot be used: {problem}", file=sys.stderr)
        return 2
    for text in check.findings:
        print(text)
    counts = check.counts
    print(f"{counts['entry']} entries, {counts['row']} rows, {counts['checkpoint']} checkpoints, "
          f"{counts['redacted']} redacted, {len(check.findings)} findings; key {check.name} "
          f"{check.key.hex()}")
    return 1 if check.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
