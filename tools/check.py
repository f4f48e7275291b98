#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a compiler cannot see (docs/style.md). One line per finding, then
"check: N passed, N failed", where N counts rules. Usage: tools/check.py [rule ...]"""
import re
import sys
from pathlib import Path

from csource import ROOT, Source, blank, files, line_of, schema

MAX_FILE, MAX_FUNCTION, MAX_PARAMETERS, MAX_LINE = 800, 80, 5, 100
# Which folders of src a folder may include.
LAYERS = {"base": "base", "db": "base db", "net": "base net", "out": "base out",
          "core": "base db net out core", "feature": "base db net out core feature",
          "app": "base db net out core feature app"}
ENGINE = r"\bdb_engine\s*\(|\bDB_SQLITE\b|\bDB_POSTGRES\b|\benum db_engine\b"
ENGINE_PLACES = ("src/db/", "src/core/search")
# Who may write to tables of class record, and who may hand composed SQL to db.
WRITE_PLACES = ("src/db/", "src/core/entity")
COMPOSE_PLACES = WRITE_PLACES + ("src/core/list", "src/core/field", "src/core/search",
                                 "src/core/store_copy", "src/core/kept", "src/feature/readiness/rule")
BANNED = r"(?<![\w.>])(strcpy|strcat|v?sprintf|gets|strtok|alloca|ato[ilf])\s*\("
HEAP = r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|strndup|asprintf)\s*\("
# Those of core own threads and tables that outlive every arena.
HEAP_PLACES = ("src/base/", "src/db/", "src/net/", "src/core/pool.", "src/core/seen.",
               "src/core/ticker.", "src/core/writer.", "src/core/kept.")
# Statements that do not mean the same on both engines, and what to write instead.
SQL_FORBIDDEN = [
    (r"::", "CAST(x AS t)"), (r"\bnow\s*\(|\bcurrent_(timestamp|date|time)\b", "bind the time"),
    (r"\b(datetime|strftime|julianday|date_trunc|to_char|extract)\s*\(", "dates are C's work"),
    (r"\bselect\s+(distinct\s+)?(\w+\.)?\*|,\s*\w+\.\*|\breturning\s+\*", "name the columns"),
    (r"\bilike\b|\bcollate\b|\bcitext\b", "a folded column"),
    (r"(?<!folded)(?<!_key)\s(not\s+)?like\b", "a folded column, or core/search"),
    (r"\binsert\s+into\s+\w+\s+(values|select)\b", "name the columns"),
    (r"\blateral\b", "a correlated subselect"), (r"\bdelete\s+from\s+\w+\s+using\b", "id IN (...)"),
    (r"\b(greatest|least|ifnull|iif|instr|strpos|round|group_concat|random)\s*\(", "CASE, or C"),
    (r"\b(truncate|merge\s+into|nextval|for\s+update|skip\s+locked)\b", "see docs/style.md"),
    (r"(?<![\w'])\?(?![\w'])", "$1, $2"), (r"=\s*(true|false)\b", "1 and 0"),
]
DDL_FORBIDDEN = [
    (r"\b(integer|bigint|int|serial|bigserial|blob|bytea|jsonb?|real|numeric|boolean|varchar)\b",
     "@int @blob @json or text"),
    (r"\b(trigger|autoincrement|sequence|on\s+delete\s+set\s+null)\b", "not in the common subset"),
]
# Split so that this file does not find itself.
WORDS = [r"/[w]ork/", r"/tmp/[b]rief", r"\b[c]laude\b", r"\b[a]nthropic\b", r"\b[c]hatgpt\b",
         r"\b[o]penai\b", r"\b[c]opilot\b", r"\.\./[s]hared\b", r"\bissues [s]how\b"]
PACKAGE_FILES = ("meson.build", "tools/apt-packages", "packaging/debian/control")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
SOURCES = {".c", ".h", ".py", ".sql", ".css", ".js", ".mjs", ".sh", ".build"}

findings = []


def report(path, line, text):
    name = path.relative_to(ROOT) if isinstance(path, Path) else path
    findings.append(f"{name}:{line}: {text}")


def check_layers():
    for s in C:
        if not s.layer or s.is_test:
            continue
        for match in re.finditer(r'^#include "([a-z_]+)/([^"]+)"', s.text, re.M):
            (layer, rest), line = match.groups(), line_of(s.text, match.start())
            if layer in LAYERS and layer not in LAYERS.get(s.layer, "").split():
                report(s.path, line, f"{s.layer} may not include {layer}")
            other = rest.split("/")[0]
            if layer == "feature" and other != s.feature and rest != f"{other}/{other}.h":
                report(s.path, line, f"only feature/{other}/{other}.h may be included from there")


def check_circles():
    graph = {}
    for s in C:
        if s.feature and not s.is_test:
            found = re.findall(r'^#include "feature/(\w+)/', s.text, re.M)
            graph.setdefault(s.feature, set()).update(f for f in found if f != s.feature)

    def visit(feature, trail):
        if feature in trail:
            circle = trail[trail.index(feature):] + [feature]
            if circle[0] == min(circle):
                report("src/feature", 0, "features include each other: " + " -> ".join(circle))
            return
        for other in sorted(graph.get(feature, ())):
            visit(other, trail + [feature])
    for feature in sorted(graph):
        visit(feature, [])


def check_sizes():
    for s in C:
        lines = s.text.split("\n")
        if len(lines) - 1 > MAX_FILE:
            report(s.path, 1, f"{len(lines) - 1} lines; a file has at most {MAX_FILE}")
        for n, line in enumerate(lines, 1):
            # rows of tables are kept in columns by clang-format and may be wider
            if len(line) > MAX_LINE and not re.match(r"\s*(\{|TEST\(|/\* )", line):
                report(s.path, n, f"{len(line)} columns; a line has at most {MAX_LINE}")
        for name, count, start, end in s.functions():
            if end - start + 1 > MAX_FUNCTION:
                report(s.path, start, f"{name} has {end - start + 1} lines; at most {MAX_FUNCTION}")
            if count > MAX_PARAMETERS:
                report(s.path, start, f"{name} has {count} parameters; at most {MAX_PARAMETERS}")


def check_engines():
    for s in C:
        if s.layer and not s.under(ENGINE_PLACES):
            for line, _ in s.find(ENGINE):
                report(s.path, line, "only src/db and src/core/search may ask for the engine")


def check_composed():
    for s in C:
        if s.layer and not s.is_test and not s.under(COMPOSE_PLACES):
            for line, match in s.find(r"\bdb_(query|exec|stream)_text\s*\("):
                report(s.path, line, f"{match.group(0)[:-1]}: SQL is a literal here; use db_query")


def check_tenants():
    tenant = {t for t in TABLES if TABLES[t][1] and TABLES[t][0] not in ("reference", "system")}
    for s in C:
        if not s.layer or s.is_test or s.layer == "db":
            continue
        for line, sql, marked in s.statements():
            low = sql.lower().strip()
            used = [t for t in re.findall(r"\b(?:from|join|into|update)\s+(\w+)", low)
                    if t in tenant]
            bound = low.startswith("insert") or re.search(r"\borg_id\s*=\s*(\$\d+|0\b)", low)
            if used and not marked and (low.count("org_id") < len(used) or not bound):
                report(s.path, line, f"org_id = $1 is missing for {', '.join(used)}: {sql[:60]}")


def check_sql():
    for s in C:
        if s.layer and s.layer != "db" and not s.under(("src/core/search",)):
            for line, sql, _ in s.statements():
                for pattern, instead in SQL_FORBIDDEN:
                    match = re.search(pattern, re.sub(r"'[^']*'", "''", sql), re.I)
                    if match:
                        report(s.path, line, f"SQL '{match.group(0).strip()}': write {instead}")


def check_writes():
    for s in C:
        # x_derive.c of a feature updates derived columns in bulk (verify recomputes them)
        if not s.layer or s.is_test or s.under(WRITE_PLACES) or s.name.endswith("_derive.c"):
            continue
        for line, sql, _ in s.statements():
            found = re.findall(r"\b(insert\s+into|update|delete\s+from)\s+(\w+)", sql.lower())
            for verb, table in found:
                kind = TABLES.get(table, (None,))[0]
                if kind == "record":
                    report(s.path, line, f"{table} holds records: write it with entity_write")
                elif kind == "fact" and s.layer != "core" and verb != "insert into":
                    report(s.path, line, f"{table} holds facts: rows are only added")


def check_schema():
    for table, (kind, org, path, line) in TABLES.items():
        if not kind:
            report(path, line, f"'-- class: ...' is missing right above table {table}")
        elif not org and kind not in ("reference", "system"):
            report(path, line, f"the first column of {table} must be org_id @int")
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            bare = re.sub(r"'[^']*'", "''", line.split("--")[0])
            for pattern, instead in DDL_FORBIDDEN:
                match = re.search(r"(?<![@\w])" + pattern, bare, re.I)
                if match:
                    report(path, n, f"'{match.group(0)}': write {instead}")


def check_banned():
    for s in C:
        for line, match in () if s.is_test else s.find(BANNED):
            report(s.path, line, f"{match.group(1)} is banned")
        if s.layer and not s.is_test and not s.under(HEAP_PLACES):
            for line, match in s.find(HEAP):
                report(s.path, line, f"{match.group(1)}: memory comes from the arena here")
        if s.feature:
            for line, _ in s.find(r"\bgoto\b"):
                report(s.path, line, "no goto in features")


def check_markup():
    path = ROOT / "tools" / "trusted-markup.txt"
    text, used = path.read_text() if path.exists() else "", set()
    listed = {line.split("#")[0].strip() for line in text.split("\n")} - {""}
    unsafe = r"[<' ](style=|onclick=|onload=|hx-on|javascript:)|<style|<script(?! src=)"
    for s in C:
        if s.is_test or not s.layer or s.name.startswith("src/out/html."):
            continue
        for line, _ in s.find(r"\bhtml_trusted\s*\("):
            name = s.name + ":" + next((f[0] for f in s.functions() if f[2] <= line <= f[3]), "?")
            used.add(name)
            if name not in listed:
                report(s.path, line, f"html_trusted: {name} is not in tools/trusted-markup.txt")
        literal = blank(s.text, strings=False)
        for match in re.finditer(unsafe, literal):
            report(s.path, line_of(literal, match.start()),
                   f"'{match.group(0)}' breaks the policy of pages")
        for match in re.finditer(r"""[?:]\s*(" [a-z-]+='[^"]*'")""", literal):
            report(s.path, line_of(literal, match.start(1)),
                   f"{match.group(1)}: %s escapes these quotes, leave them out")
    for name in sorted(listed - used):
        report("tools/trusted-markup.txt", 1, f"{name} does not call html_trusted (any more)")


