#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Risks in money on the command line: the numbers of the pages, whatever the number of processors."""
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_server import Server, good, main, new_database, new_store, refused, run, test, token

MODEL = {"title": "A bad year", "risk": "R-1", "tries_least": "0.5", "tries_likely": "0.5",
         "tries_most": "0.5", "success_least": 100, "success_likely": 100, "success_most": 100,
         "shape": "range", "loss_least": "10000", "loss_most": "1000000", "rationale": "Insurer",
         "trials": "50000", "seed": 7}


def whole(amount):
    """Cents of an amount like 1234.50 or "1234.50"."""
    return round(float(amount) * 100)


def tried(*words):
    data = new_store(*words)
    base = ["--data", data, *words]
    refused("simulate", *base, says="There is no loss estimate yet")
    server = Server(data, *words)
    key = token(data, *words)
    for title in ("Ransomware", "Lost laptop"):
        status, answer = server.call("POST", "/risks", key, {"title": title, "properties": ["c"]})
        assert status == 201, answer
    made = []
    for more in ({}, {"risk": "R-2", "tries_most": "3"}, {"risk": "R-2", "trials": "200000"}):
        status, answer = server.call("POST", "/estimates", key, {**MODEL, **more})
        assert status == 201, answer
        made.append(answer)
    one = json.loads(good("simulate", *base, "--risk", "R-1", "--format", "json"))
    assert (one["estimates"], one["years"], len(one["curve"])) == (1, 50000, 50), one
    assert abs(one["mean"] * 100 - whole(made[0]["mean"])) < 1, (one["mean"], made[0]["mean"])
    assert abs(one["p95"] * 100 - whole(made[0]["p95"])) < 1, (one["p95"], made[0]["p95"])
    answers = [good("simulate", *base, "--format", "json", "--processors", n) for n in (1, 2, 5)]
    assert answers[0] == answers[1] == answers[2]
    all_of = json.loads(answers[0])
    assert (all_of["estimates"], all_of["years"]) == (3, 200000), all_of
    assert abs(all_of["mean"] * 100 - sum(whole(m["mean"]) for m in made)) < 3, all_of
    r = run("simulate", *base, "--years", "2000000")
    assert r.returncode == 0 and "3 estimates, 2000000 simulated years" in r.stdout, r.stdout
    assert "simulated 3 times 2000000 years in" in r.stderr, r.stderr
    refused("simulate", *base, "--years", "many", says="from 1000 to 100000000")
    refused("simulate", *base, "--processors", "0", says="from 1 to 64")
    refused("simulate", *base, "--risk", "R-9", says="R-9")
    assert server.stop() == 0


@test("the command line simulates what the pages show: one estimate alone, all together as the sum of "
      "their means, the same bytes on one processor and on five")
def sqlite():
    tried()


@test("on PostgreSQL too")
def postgresql():
    tried("--database", new_database())


main("money")
