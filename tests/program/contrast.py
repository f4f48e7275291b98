#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The contrast company: 300 people with a factory, an office and servers of their own, who develop
nothing. The same program must propose something quite different to it."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import Company, engines
from program_server import main, test

PROFILE = {"headcount": 300, "sector": "manufacturing", "countries": "Germany, Poland",
           "revenue": "62000000", "sites": "owned", "remote_work": "some", "own_devices": "no",
           "cloud": "some", "own_servers": "yes", "own_network": "yes", "ot": "yes",
           "develops": "no", "outsourced_development": "no", "personal_data": "ordinary",
           "card_payment": "no", "government": "no", "critical_suppliers": "yes",
           "downtime": "day", "certificate_demand": "yes", "practice": "backup",
           "experienced": "no", "budget": "medium"}
OUT = ["8.4", "8.25", "8.27", "8.28", "8.30", "8.31", "8.33"]
PHYSICAL = [f"7.{n}" for n in range(1, 15)]
UNITS = ["Production", "Sales", "Purchasing", "Finance and people", "IT"]


def walk(engine):
    state = {}

    def step(sentence):
        return test(f"{engine}: {sentence}")

    @step("the factory answers the profile and enters five departments and 300 people")
    def _():
        c = state["c"] = Company(engine, "Contrast Works")
        c.answer_profile(**PROFILE)
        for name in UNITS:
            c.api("POST", "/units", {"name": name})
        c.import_rows("people", [{"name": f"Person {n:03}", "email": f"p{n}@example.com",
                                  "department": UNITS[n % 5], "state": "active"}
                                 for n in range(299)])
        assert len(c.all("people")) == 300

    c = lambda: state["c"]

    @step("300 people belong to the band above 200: 8 to 20 months, a project team, part of it in scope")
    def _():
        answer = c().suggested_assets()
        assert answer["band"] == "more" and answer["assets_max"] == 150, answer["band"]
        page = c().browser().page(c().at("/profile"))
        assert "8 to 20 months" in page and "Set up a project team" in page
        assert "Start with the services, sites or units" in page

    @step("30 to 60 assets are suggested, among them plant, servers and rooms, but no source code")
    def _():
        within = [s["code"] for s in c().suggested_assets()["suggestions"] if s["within_size"]]
        assert 30 <= len(within) <= 60, len(within)
        assert {"machine-controllers", "own-servers", "server-room", "factory-hall"} <= set(within)
        assert not set(within) & {"source-code", "web-app", "developers", "build-pipeline"}

    @step("exactly the controls of own and outsourced development are proposed as not applicable")
    def _():
        assert sorted(c().proposed_out()) == sorted(OUT), c().proposed_out()

    @step("8.26 and 8.29 stay, since bought applications are accepted and tested too")
    def _():
        proposed = {r["code"]: r.get("proposed") for r in c().soa()["controls"]}
        assert (proposed["8.26"], proposed["8.29"]) == ("yes", "yes")

    @step("all physical controls are proposed as applicable")
    def _():
        proposed = {r["code"]: r.get("proposed") for r in c().soa()["controls"]}
        assert [proposed[p] for p in PHYSICAL] == ["yes"] * 14, proposed

    @step("risks of machines and own servers are suggested, none of writing software")
    def _():
        c().accept_assets("p4@example.com")
        risks = c().suggested_risks()
        types = {r["key"].split("/")[1] for r in risks}
        assert {"ot-controller", "server", "server-room"} <= types, types
        assert not types & {"source-code", "web-app", "developers"}, types
        assert all(r["reason"] for r in risks)

    @step("accepted risks follow from assets: each names its asset, threat and weakness")
    def _():
        c().accept_risks(120, "p4@example.com")
        risks = c().all("risks")
        assert 60 <= len(risks) <= 120, len(risks)
        assert all(r["assets"] and r["threat"] and r["vulnerability"] for r in risks)

    @step("leaving out a physical control that is in use is a contradiction (R056)")
    def _():
        c().change("controls", c().controls()["7.2"], {
            "applicable": "no", "justification": "We looked at this and think it is not for us."})
        rule = c().rule("R056")
        assert rule["status"] == "fail", rule

    @step("the whole log verifies")
    def _():
        assert "0 findings" in c().command("verify")


for one in engines():
    walk(one)
main("contrast")
