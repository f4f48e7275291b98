#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cairn import` as somebody uses it who writes a script: words, exit status, and what is written, on
both engines and two kinds of record; hostile files end as they do on the page."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_files import TEXTS, WORKBOOKS, book, text_row
from program_server import EMAIL, PASSWORD, good, main, new_database, new_path, new_store, run, test

ENGINES = ("sqlite", "postgresql")
UNITS = "name,parent\nSales,\nIT,\n"
PEOPLE = "name,email,unit\nAnn,ann@acme.test,Sales\nBo,bo@acme.test,Nowhere\nCy,cy@acme.test,IT\n"


def store(engine):
    """The words of a fresh store, for every command."""
    if engine == "sqlite":
        return ["--data", new_store()]
    data, url = new_path(), new_database()
    good("init", "--data", data, "--database", url, "--admin", EMAIL, "--password-stdin", "--name", "Acme",
         stdin=PASSWORD + "\n")
    return ["--data", data, "--database", url]


def count(words, kind):
    return len(json.loads(good("export", kind, "--format", "json", *words))["items"])


def bring(words, kind, text, *more):
    return run("import", kind, "-", *words, *more, stdin=text)


@test("all rows or none: with a wrong row the status is 2, the row and the way on are named, nothing is written")
def all_or_none():
    for engine in ENGINES:
        words = store(engine)
        people = count(words, "people")
        assert bring(words, "units", UNITS).returncode == 0
        r = bring(words, "people", PEOPLE)
        assert r.returncode == 2, r
        assert "row 3, column unit: " in r.stderr and "Nowhere" in r.stderr, r.stderr
        assert "Nothing was written: 1 of 3 rows is wrong." in r.stderr and "--good-rows" in r.stderr, r.stderr
        assert r.stdout == "", r.stdout
        assert count(words, "people") == people


@test("good rows only: the others are written, the status is 1, and how many were left out is said")
def good_rows():
    for engine in ENGINES:
        words = store(engine)
        people = count(words, "people")
        assert bring(words, "units", UNITS).returncode == 0
        r = bring(words, "people", PEOPLE, "--good-rows")
        assert r.returncode == 1, r
        assert "created 2, changed 0, unchanged 0, errors 1" in r.stdout, r.stdout
        assert "left out 1 row: they are named above" in r.stdout, r.stdout
        assert "row 3, column unit: " in r.stderr, r.stderr
        assert count(words, "people") == people + 2
        r = bring(words, "people", PEOPLE.replace("Nowhere", "IT"), "--good-rows")
        assert r.returncode == 0 and "created 1, changed 0, unchanged 2, errors 0" in r.stdout, r


@test("a dry run writes nothing; its status says whether rows are wrong")
def dry_run():
    words = store("sqlite")
    people = count(words, "people")
    assert bring(words, "units", UNITS, "--dry-run").returncode == 0
    r = bring(words, "people", PEOPLE, "--dry-run")
    assert r.returncode == 1 and "would create 0" in r.stdout and "row 2" in r.stderr, r
    assert count(words, "people") == people and count(words, "units") == 0


@test("what every new record needs and no column gives is said once, with the two ways to give it")
def said_once():
    words = store("sqlite")
    text = "name,remark\n" + "".join(f"Laptop {n},x\n" for n in range(40))
    r = bring(words, "assets", text)
    assert r.returncode == 2, r
    assert r.stderr.count("which a new record needs") == 1 and "(40 rows)" in r.stderr, r.stderr
    assert '--map "COLUMN=type"' in r.stderr and '--set "type=VALUE"' in r.stderr, r.stderr
    assert "row 2" not in r.stderr, r.stderr
    r = bring(words, "assets", text, "--set", "type=laptop")
    assert r.returncode == 0 and "created 40" in r.stdout, r


@test("a hostile file ends the command with status 2 and a sentence, on both engines; nothing is stored")
def hostile():
    chosen = ("ratio", "external entity in the list of sheets", "entity bomb in the sheet", "300,000 rows",
              "1,000,000 rows", "zero bytes", "a link")
    for engine in ENGINES:
        words = store(engine)
        for name, make, sentence in WORKBOOKS + TEXTS:
            if name not in chosen:
                continue
            file = new_path(".xlsx")
            file.write_bytes(make())
            r = run("import", "units", file, *words)
            assert r.returncode == 2, f"{name}: {r}"
            assert sentence in r.stderr and r.stdout == "", f"{name}: {r.stderr} {r.stdout}"
            file.unlink()
        assert count(words, "units") == 0
        file = new_path(".xlsx")
        file.write_bytes(book(text_row("name") + text_row("Sales")))
        assert good("import", "units", file, *words).startswith("created 1")


main("import-command")