def check_tests():
    for folder in sorted(p for p in (ROOT / "src" / "feature").glob("*") if p.is_dir()):
        if any(folder.glob("*.c")) and not any(folder.glob("*_test.c")):
            report(folder, 0, "this feature has no test")


def check_licence():
    for path in FILES:
        if path.suffix in SOURCES and "content" not in path.relative_to(ROOT).parts[:1]:
            if LICENCE not in "\n".join(path.read_text().split("\n")[:3]):
                report(path, 1, "the first line must say " + LICENCE)


def check_words():
    for path in FILES:
        text = path.read_text(encoding="utf-8", errors="replace")
        for match in re.finditer("|".join(WORDS), text, re.I):
            report(path, line_of(text, match.start()), f"'{match.group(0)}' has no place here")


def check_packages():
    """What meson.build asks for is installed on a new machine, and when the package is built."""
    meson, listed, control = (ROOT / name for name in PACKAGE_FILES)
    if not meson.exists():
        return
    text = meson.read_text()
    names = re.findall(r"'([\w.+-]+)'", re.search(r"foreach name : \[(.*?)\]", text, re.S).group(1))
    names += re.findall(r"find_library\('(\w+)', has_headers", text)
    wanted = set(re.findall(r"^(lib\S+-dev)\s+build$", listed.read_text(), re.M)) - {"libc6-dev"}
    built = set(re.findall(r"^\s+(lib\S+-dev),?$", control.read_text(), re.M))
    for name in names:
        stem = re.sub(r"^lib|[-\d.]+$", "", name)
        stem = {"pangocairo": "pango", "crypto": "ssl"}.get(stem, stem)
        if not any(stem in package for package in wanted):
            report(listed, 1, f"no package here brings {name} of meson.build")
    for package in sorted(wanted ^ built):
        where = control if package in wanted else listed
        report(where, 1, f"{package} is missing here")


FILES = list(files())
C = [Source(p) for p in FILES if p.suffix in (".c", ".h")]
TABLES = schema()
RULES = {name[6:]: rule for name, rule in list(globals().items()) if name.startswith("check_")}


def main():
    failed = 0
    chosen = sys.argv[1:] or list(RULES)
    for name in chosen:
        findings.clear()
        RULES[name]()
        failed += bool(findings)
        for finding in findings:
            print(f"{finding} [{name}]")
    print(f"check: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
