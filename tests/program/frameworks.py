#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frameworks as their publishers write them, and the same files spoilt: libraries of CISO Assistant,
catalogues of OSCAL and lists, made here by the published formats and as large as real ones. Each goes
through the running program; what cannot be read is refused with a sentence, and nothing is stored."""
import csv
import io
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program_server import BASE, Server, good, main, new_database, new_store, send_file, test, token

MB = 1 << 20

# --- a library of CISO Assistant -------------------------------------------------------------------
# https://intuitem.gitbook.io/ciso-assistant: one document with the library's data and its objects; a
# framework is a flat list of requirement nodes, each naming its parent and depth.

HEAD = """\
urn: urn:mill:risk:library:mill-{n}
locale: en
ref_id: MILL-{n}
name: Mill rules, edition {n}
description: "What mills agree on: wheels, grain & water."
copyright: Free to use inside.
version: 3
publication_date: 2026-01-15
provider: Mill office
packager: mill
translations:
  fr:
    name: Règles du moulin
    description: Ce que les moulins ont convenu
  de:
    name: Mühlenregeln
    description: "Worauf sich Mühlen geeinigt haben"
"""


def node(n, parent, depth, ref, name, text=None, assessable=False, more=""):
    lines = [f"    - urn: urn:mill:risk:req_node:mill-{n}:{ref}"]
    if parent:
        lines.append(f"      parent_urn: urn:mill:risk:req_node:mill-{n}:{parent}")
    lines += [f"      depth: {depth}", f"      ref_id: '{ref}'"]
    if name:
        lines.append(f"      name: {json.dumps(name, ensure_ascii=False)}")
    lines.append(f"      assessable: {'true' if assessable else 'false'}")
    if text:
        lines.append("      description: |\n        " + text.replace("\n", "\n        "))
    return "\n".join(lines) + "\n" + more


TRANSLATED = """\
      typical_evidence: A photograph of the wheel
      implementation_groups: [base, full]
      threats: ['urn:mill:risk:threat:mill:flood']
      reference_controls:
      - urn:mill:risk:function:mill:lock
      translations:
        fr: {name: "Arrêter la roue", description: "La roue s'arrête"}
        de: {name: "Rad anhalten"}
