#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store of an earlier program. tests/fixture/store-6.tar.xz holds the example company as version
0.1.0 with six steps of the schema made it; its keys are of no use anywhere else."""
import json
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_server import Server, good, main, new_database, new_path, refused, run, test

FIXTURE = Path(__file__).resolve().parents[1] / "fixture" / "store-6.tar.xz"


def old_store():
    data = new_path()
    data.mkdir(mode=0o700)
    with tarfile.open(FIXTURE) as t:
        t.extractall(data)
    return data


def upgraded():
    data = old_store()
    assert Server(data).stop() == 0
    return data


@test("a command refuses an older store and says how it is brought up to date")
def _():
    refused("check", "--data", old_store(), says="Start the server once")


@test("the server brings it up to date, and all that was logged before still verifies")
def _():
    data = upgraded()
    said = good("verify", "--data", data)
    assert "665 versions of records" in said and ": 0 findings" in said, said


@test("its records can be read and changed over the API, and verify afterwards")
def _():
    data = upgraded()
    key = good("token", "create", "--data", data, "--user", "ada@example.com").strip()
    server = Server(data)
    for kind, least in (("risks", 50), ("assets", 40), ("people", 30), ("methods", 1), ("controls", 93)):
        status, answer = server.call("GET", f"/{kind}?limit=200", key)
        assert status == 200 and len(answer["items"]) >= least, (kind, status, str(answer)[:300])
    person = server.call("GET", "/people?limit=5", key)[1]["items"][0]
    status, answer = server.call("PATCH", f"/people/{person['id']}", key, {"job": "Harbour master"},
                                 {"If-Match": "*"})
    assert status == 200, answer
    assert server.stop() == 0
    assert ": 0 findings" in good("verify", "--data", data)


@test("readiness of the upgraded company is computed, with every rule of today")
def _():
    r = run("check", "--data", upgraded(), "--org", "tarnbeck", "--format", "json")
    assert r.returncode in (0, 1), r.stderr
    assert 0 < json.loads(r.stdout)["score"] <= 100


@test("its backup goes to PostgreSQL, and the log verifies there too")
def _():
    data, file, database = new_path(), new_path(".zip"), new_database()
    good("backup", file, "--data", upgraded())
    good("restore", file, "--data", data, "--database", database)
    assert ": 0 findings" in good("verify", "--data", data, "--database", database)


main("upgrade")
