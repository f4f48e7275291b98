#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that each rule of tools/check.py finds what it forbids: a small tree that obeys all of
them, and for each rule pieces that break it and only it."""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
C = "/* SPDX-License-Identifier: Apache-2.0 */\n"
SQL = "-- SPDX-License-Identifier: Apache-2.0\n"
TABLE = ("-- class: {}\ncreate table {} (\n    org_id @int not null,\n    id @int not null\n"
         ") @strict;\n")
GOOD = {
    "migrations/0001.sql": SQL + TABLE.format("record", "risk") + TABLE.format("scratch", "draft")
                           + TABLE.format("fact", "event"),
    "meson.build": "# SPDX-License-Identifier: Apache-2.0\nforeach name : ['libpq', 'yaml-0.1']\n",
    "tools/apt-packages": "libpq-dev build\nlibyaml-dev build\n",
    "packaging/debian/control": "Build-Depends: x,\n               libpq-dev,\n"
                                "               libyaml-dev\n",
    "tools/trusted-markup.txt": "src/core/page.c:page_icon  # made from a constant\n",
    "src/core/page.c": C + "void page_icon(struct html *h)\n{\n    html_trusted(h, ICON);\n}\n",
    "src/feature/risk/risk.h": C,
    "src/feature/risk/risk_test.c": C,
    "src/feature/asset/asset.h": C,
    "src/feature/asset/asset_test.c": C,
    "src/feature/asset/asset.c": C + '#include "feature/risk/risk.h"\n\n'
        'static struct err *rows(struct db *db, i64 org)\n{\n'
        '    TRY(db_query(db, &r, "select id from risk where org_id = $1 and id > $2 "\n'
        '                         "order by id", num(org), num(0)));\n'
        '    return db_exec(db, "delete from draft where org_id = $1", num(org));\n}\n',
}


def call(sql):
    return f'static void f(void)\n{{\n    db_query(db, &r, "{sql}", num(org));\n}}\n'


LONG = "static void f(void)\n{\n" + "    g();\n" * 80 + "}\n"
MANY = "static int f(int a, int b, int c, int d, int e, int g)\n{\n    return a;\n}\n"
F = "src/feature/risk/risk.c"
BAD = [
    ("layers", F, '#include "app/main.h"\n'), ("layers", "src/base/x.c", '#include "db/db.h"\n'),
    ("layers", "src/net/x.c", '#include "db/db.h"\n'),
    ("layers", "src/core/x.c", '#include "feature/risk/risk.h"\n'),
    ("layers", "src/feature/asset/asset.c", '#include "feature/risk/risk_store.h"\n'),
    ("circles", F, '#include "feature/asset/asset.h"\n'),
    ("sizes", F, "\n" * 800), ("sizes", F, LONG), ("sizes", F, MANY), ("sizes", F, "//" + "x" * 99),
    ("engines", F, "int x = DB_SQLITE;\n"), ("engines", "src/core/x.c", "int x = db_engine(db);\n"),
    ("composed", F, "int x = db_query_text(db, &r, text, v, n);\n"),
    ("tenants", F, call("select id from risk where id = $1")),
    ("tenants", F, call("select d.id from risk r join draft d on d.id = r.id\"\n"
                        " \" where r.org_id = $1")),
    ("tenants", "src/core/x.c", "const char *q = \"select id \"\n    \"from draft\";\n"),
    ("tenants", F, call("delete from draft where org_id = org_id")),
    ("sql", F, call("select $1::text")), ("sql", F, call("select now()")),
    ("sql", F, call("select * from risk where org_id = $1")),
    ("sql", F, call("select id from risk where org_id = $1 and title like 'a%'")),
    ("sql", F, call("select id from risk where org_id = $1 and done = true")),
    ("sql", F, call("insert into draft values ($1, 2)").replace("draft", "other")),
    ("writes", F, call("update risk set id = 3 where org_id = $1")),
    ("writes", "src/core/x.c", call("insert into risk (org_id, id) values ($1, 2)")),
    ("writes", F, call("delete from event where org_id = $1")),
    ("schema", "migrations/0002.sql", "create table x (\n    org_id @int not null\n);\n"),
    ("schema", "migrations/0002.sql", "-- class: fact\ncreate table x (\n    id @int\n);\n"),
    ("schema", "migrations/0002.sql", "alter table risk add n integer;\n"),
    ("banned", F, "int x = atoi(a);\n"), ("banned", F, "char *x = malloc(3);\n"),
    ("banned", F, "void f(void)\n{\n    goto out;\n}\n"),
    ("markup", F, "void f(struct html *h)\n{\n    html_trusted(h, x);\n}\n"),
    ("markup", F, 'const char *x = "<p style=\'color: red\'>";\n'),
    ("markup", F, "const char *x = on ? \" class='warn'\" : \"\";\n"),
    ("markup", "tools/trusted-markup.txt", "src/core/page.c:page_icon\nsrc/core/page.c:gone\n"),
    ("tests", "src/feature/audit/audit.c", "int x;\n"),
    ("packages", "tools/apt-packages", "libyaml-dev build\n"),
    ("packages", "packaging/debian/control", "Build-Depends: x,\n               libpq-dev\n"),
    ("licence", "src/base/x.c", None), ("words", F, "/* /wor" "k/main */\n"),
]


def check(tree):
    """Builds the tree and returns (exit status, names of the rules with findings, output)."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tools").mkdir()
        for name in ("check.py", "csource.py"):
            shutil.copy(TOOLS / name, Path(folder) / "tools" / name)
        for name, text in tree.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, "-B", str(Path(folder) / "tools" / "check.py")],
                             capture_output=True, text=True, check=False)
    lines = run.stdout.strip().split("\n")
    return run.returncode, {l.rsplit("[", 1)[1][:-1] for l in lines if l.endswith("]")}, run.stdout


def main():
    passed = failed = 0
    for rule, name, text in [(None, "", "")] + BAD:
        tree = dict(GOOD)
        if rule:
            start = SQL if name.endswith(".sql") else C if name.startswith("src") else ""
            tree[name] = "int x;\n" if text is None else start + text
        status, found, output = check(tree)
        if found == ({rule} if rule else set()) and status == (1 if rule else 0):
            passed += 1
        else:
            failed += 1
            print(f"{rule or 'a good tree'}: {name}: {text!r:.90} gave\n{output}")
    print(f"check-test: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
