# SPDX-License-Identifier: Apache-2.0
"""A company that goes the whole way, for golden.py and contrast.py: the command line, the REST API
and, where only people decide, the forms of the pages."""
import csv
import datetime
import io
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar

from program_server import EMAIL, PASSWORD, Server, good, new_database, new_path, run

GRACE = "grace@example.com"


def engines():
    """The engine the run is for, or both when nobody says."""
    wanted = os.environ.get("CAIRN_TEST_DB")
    if wanted:
        return [wanted]
    return ["sqlite"] + (["postgresql"] if os.environ.get("CAIRN_TEST_URL") else [])


class Forms(HTMLParser):
    """The forms of a page with the values they would send."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.forms.append({"action": a.get("action", ""), "fields": {}})
        elif tag == "input" and self.forms and a.get("name"):
            if a.get("type") not in ("submit", "checkbox", "radio") or "checked" in a:
                self.forms[-1]["fields"].setdefault(a["name"], a.get("value") or "")


class Browser:
    """A person with a browser: cookies, forms, no script."""

    def __init__(self, url):
        self.url = url
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        with self.opener.open(self.url + path, timeout=60) as answer:
            return answer.read()

    def page(self, path):
        return self.get(path).decode()

    def submit(self, path, action, **fields):
        """Sends the form of the page whose address ends with `action`, with these values."""
        found = [f for f in Forms(self.page(path)).forms if f["action"].endswith(action)]
        assert found, f"{path} has no form for {action}"
        data = urllib.parse.urlencode({**found[0]["fields"], **fields}).encode()
        target = found[0]["action"] or path
        request = urllib.request.Request(self.url + target, data,
                                         headers={"Origin": self.url, "Referer": self.url + path})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode(errors="replace")

    def sign_in(self, email, password):
        self.submit("/login", "/login", email=email, password=password)
        assert "/logout" in self.page("/account"), f"{email} is not signed in"


class Company:
    def __init__(self, engine, name):
        self.engine, self.name = engine, name
        self.slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
        self.words = ["--database", new_database()] if engine == "postgresql" else []
        self.data = new_path()
        good("init", "--data", self.data, *self.words, "--admin", EMAIL, "--password-stdin",
             "--name", name, "--zone", "Europe/Berlin", stdin=PASSWORD + "\n")
        self.server = Server(self.data, *self.words)
        self.key = self.command("token", "create", "--user", EMAIL, "--org", self.slug).strip()

    # --- ways in ---

    def command(self, *words, **more):
        return good(*words, "--data", self.data, *self.words, **more)

    def api(self, method, path, body=None, status=None, **headers):
        got, answer = self.server.call(method, path, self.key, body,
                                       {k.replace("_", "-"): v for k, v in headers.items()})
        wanted = status or (201 if method == "POST" and not path.startswith("/suggestions") else 200)
        assert got == wanted, f"{method} {path} gave {got}: {json.dumps(answer)[:600]}"
        return answer

    def all(self, plural, **query):
        items, after = [], None
        while True:
            q = urllib.parse.urlencode({"limit": 200, **query, **({"after": after} if after else {})})
            answer = self.api("GET", f"/{plural}?{q}")
            items += answer["items"]
            after = answer.get("next")
            if not after:
                return items

    def change(self, plural, record, body):
        return self.api("PATCH", f"/{plural}/{record['number']}", body, If_Match="*")

    def import_rows(self, kind, rows):
        text = io.StringIO()
        out = csv.DictWriter(text, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
        return self.command("import", kind, "-", "--org", self.slug, stdin=text.getvalue())

    def browser(self, email=EMAIL, password=PASSWORD):
        b = Browser(self.server.url)
        b.sign_in(email, password)
        return b

    def at(self, path):
        return f"/o/{self.slug}{path}"

    # --- the way ---

    def answer_profile(self, **answers):
        profile = self.all("profiles")[0]
        return self.change("profiles", profile, answers)

    def hire(self, names):
        self.import_rows("people", [
            {"name": n, "email": f"{n.split()[0].lower()}@example.com", "job": j,
             "state": "active"} for n, j in names])

    def bring_grace(self):
        """Top management gets an account by the link that the administrator passes on."""
        self.api("POST", "/roles", {"person": GRACE, "role": "top-management",
                                    "from_date": "2024-01-01", "acknowledged": "2024-01-02"})
        number = next(p["number"] for p in self.all("people") if p["email"] == GRACE)
        ada = self.browser()
        _, text = ada.submit(self.at(f"/people/{number}"), "/invite")
        link = re.search(r"/invite/[A-Za-z0-9_-]+", text).group(0)
        grace = Browser(self.server.url)
        grace.submit(link, link, password=PASSWORD + " 2")
        self.ada, self.grace = ada, self.browser(GRACE, PASSWORD + " 2")

    def settle_roles(self):
        """Who founded the company holds all roles at first: the duties of clause 5.3 are given, and
        the holders say that they know and accept their roles."""
        for role in self.all("roles"):
            duties = {"duties": ["conformity", "reporting"]} if role["role"] == "isms-manager" else {}
            self.change("roles", role, {"acknowledged": role["from_date"], **duties})

    def suggested_assets(self):
        return self.api("GET", "/suggestions/assets")

    def accept_assets(self, owner):
        codes = [s["code"] for s in self.suggested_assets()["suggestions"] if s["within_size"]]
        self.api("POST", "/suggestions/assets", {"accept": codes, "owner": owner})
        return codes

    def suggested_risks(self):
        items, page = [], 1
        while True:
            answer = self.api("GET", f"/suggestions/risks?page={page}")
            items += answer["suggestions"]
            page += 1
            if not answer["suggestions"]:
                return items

    def accept_risks(self, most, owner):
        """The best of each asset first, then the next, until `most`."""
        keys = [s["key"] for s in self.suggested_risks() if s["within_size"]][:most]
        for i in range(0, len(keys), 100):
            self.api("POST", "/suggestions/risks", {"accept": keys[i:i + 100], "owner": owner,
                                                    "scores": True})

    def score(self):
        """Every risk gets a current level; each third one is above the acceptance level."""
        for n, risk in enumerate(self.all("risks")):
            level = ((4, 4), (2, 3), (1, 4))[n % 3]
            inherent = (max(level[0], risk["inherent_likelihood"] or 0),
                        max(level[1], risk["inherent_impact"] or 0))
            self.change("risks", risk, {
                "inherent_likelihood": inherent[0], "inherent_impact": inherent[1],
                "current_likelihood": level[0], "current_impact": level[1],
                "rationale": f"Workshop, case {n}.", "existing_controls": "Partly in place."})

    def treat(self):
        for n, risk in enumerate(r for r in self.all("risks") if r["current_score"] > 9):
            self.change("risks", risk, {"residual_likelihood": 2, "residual_impact": 3})
            self.api("POST", "/treatments", {
                "title": f"Improve {n}", "risk": risk["number"], "option": "modify",
                "state": "in-progress", "expected_likelihood": 2, "expected_impact": 3,
                "controls": ["8.5", "8.13", "6.3"] if n % 2 else ["8.8", "5.18"]})
            treatment = self.all("treatments", sort="-number", limit=1)[0]
            self.api("POST", "/actions", {
                "title": f"Step {n}", "treatment": treatment["number"], "owner": GRACE,
                "due": "2099-06-30", "start": "2024-01-10", "resources": "Two days",
                "priority": "high", "status": "in-progress", "progress": 10})

    def approve_risks(self):
        treated = [r for r in self.all("risks") if r["treated"]]
        for risk in treated:
            path = self.at(f"/risks/{risk['number']}/approval")
            status, text = self.grace.submit(path, "/approval", outcome="approved")
            assert status == 200, f"approval of {risk['number']} gave {status}: {text[-800:]}"
        return treated

    def approve_method(self):
        number = self.all("methods")[0]["number"]
        return self.grace.submit(self.at(f"/methods/{number}"), "/approve")

    def soa(self):
        return self.api("GET", "/soa")

    def proposed_out(self):
        return [c["code"] for c in self.soa()["controls"] if c.get("proposed") == "no"]

    def controls(self):
        return {c["code"]: c for c in self.all("controls")}

    def decide_soa(self, out):
        """What is proposed, each exclusion with a reason of its own; every control described."""
        for code, control in self.controls().items():
            if code in out:
                self.change("controls", control, {
                    "applicable": "no",
                    "justification": f"Looked at on 3 May for {code}: {out[code]}"})
            else:
                self.change("controls", control, {
                    "applicable": "yes", "status": "partial", "owner": GRACE,
                    "how": f"Done as page {code} of the handbook says; the owner checks it.",
                    "evidence": "Handbook, records of the quarter",
                    "business_reason": "Customers ask for it in their questionnaires."})

    def parties(self):
        for kind, name in (("customers", "Customers"), ("employees", "Our people"),
                           ("regulators", "Data protection authority"),
                           ("suppliers", "Suppliers"), ("owners", "Shareholders")):
            party = self.api("POST", "/parties", {"name": name, "type": kind, "state": "active",
                                                  "external": kind != "employees"})
            self.api("POST", "/requirements", {
                "title": f"What {name.lower()} expect", "kind": "expectation",
                "party": party["number"], "addressed": "yes", "status": "met",
                "controls": ["5.31", "5.1"], "owner": GRACE, "reviewed": "2024-02-01",
                "how_met": "By the controls named here."})

    def assess(self):
        begun = datetime.date.today() - datetime.timedelta(days=20)
        self.api("POST", "/assessments", {"title": "First round", "started": begun.isoformat(),
                                          "participants": [GRACE, EMAIL], "scope": "All assets",
                                          "summary": "Sixteen risks are above the level."})
        page = self.at("/assessments/AS-1")
        status, text = self.ada.submit(page, "/close")
        assert status == 200, f"closing gave {status}: {text[-600:]}"
        status, text = self.grace.submit(page, "/approve")
        assert status == 200, f"approving the report gave {status}: {text[-600:]}"

    def submit_soa(self):
        return self.ada.submit(self.at("/soa"), "/soa/submit")

    def approve_soa(self, version=1):
        return self.grace.submit(self.at(f"/soa/SOA-{version}"), "/approve")

    def check(self):
        """(exit status, report) of `cairn check`."""
        r = run("check", "--data", self.data, *self.words, "--org", self.slug, "--format", "json")
        assert r.stdout, f"check gave {r.returncode}: {r.stderr}"
        return r.returncode, json.loads(r.stdout)

    def rule(self, name):
        _, report = self.check()
        return next(r for r in report["rules"] if r["id"] == name)