"""


def framework(n=1, chapters=14, each=30, deep=6):
    """About `chapters` x `each` controls in nested chapters, the last below `deep` headings."""
    out = [HEAD.format(n=n), "objects:\n  framework:\n",
           f"    urn: urn:mill:risk:framework:mill-{n}\n    ref_id: mill-{n}\n    name: Mill rules\n",
           "    min_score: 0\n    max_score: 3\n    scores_definition:\n",
           "".join(f"    - score: {s}\n      name: Grade {s}\n" for s in range(4)),
           "    implementation_groups_definition:\n    - ref_id: base\n      name: Base\n",
           "    requirement_nodes:\n"]
    for c in range(1, chapters + 1):
        out.append(node(n, None, 1, str(c), f"Chapter {c}: the wheel — “part {c}”"))
        out.append(node(n, str(c), 2, f"{c}.0", None, "A heading that has a description only"))
        for k in range(1, each + 1):
            out.append(node(n, f"{c}.0", 3, f"{c}.{k}", f"Grease bearing {k} of shaft {c}",
                            f"The bearing is greased.\nTwice, if it squeaks: \"{k}\".", True,
                            TRANSLATED if k % 5 == 0 else ""))
    parent = str(chapters)
    for d in range(deep):
        ref = f"{parent}.d"
        out.append(node(n, parent, d + 2, ref, f"Deeper {d}", None, d == deep - 1))
        parent = ref
    return "".join(out)


def references(count):
    return "  reference_controls:\n" + "".join(
        f"  - urn: urn:mill:risk:function:mill:lock-{k}\n    ref_id: MILL.LOCK-{k}\n    name: Lock {k}\n"
        f"    category: physical\n    csf_function: protect\n    description: Door {k} is locked.\n"
        for k in range(count))


def mapping_set(n, pairs, one="requirement_mapping_sets"):
    """Mappings of the framework `n` to Annex A, and back, as such files have them."""
    both = [("source", "target", "subset"), ("target", "source", "superset")]
    out = f"  {one}:\n"
    for mine, theirs, relation in both:
        out += (f"  - urn: urn:mill:risk:req_mapping_set:mill-{n}-{mine}\n    ref_id: mill-{n}-{mine}\n"
                f"    name: Mill to Annex A ({mine})\n"
                f"    {mine}_framework_urn: urn:mill:risk:framework:mill-{n}\n"
                f"    {theirs}_framework_urn: urn:x:risk:framework:iso27001-2022\n"
                "    requirement_mappings:\n")
        for ref, annex, why in pairs:
            out += (f"    - {mine}_requirement_urn: urn:mill:risk:req_node:mill-{n}:{ref}\n"
                    f"      {theirs}_requirement_urn: urn:x:risk:req_node:iso27001-2022:a.{annex}\n"
                    f"      relationship: {relation}\n      rationale: {json.dumps(why)}\n"
                    "      strength_of_relationship: 7\n")
    return out


PAIRS = [("1.1", "7.13", "Both keep machines alive; yes"), ("1.2", "7.13", "As above"),
         ("1.1", "8.9", "A setting, too"), ("2.3", "5.15", "Who may turn it")]

# --- a catalogue of OSCAL --------------------------------------------------------------------------
# https://pages.nist.gov/OSCAL: groups in groups, controls with parts, parameters and enhancements.


def oscal_control(family, k, enhancements=2):
    i = f"{family}-{k}"
    return {
        "id": i, "class": "SP800-53", "title": f"Care for wheel {k}",
        "params": [
            {"id": f"{i}_prm_1", "props": [{"name": "label", "value": "x", "class": "sp800-53a"}],
             "label": "people or roles", "guidelines": [{"prose": "Those who mill."}]},
            {"id": f"{i}_prm_2", "select": {"how-many": "one-or-more", "choice": [
                "organisation-level", "mill-level", f"{{{{ insert: param, {i}_prm_1 }}}}"]}}],
        "props": [{"name": "label", "value": f"{family.upper()}-{k}"},
                  {"name": "label", "value": f"{family.upper()}-{k:02}", "class": "zero-padded"},
                  {"name": "sort-id", "value": f"{family}-{k:02}"}],
        "links": [{"href": "#11111111-1111-4111-8111-111111111111", "rel": "reference"},
                  {"href": f"#{family}-1", "rel": "related"}],
        "parts": [
            {"id": f"{i}_smt", "name": "statement", "parts": [
                {"id": f"{i}_smt.a", "name": "item", "props": [{"name": "label", "value": "a."}],
                 "prose": f"Tell {{{{ insert: param, {i}_prm_1 }}}}:", "parts": [
                     {"id": f"{i}_smt.a.1", "name": "item", "props": [{"name": "label", "value": "1."}],
                      "prose": f"A rule at {{{{ insert: param, {i}_prm_2 }}}} “quoted”; and"}]}]},
            {"id": f"{i}_gdn", "name": "guidance", "prose": "Not what is asked for."},
            {"id": f"{i}_obj", "name": "assessment-objective", "parts": [
                {"id": f"{i}_obj.a", "name": "assessment-objective", "prose": "Somebody was told."}]}],
        "controls": [{
            "id": f"{i}.{e}", "class": "SP800-53-enhancement", "title": f"Wheel {k}, more {e}",
            "props": [{"name": "label", "value": f"{family.upper()}-{k}({e})"}] +
                     ([{"name": "status", "value": "withdrawn"}] if e == 2 else []),
            "parts": [{"id": f"{i}.{e}_smt", "name": "statement", "prose": "More of it."}]}
            for e in range(1, enhancements + 1)]}


def oscal(families=20, each=18):
    groups = [{"id": f"f{f}", "class": "family", "title": f"Family {f}",
               "props": [{"name": "label", "value": f"F{f}"}],
               "groups": [{"id": f"f{f}.in", "title": f"Inner family {f}",
                           "controls": [oscal_control(f"f{f}", k) for k in range(1, each + 1)]}]}
              for f in range(families)]
    return {"catalog": {
        "uuid": "22222222-2222-4222-8222-222222222222",
        "metadata": {"title": "Mill controls, a catalogue", "last-modified": "2026-02-01T10:00:00Z",
                     "version": "5.1", "oscal-version": "1.1.2", "remarks": "For mills\\/wheels.",
                     "roles": [{"id": "creator", "title": "Creator"}],
                     "parties": [{"uuid": "33333333-3333-4333-8333-333333333333",
                                  "type": "organization", "name": "Mill institute"}],
                     "links": [{"href": "#x", "rel": "alternate"}]},
        "groups": groups,
        "back-matter": {"resources": [
            {"uuid": f"44444444-4444-4444-8444-{n:012}", "title": f"Book {n}",
             "citation": {"text": "A book about mills"}, "rlinks": [{"href": "https://example.com"}]}
            for n in range(400)]}}}


def as_json(value):
    return json.dumps(value, ensure_ascii=True, indent=2).encode()


# --- a list ----------------------------------------------------------------------------------------


def table(rows, head=("code", "title", "asks", "chapter", "controlset", "maps_to")):
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(head)
    write.writerows(rows)
    return out.getvalue().encode()


def listed(n=400):
    return table([(f"LIST-{k}", f"Rule {k}, “quoted”", "First line\nsecond line", f"Part {k // 20}",
                   "House list", "7.13 partial: both" if k % 4 == 0 else "") for k in range(n)])


# --- sending ---------------------------------------------------------------------------------------


def send(server, key, name, data, where="control-sets"):
    return send_file(server, key, f"/{where}/import", name, data)


def controls(server, key, query=""):
    """All own controls, by code."""
    found, after = {}, ""
    while True:
        status, page = server.call("GET", f"/controls?limit=200&theme=own{query}{after}", key)
        assert status == 200, page
        found.update({c["code"]: c for c in page["items"]})
        if not page.get("next"):
            return found
        after = "&after=" + page["next"]


def laughs():
    lines = ["a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    for this, before in zip("bcdefghij", "abcdefghi"):
        lines.append(f"{this}: &{this} [{', '.join(['*' + before] * 9)}]")
    return "\n".join(lines) + "\nobjects: {framework: {requirement_nodes: *j}}\n"


def family_laughs():
    lines = ["g0: &g0 {controls: [{id: x, title: y}]}"]
    lines += [f"g{i}: &g{i} {{groups: [{', '.join([f'*g{i - 1}'] * 9)}]}}" for i in range(1, 20)]
    return "\n".join(lines) + "\ncatalog: *g19\n"


def huge_json(bytes_):
    one = as_json(oscal_control("f0", 1, 0)).decode()
    return ('{"catalog": {"metadata": {"title": "Huge"}, "controls": [' +
            ",".join([one] * (bytes_ // (len(one) + 1) + 1)) + "]}}").encode()


def huge_yaml(bytes_):
    one = node(9, None, 1, "1.1", "Grease it", "x" * 4000, True)
    return (HEAD.format(n=9) + "objects:\n  framework:\n    requirement_nodes:\n" +
            one * (bytes_ // len(one) + 1)).encode()


GOOD = framework(2)
CATALOGUE = as_json(oscal(2, 2)).decode()
# name, file, what is sent, status, part of the sentence
SPOILT = [
    ("a library that breaks off", "a.yaml", GOOD[:len(GOOD) // 2] + "\n  : [\n", 400, "is no YAML or JSON"),
    ("a tab that indents", "a.yaml", GOOD.replace("    - urn", "\t- urn", 1), 400, "is no YAML or JSON"),
    ("a library without objects", "a.yaml", HEAD.format(n=2), 400, "is no library of controls that is known"),
    ("objects as a list", "a.yaml", "objects: [1, 2]\n", 400, "is no library of controls that is known"),
    ("two documents", "a.yaml", GOOD + "---\n" + framework(3), 400, "more than one document"),
    ("the same key twice", "a.yaml", GOOD.replace("objects:", "objects: {}\nobjects:"), 400,
     "names what the object around it has already"),
    ("threats only", "a.yaml", HEAD.format(n=2) + "objects:\n  threats:\n  - {urn: a, name: b}\n", 400,
     "There are no controls in"),
    ("nothing that can be assessed", "a.yaml", GOOD.replace("assessable: true", "assessable: false"), 400,
     "There are no controls in"),
    ("names that multiply what they name", "a.yaml", laughs(), 400, "There are no controls in"),
    ("groups that multiply", "a.yaml", family_laughs(), 413, "holds more than a library"),
    ("a name that holds itself", "a.yaml", "objects: &o\n  framework: *o\n", 400, "contains itself"),
    ("a list that holds itself", "a.yaml", "objects:\n  frameworks: &f\n  - requirement_nodes: *f\n", 400,
     "contains itself"),
    ("100,000 lists in one another", "a.yaml", "objects: " + "[" * 100000, 400, "nested too deeply"),
    ("an object of Python", "a.yaml", "objects: !!python/object/apply:os.system ['id']\n", 400,
     "is no library of controls that is known"),
    ("Latin letters of another time", "a.yaml", GOOD.encode().replace("“".encode(), b"\x93"), 400, "not UTF-8"),
    ("a zero byte", "a.yaml", GOOD[:300] + "\0" + GOOD[300:], 400, "not UTF-8"),
    ("nothing", "a.yaml", "", 400, "is empty"),
    ("a page to sign in", "a.yaml", "<html><body>Sign in</body></html>", 400, "no library of controls"),
    ("a catalogue that breaks off", "a.json", CATALOGUE[:-9], 400, "is no YAML or JSON"),
    ("a catalogue and more", "a.json", CATALOGUE + "}", 400, "is no YAML or JSON"),
    ("a profile", "a.json", CATALOGUE.replace('"catalog"', '"profile"', 1), 400, "but not a catalogue"),
    ("a catalogue of nothing", "a.json", '{"catalog": {"uuid": "x", "metadata": {"title": "x"}}}', 400,
     "There are no controls in"),
    ("groups below groups without end", "a.json",
     '{"catalog": ' + '{"groups": [' * 90 + "]}" * 90 + "}", 400, "nested too deeply"),
    ("a control twice", "a.yaml", GOOD.replace("mill-2:1.2\n", "mill-2:1.1\n"), 422, "Some rows are wrong"),
    ("a control without a code", "a.json", CATALOGUE.replace('"id": "f0-1"', '"id": ""').replace(
        '"value": "F0-1"', '"value": ""').replace('"value": "F0-01"', '"value": ""'), 422, "Some rows are wrong"),
    ("mappings of a framework that is not here", "a.yaml", HEAD.format(n=8) + "objects:\n" +
     mapping_set(8, PAIRS), 422, "Some rows are wrong"),
    ("a list with a code twice", "a.csv", table([("L-1", "A", "", "", "", ""), ("L-1", "B", "", "", "", "")]), 422,
     "Some rows are wrong"),
    ("a list with a mapping to nowhere", "a.csv", table([("L-1", "A", "", "", "", "9.99 equal")]), 409,
     "is no control of Annex A"),
    ("a list without codes", "a.csv", table([("A",)], ("title",)), 422, "Some rows are wrong"),
    ("100 MB of a library", "a.yaml", lambda: huge_yaml(100 * MB), 413, ""),
    ("100 MB of a catalogue", "a.json", lambda: huge_json(100 * MB), 413, ""),
    ("8 MB of the same control", "a.yaml", lambda: huge_yaml(8 * MB), 422, "Some rows are wrong"),
]
# What is odd, but can be read: file, what is sent, how many controls
ODD = [
    ("a byte order mark", "\ufeff" + framework(2, 2, 3, 1), 7),
    ("lines that end as on Windows", framework(2, 2, 3, 1).replace("\n", "\r\n"), 7),
    ("UTF-16", framework(2, 2, 3, 1).encode("utf-16"), 7),
    ("a version that is no number", framework(2, 2, 3, 1).replace("version: 3", "version: banana"), 7),
    ("parents that go round", framework(2, 2, 3, 1).replace(
        "parent_urn: urn:mill:risk:req_node:mill-2:1\n", "parent_urn: urn:mill:risk:req_node:mill-2:1.0\n"), 7),
    ("nodes without numbers", "".join(line for line in framework(2, 2, 3, 1).splitlines(True)
                                      if "ref_id: '" not in line), 7),
]


def as_bytes(data):
    data = data() if callable(data) else data
    return data if isinstance(data, bytes) else data.encode()


def whole(*words):
    data = new_store(*words)
    base = ["--data", data, *words]
    key = token(data, *words)
    server = Server(data, *words)
    library = (framework() + mapping_set(1, PAIRS)).encode()
    status, answer = send(server, key, "mill.yaml", library, "controls")
    assert (status, answer["created"], answer["wrong"]) == (200, 421, 0), (status, answer)
    found = controls(server, key)
    assert len(found) == 421, len(found)
    one = found["MILL-1-1.1"]
    assert one["title"] == "Grease bearing 1 of shaft 1" and one["chapter"].endswith("description only"), one
    assert one["asks"] == 'The bearing is greased.\nTwice, if it squeaks: "1".', one
    assert one["maps_to"] == "7.13 partial: Both keep machines alive, yes\n8.9 partial: A setting, too", one
    assert found["MILL-1-2.3"]["maps_to"] == "5.15 partial: Who may turn it", found["MILL-1-2.3"]
    assert "MILL-1-14.D.D.D.D.D.D" in found, sorted(found)[-3:]
    status, sets = server.call("GET", "/control-sets", key)
    assert [(s["title"], s["source"], s["edition"]) for s in sets["items"]] == [
        ("Mill rules, edition 1", "Mill office", "3")] or sets["items"][0]["source"] == "Mill office", sets
    status, again = send(server, key, "mill.yaml", library, "controls")
    assert (status, again["created"], again["changed"], again["unchanged"]) == (200, 0, 0, 421), again

    status, answer = send(server, key, "cat.json", as_json(oscal()), "controls")
    assert (status, answer["created"], answer["wrong"]) == (200, 720, 0), (status, answer)
    found = controls(server, key)
    asks = found["F3-7"]["asks"]
    assert asks == ("a. Tell <people or roles>:\n1. A rule at <one or more: organisation-level; mill-level; <people or "
                    "roles>> “quoted”; and"), asks
    assert found["F3-7"]["chapter"] == "Inner family 3" and "F3-7(1)" in found and "F3-7(2)" not in found

    status, answer = send(server, key, "list.csv", listed(), "controls")
    assert status == 422 and "no control set" in answer["problems"][0]["text"], answer
    server.call("POST", "/control-sets", key, {"title": "House list", "purpose": "library"})
    status, answer = send(server, key, "list.csv", listed(), "controls")
    assert (status, answer["created"]) == (200, 400), answer
    assert controls(server, key)["LIST-4"]["maps_to"] == "7.13 partial: both"
    assert server.stop() == 0

    (BASE / "other.yaml").write_text(framework(2) + references(12))
    out = good("import-controls", BASE / "other.yaml", *base)
    assert "created 421" in out, out
    (BASE / "maps.yaml").write_text(HEAD.format(n=2) + "objects:\n" + mapping_set(2, PAIRS))
    out = good("import-controls", BASE / "maps.yaml", *base)
    assert "changed 3" in out, out


def spoilt(*words):
    data = new_store(*words)
    key = token(data, *words)
    server = Server(data, *words)
    for name, file, make, status, sentence in SPOILT:
        payload, begun = as_bytes(make), time.monotonic()
        got, answer = send(server, key, file, payload, "controls")
        detail = answer.get("detail", "")
        assert got == status and sentence in detail, f"{name}: {got} {json.dumps(answer)[:700]}"
        assert got != 422 or answer["problems"][0]["text"], f"{name}: {answer}"
        status_of_sets, sets = server.call("GET", "/control-sets", key)
        assert status_of_sets == 200 and sets["items"] == [], f"{name}: a set was kept: {sets['items']}"
        print(f"     {name}: {len(payload) // 1024} KB, {got} after {(time.monotonic() - begun) * 1000:.0f} ms: "
              f"{detail[:110]}", flush=True)
    assert controls(server, key) == {}
    for name, make, count in ODD:
        got, answer = send(server, key, "odd.yaml", as_bytes(make), "controls")
        assert got == 200 and answer["rows"] == count and answer["wrong"] == 0, f"{name}: {got} {answer}"
    assert server.stop() == 0


@test("whole frameworks come in as published: library, catalogue and list, with chapters, parameters, "
      "mappings in both directions; a second time nothing changes")
def whole_sqlite():
    whole()


@test("on PostgreSQL too")
def whole_postgresql():
    whole("--database", new_database())


@test("spoilt, hostile and far too large files are refused with a sentence, and neither a control nor a set "
      "is kept of them; what is only odd is read")
def spoilt_sqlite():
    spoilt()


@test("on PostgreSQL too: they are refused in the same words")
def spoilt_postgresql():
    spoilt("--database", new_database())


main("frameworks")
