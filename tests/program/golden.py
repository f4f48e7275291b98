#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The golden company: 15 people who build and run software, all in the cloud, in a shared office.
It goes from the first question to an approved Statement of Applicability; each test is a step and
needs those before it."""
import csv
import io
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_company import GRACE, Company, engines
from program_server import EMAIL, Server, good, main, new_database, new_path, run, test

PEOPLE = [("Grace Hopper", "Managing director"), ("Alan Kay", "Head of development"),
          ("Barbara Liskov", "Developer"), ("Donald Knuth", "Developer"),
          ("Edsger Dijkstra", "Developer"), ("Frances Allen", "Developer"),
          ("Niklaus Wirth", "Developer"), ("Margaret Hamilton", "Operations"),
          ("Ken Thompson", "Operations"), ("Radia Perlman", "Head of customer care"),
          ("John Backus", "Support"), ("Mary Keller", "Support"),
          ("Tony Hoare", "Head of sales"), ("Karen Jones", "Finance")]
PROFILE = {"headcount": 15, "sector": "software", "countries": "Germany", "revenue": "1800000",
           "sites": "shared", "remote_work": "mostly", "own_devices": "no", "cloud": "all",
           "own_servers": "no", "own_network": "no", "ot": "no", "develops": "yes",
           "outsourced_development": "no", "personal_data": "ordinary", "card_payment": "no",
           "government": "no", "critical_suppliers": "yes", "downtime": "day",
           "certificate_demand": "yes", "practice": "backup,patching", "experienced": "no",
           "budget": "medium"}
LANDLORD = ["7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.8", "7.11", "7.12", "7.13"]
OUT = ["8.30"] + LANDLORD
NEEDED = ["5.23", "8.25", "8.26", "8.27", "8.28", "8.29", "8.31", "8.33"]
REASONS = {**{c: "the operator of the shared office provides it and is rated as a supplier."
              for c in LANDLORD},
           "8.30": "our own employees write all code; no payment to outside developers exists."}


def walk(engine):
    state = {}

    def step(sentence):
        return test(f"{engine}: {sentence}")

    @step("the company is founded, answers the profile and brings 14 more people as CSV")
    def _():
        c = state["c"] = Company(engine, "Golden Code")
        c.answer_profile(**PROFILE)
        c.hire(PEOPLE)
        assert len(c.all("people")) == 15

    c = lambda: state["c"]

    @step("check finds majors before anything is done and says so by its exit status")
    def _():
        status, report = c().check()
        assert status == 1, status
        state["before"] = report["score"]
        failing = {r["id"] for r in report["rules"] if r["status"] == "fail"}
        assert "R036" in failing or "R020" in failing or "R028" in failing, failing

    @step("15 people belong to the band up to 20, which plans at most three months")
    def _():
        answer = c().suggested_assets()
        assert answer["band"] == "s20" and answer["assets_max"] == 30, answer["band"]
        page = c().browser().page(c().at("/profile"))
        assert "Up to 20 people" in page and "up to 3 months" in page
        assert "A project team is not needed" in page

    @step("18 to 30 assets are suggested, each with its reason")
    def _():
        within = [s for s in c().suggested_assets()["suggestions"] if s["within_size"]]
        assert 18 <= len(within) <= 30, len(within)
        assert all(s["why"] for s in within)
        codes = {s["code"] for s in within}
        assert {"source-code", "laptops", "cloud-platform"} <= codes, codes
        assert not codes & {"own-servers", "machine-controllers", "server-room"}, codes

    @step("exactly 8.30 and the landlord's controls are proposed as not applicable")
    def _():
        assert sorted(c().proposed_out()) == sorted(OUT), c().proposed_out()

    @step("cloud and development controls are proposed as applicable")
    def _():
        proposed = {r["code"]: r.get("proposed") for r in c().soa()["controls"]}
        assert [proposed[n] for n in NEEDED] == ["yes"] * len(NEEDED), proposed

    @step("a second managing person joins by a link that works once")
    def _():
        c().bring_grace()
        c().settle_roles()
        assert "Golden Code" in c().grace.page(c().at("/organisation"))

    @step("the suggested assets are accepted and carry what the catalogue says")
    def _():
        taken = c().accept_assets(EMAIL)
        assets = c().all("assets")
        assert len(assets) == len(taken), (len(assets), len(taken))
        assert all(a["value"] for a in assets), [a["name"] for a in assets if not a["value"]]
        assert not [s for s in c().suggested_assets()["suggestions"] if s["code"] in taken]

    @step("top management approves the risk method")
    def _():
        status, text = c().approve_method()
        assert status == 200 and c().all("methods")[0]["state"] == "approved", text[-500:]

    @step("at most 60 risks are accepted, at least one for each asset of value 3 or more")
    def _():
        c().accept_risks(60, GRACE)
        risks = c().all("risks")
        assert 20 <= len(risks) <= 60, len(risks)
        covered = {a for r in risks for a in r["assets"]}
        missing = [a["name"] for a in c().all("assets")
                   if a["value"] >= 3 and a["id"] not in covered and a["number"] not in covered]
        assert not missing, missing

    @step("scores are looked up in the matrix: 4 x 4 is 16 and high")
    def _():
        c().score()
        high = [r for r in c().all("risks") if r["current_score"] == 16]
        assert high and all(r["band"] == "high" for r in high)
        assert all(r["current_score"] for r in c().all("risks"))

    @step("each risk above the level gets a treatment with controls and an action")
    def _():
        c().treat()
        untreated = [r["number"] for r in c().all("risks")
                     if r["current_score"] > 9 and not r["treated"]]
        assert not untreated, untreated

    @step("the owner approves each plan and what remains; who scored it may not")
    def _():
        treated = c().approve_risks()
        assert treated
        page = c().ada.page(c().at(f"/risks/{treated[0]['number']}/approval"))
        assert "value='approved'" not in page and 'value="approved"' not in page
        assert not [r["number"] for r in c().rule("R060")["records"]]

    @step("interested parties with requirements and the first round of assessment are on record")
    def _():
        c().parties()
        c().assess()

    @step("excluding cloud or development controls is a contradiction (R056) and blocks approval")
    def _():
        c().decide_soa(REASONS)
        for code in NEEDED:
            control = c().controls()[code]
            c().change("controls", control, {
                "applicable": "no", "justification": "We looked at this and think it is not for us.",
                "_reason": "Somebody thought again"})
        rule = c().rule("R056")
        assert rule["status"] == "fail", rule
        text = json.dumps(rule["records"])
        numbers = {c().controls()[n]["number"] for n in NEEDED}
        missing = [n for n in numbers if n not in text]
        assert not missing, (missing, text)
        page = c().ada.page(c().at("/soa"))
        assert "/soa/submit" not in page and "contradiction" in page

    @step("a draft justification with brackets is no reason")
    def _():
        control = c().controls()["8.30"]
        got, answer = c().server.call("PATCH", f"/controls/{control['number']}", c().key, {
            "applicable": "no", "justification": "All code is written by [names of employees]."},
            {"If-Match": "*"})
        assert got == 422 and "bracket" in json.dumps(answer), answer

    @step("once the contradictions are gone the statement is submitted and approved")
    def _():
        for code in NEEDED:
            c().change("controls", c().controls()[code],
                       {"applicable": "yes", "justification": None, "_reason": "It is needed after all"})
        assert c().rule("R056")["status"] != "fail"
        status, text = c().submit_soa()
        assert status == 200 and "SOA-1" in text, (status, text[-500:])
        status, text = c().approve_soa()
        assert status == 200, text[-500:]
        soa = c().soa()
        assert (soa["applicable"], soa["excluded"]) == (93 - len(OUT), len(OUT)), soa["applicable"]

    @step("who prepared the statement could not have approved it")
    def _():
        assert "Approve" not in c().ada.page(c().at("/soa/SOA-1")).split("<main")[1].split(
            "Approved")[0]

    @step("the statement is exported as PDF, XLSX and CSV, with all 93 rows")
    def _():
        files = {f: c().ada.get(c().at(f"/soa/export?format={f}")) for f in ("pdf", "xlsx", "csv")}
        assert files["pdf"].startswith(b"%PDF-") and len(files["pdf"]) > 10000
        with zipfile.ZipFile(io.BytesIO(files["xlsx"])) as book:
            assert b"5.1" in b"".join(book.read(n) for n in book.namelist())
        rows = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"))))
        codes = [cell for row in rows for cell in row[:1] if cell[:2] in ("5.", "6.", "7.", "8.")]
        assert len(codes) == 93, (len(codes), rows[:3])

    @step("check finds no major any more, and the score has risen")
    def _():
        status, report = c().check()
        majors = [(r["id"], r.get("records")) for r in report["rules"]
                  if r["status"] == "fail" and r["severity"] in ("MAJ", "major")]
        assert status == 0, majors
        assert report["score"] > state["before"], (report["score"], state["before"])

    @step("registers export as CSV with one row per record")
    def _():
        for kind in ("assets", "risks", "treatments", "people"):
            text = c().command("export", kind, "--format", "csv", "--org", c().slug)
            assert len(list(csv.reader(io.StringIO(text)))) == len(c().all(kind)) + 1, kind

    @step("the whole log verifies")
    def _():
        assert "0 findings" in c().command("verify")

    @step("a backup restores to a company with the same records and an intact log")
    def _():
        file, other = new_path(".zip"), new_path()
        c().command("backup", file)
        words = ["--database", new_database()] if engine == "postgresql" else []
        good("restore", file, "--data", other, *words)
        assert "0 findings" in good("verify", "--data", other, *words)
        text = good("export", "risks", "--format", "csv", "--data", other, *words, "--org", c().slug)
        assert len(list(csv.reader(io.StringIO(text)))) == len(c().all("risks")) + 1


for one in engines():
    walk(one)
main("golden")
