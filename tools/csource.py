# SPDX-License-Identifier: Apache-2.0
"""Reads C files, SQL literals in them and the tables of the migrations, for tools/check.py."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIP = {"node_modules", ".git", "data", "look", "dist", "test-results"}
BINARY = {".png", ".ico", ".pdf", ".xlsx", ".gz", ".zip"}


def blank(text, strings=True):
    """C without comments (and with empty strings), the same length and lines."""
    def replace(match):
        part = match.group(0)
        if part[0] in "\"'" and not strings:
            return part
        edge = part[0] if part[0] in "\"'" else " "
        return edge + re.sub(r"[^\n]", " ", part[1:-1]) + edge if len(part) > 1 else part
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', replace, text,
                  flags=re.S)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


class Source:
    def __init__(self, path):
        self.path, self.name = path, path.relative_to(ROOT).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.code = blank(self.text)
        self.is_test = bool(re.search(r"^tests/|_(test|fixture)\.[ch]$", self.name))
        parts = self.name.split("/")
        self.layer = parts[1] if parts[0] == "src" else None
        self.feature = parts[2] if self.layer == "feature" and len(parts) > 3 else None

    def under(self, places):
        return self.name.startswith(tuple(places))

    def find(self, pattern):
        for match in re.finditer(pattern, self.code):
            yield line_of(self.code, match.start()), match

    def functions(self):
        """(name, parameters, first line of the body, last line) of each function. A pointer
        and its size count as one parameter; the context (struct web *, db *, arena *) that comes
        first is not counted; callbacks of a library (void * first) are free."""
        pattern = r"^([A-Za-z_][^;{}#]*?\))\s*\n\{\n(.*?)^\}"
        for match in re.finditer(pattern, self.code, re.S | re.M):
            name = re.search(r"(\w+)\s*\(", match.group(1))
            if name:
                inner = match.group(1)[name.end():].rpartition(")")[0].strip()
                runs = re.sub(r"\([^()]*\)|(?<=\*)\w+,\s*size_t(?= \*?\w+)", "", inner)
                count = runs.count(",") + 1
                count -= re.match(r"(const )?struct (web|db|arena) \*", inner) is not None
                count = 0 if inner in ("", "void") or inner.startswith("void *") else count
                start = line_of(self.code, match.start(2)) - 1
                yield name.group(1), count, start, line_of(self.code, match.end())

    def statements(self):
        """(line, sql, marked) of each SQL literal: arguments of db_ calls, and texts that begin
        like SQL. marked: a comment "every organisation" stands in its lines or just above."""
        code = blank(self.text, strings=False)
        # a macro between two literals is SQL too: "... and d.at >= " CHANGED_AT("k") ")"
        macro = r'[A-Z][A-Z_]+(?:\("\w*"\))?'
        run = (r'"(?:\\.|[^"\\\n])*"(?:\s*(?:' + macro + r'\s*)?"(?:\\.|[^"\\\n])*")*')
        begins = (r"\s*(select\b.*\bfrom\b|insert\s+into\b|update\s+\w+\s+set\b"
                  r"|delete\s+from\b|with\s+\w+.*\bas\s*\()")
        calls = r"\bdb_(query|exec|change|stream)\s*\([^;{}\"]*$"
        for match in re.finditer(run, code):
            literals = re.sub(r'(?<="\s)\s*' + macro + r'(?=\s*")', " ", match.group(0))
            sql = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', literals))
            sql = sql.replace("\\n", " ").replace('\\"', '"')
            before = code[max(0, match.start() - 300):match.start()]
            if re.search(calls, before) or re.match(begins, sql, re.I | re.S):
                line, height = line_of(code, match.start()), match.group(0).count("\n")
                near = "\n".join(self.text.split("\n")[max(0, line - 4):line + height + 1])
                yield line, sql, "every organisation" in near


def schema():
    """{table: (class, has org_id, file, line)} of the migrations."""
    tables = {}
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        lines = path.read_text(encoding="utf-8").split("\n")
        text = "\n".join(lines)
        for match in re.finditer(r"^create table (?:if not exists )?(\w+)\s*\((.*?)^\)", text,
                                 re.S | re.M | re.I):
            line = line_of(text, match.start())
            kind = re.match(r"--\s*class:\s*(record|fact|scratch|reference|system)\s*$",
                            lines[line - 2] if line > 1 else "")
            has_org = re.match(r"\s*org_id\s+@int", match.group(2)) is not None
            tables[match.group(1).lower()] = (kind and kind.group(1), has_org, path, line)
    return tables


def files():
    """The text files of the source tree, without what is built or installed there."""
    for top in sorted(ROOT.iterdir()):
        if top.name not in SKIP and not re.match(r"build(-|$)", top.name):
            for path in [top] if top.is_file() else sorted(top.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts and path.suffix not in BINARY:
                    yield path
