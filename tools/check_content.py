#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks content/catalogue/. Usage: check_content.py [content folder]
Prints one line per problem (file:line: problem) and ends with 1, or counts and ends with 0."""
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(sys.argv[1] if sys.argv[1:] else Path(__file__).resolve().parents[1] / "content")

COLUMNS = {
    "asset_types.tsv": "code group name kind media properties plain example",
    "starter_assets.tsv": "code name type if c i a order media carries why",
    "threats.tsv": "code family name properties plain source bsi nist",
    "vulnerabilities.tsv": "code group name plain",
    "links.tsv": "asset_type threat vulnerability controls weight if likelihood impact reason",
    "management_controls.tsv": "code why",
}
SINGLE = {"group", "kind", "family", "source", "type", "asset_type", "threat", "vulnerability"}
MAY_BE_EMPTY = {"if", "carries", "bsi", "nist"}
GROUPS = "information services software hardware network people sites media".split()
FAMILIES = "nature supply technical error insider attack crime organisation".split()
WEAK_GROUPS = "access people technical data physical supplier development organisation".split()
MEDIA = "electronic system paper media verbal email".split()
CIA = ("C", "I", "A")
ELEMENTARY = [f"G 0.{n}" for n in range(1, 48)]
FLAGS = ("own_devices own_servers own_network develops outsourced_development card_payment "
         "government critical_suppliers certificate_demand ot experienced").split()
PROFILE = {key: {"yes", "no"} for key in FLAGS} | {"headcount": int, "countries": str} | {
    key: set(values.split()) for key, values in {
        "sites": "owned rented shared none", "remote_work": "none some mostly",
        "cloud": "none some all", "personal_data": "none ordinary special",
        "downtime": "hours day days weeks", "budget": "low medium high",
        "sector": "software health finance manufacturing public services education retail "
                  "logistics energy other"}.items()}
ALL_CONTROLS = [f"{theme}.{n}" for theme, last in ((5, 37), (6, 8), (7, 14), (8, 34))
                for n in range(1, last + 1)]
ROOMS = "7.1 7.2 7.3 7.4 7.5 7.6 7.8 7.11 7.12 7.13"
# name -> (answers, fewest and most assets, controls that the answers contradict)
SIMULATED = {
    "SaaS, 15 people": (dict.fromkeys(FLAGS, "no") | dict(
        headcount="15", sites="shared", remote_work="mostly", cloud="all", develops="yes",
        personal_data="ordinary", critical_suppliers="yes", downtime="day", countries="DE",
        sector="software", certificate_demand="yes", budget="low"), 18, 28, "8.30 " + ROOMS),
    "factory, 300 people": (dict.fromkeys(FLAGS, "no") | dict(
        headcount="300", sites="owned", remote_work="some", cloud="some", own_servers="yes",
        own_network="yes", personal_data="ordinary", critical_suppliers="yes", downtime="days",
        countries="DE", sector="manufacturing", certificate_demand="yes", ot="yes",
        budget="medium"), 30, 60, "8.4 8.25 8.27 8.28 8.30 8.31 8.33"),
}
CHAIN = ("asset_type", "threat", "vulnerability")
TERM = re.compile(r"([a-z_]+)(!=|>=|<=|=)(.+)")
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
problems = []


def report(row, text):
    """Notes a problem; row is a record of read() or the name of a file (line 1)."""
    file, line = (row, 1) if isinstance(row, str) else (row["_file"], row["_line"])
    problems.append(f"{file}:{line}: {text}")


def read(name, path=None):
    """Records of a file as dicts; complains about everything that is wrong with its form."""
    path = path or ROOT / "catalogue" / name
    shown = path.relative_to(ROOT.parent).as_posix()
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        report(shown, f"cannot be read as UTF-8: {err}")
        return []
    if "\r" in text or "\ufeff" in text or not text.endswith("\n") or text.endswith("\n\n"):
        report(shown, "needs LF line ends, one at the end, no byte order mark")
    lines = text.rstrip("\n").split("\n")
    head = lines[0].split("\t")
    wanted = COLUMNS.get(name, "code").split()
    if not set(wanted) <= set(head):
        report(shown, f"missing columns: {', '.join(sorted(set(wanted) - set(head)))}")
        return []
    rows = []
    for line, text in enumerate(lines[1:], 2):
        values = text.split("\t")
        row = dict(zip(head, values), _file=shown, _line=line)
        if len(values) != len(head):
            report(row, f"{len(values)} fields, the header has {len(head)}")
            continue
        rows.append(row)
        for column in wanted:
            if row[column] != row[column].strip() or "  " in row[column]:
                report(row, f"{column}: blanks at the ends or doubled")
            if not row[column] and column not in MAY_BE_EMPTY:
                report(row, f"{column} is empty")
    return rows


def terms(row):
    """The parsed terms of a condition; complains about unknown keys and answers."""
    parsed = []
    for text in row["if"].split(",") if row["if"] else []:
        match = TERM.fullmatch(text)
        kind = PROFILE.get(match.group(1)) if match else None
        if kind is None:
            report(row, f"if: unknown key or bad term '{text}'")
            continue
        key, op, value = match.groups()
        values = value.split("|")
        numeric = all(v.isdigit() for v in values)
        if (op in (">=", "<=") and kind is not int) or (kind is int and not numeric):
            report(row, f"if: '{text}' compares something that is not a number")
        elif isinstance(kind, set) and not set(values) <= kind:
            report(row, f"if: unknown answer in '{text}'")
        else:
            parsed.append((key, op, values))
    return parsed


def holds(parsed, answers):
    """Whether all terms hold; a term about an unanswered question does not hold."""
    tests = {"=": lambda a, v: a in v, "!=": lambda a, v: a not in v,
             ">=": lambda a, v: int(a) >= int(v[0]), "<=": lambda a, v: int(a) <= int(v[0])}
    return all(key in answers and tests[op](answers[key], v) for key, op, v in parsed)


def among(row, column, allowed):
    """Every value of a multi-valued field must be allowed and appear once."""
    values = [v for v in row[column].split(";") if v]
    for value in values:
        if value not in allowed:
            report(row, f"{column}: unknown value '{value}'")
    if len(values) != len(set(values)) or (column in SINGLE and len(values) != 1):
        report(row, f"{column}: a value twice, or several where one is wanted")
    return values


def number(row, column, low, high):
    """The field must hold a whole number within the limits."""
    if not re.fullmatch(r"-?\d+", row[column]) or not low <= int(row[column]) <= high:
        report(row, f"{column} must be a whole number from {low} to {high}")


def unique(rows, column="code"):
    """No value twice in the column; returns the rows by value."""
    seen = {}
    for row in rows:
        first = seen.setdefault(row[column].lower(), row)
        if first is not row:
            report(row, f"{column} appears already in line {first['_line']}")
        if column == "code" and not CODE.fullmatch(row["code"]):
            report(row, f"code '{row['code']}' is not lower-case words joined by hyphens")
    return {row[column]: row for row in rows}


def check_lists(types, starters, threats, weaknesses):
    """The four plain lists: words from the closed lists, references, ranges, coverage."""
    for rows, column, allowed in (
            (types, "group", GROUPS), (types, "kind", ("primary", "supporting")),
            (types, "media", MEDIA), (starters, "media", MEDIA), (types, "properties", CIA),
            (starters, "type", types), (threats, "family", FAMILIES),
            (threats, "properties", CIA), (threats, "bsi", ELEMENTARY),
            (threats, "source", ("deliberate", "accidental", "environmental")),
            (threats, "nist", ("E-2", "E-3")), (weaknesses, "group", WEAK_GROUPS)):
        for row in rows.values():
            among(row, column, allowed)
    valuable = {code for code, row in types.items() if row["kind"] == "primary"}
    primary = {code for code, row in starters.items() if row["type"] in valuable}
    for row in starters.values():
        if among(row, "carries", primary) and row["code"] in primary:
            report(row, "carries: only a supporting asset carries others")
        for column in "cia":
            number(row, column, 1, 5)
        number(row, "order", 1, 9999)
    unique(list(starters.values()), "order")
    covered = {code for row in threats.values() for code in row["bsi"].split(";")}
    for lost in sorted(set(ELEMENTARY) - covered):
        report("content/catalogue/threats.tsv", f"no threat covers {lost}")


def check_links(links, types, threats, weaknesses):
    """The chains themselves and what they must reach; returns the controls reached."""
    threats_of, reached, chains = defaultdict(set), set(), {}
    unique(links, "reason")
    for row in links:
        for column, allowed in zip(CHAIN, (types, threats, weaknesses)):
            among(row, column, allowed)
        named = among(row, "controls", ALL_CONTROLS)
        if not 1 <= len(named) <= 4:
            report(row, "controls: one to four are needed")
        for column, low, high in (("weight", 1, 5), ("likelihood", 1, 5), ("impact", -1, 1)):
            number(row, column, low, high)
        if len(row["reason"]) < 40:
            report(row, "reason is shorter than 40 characters")
        chain = tuple(row[column] for column in CHAIN)
        if chains.setdefault(chain, row) is not row:
            report(row, f"same chain as line {chains[chain]['_line']}")
        threats_of[row["asset_type"]].add(row["threat"])
        reached.update(named)
    for code in types:
        if len(threats_of[code]) < 3:
            report(types[code], f"asset type {code} has {len(threats_of[code])} threats, not 3")
    for rows, column in ((threats, "threat"), (weaknesses, "vulnerability")):
        for code in sorted(rows.keys() - {row[column] for row in links}):
            report(rows[code], f"{column} {code} appears in no link")
    return reached


def simulate(starters, links):
    """Proposals for the two organisations; returns lines to print."""
    lines = []
    for name, (answers, low, high, banned) in SIMULATED.items():
        assets = [row for row in starters.values() if holds(row["_terms"], answers)]
        passing = [row for row in links if holds(row["_terms"], answers)]
        proposed = [r for r in passing if r["asset_type"] in {a["type"] for a in assets}]
        if not low <= len(assets) <= high:
            report("content/catalogue/starter_assets.tsv",
                   f"{name}: {len(assets)} assets proposed, wanted {low} to {high}")
        for row in proposed:
            for control in set(row["controls"].split(";")) & set(banned.split()):
                report(row, f"{name} would be offered {control}, which its answers contradict")
        lines.append(f"{name}: {len(assets)} assets proposed, {len(proposed)} links for them; "
                     f"{len(passing)} of all links pass")
    return lines


HELP_PARTS = ("## What it is for", "## What good looks like", "> ", "## Common mistakes",
              "## What an auditor looks for")


def check_help():
    """Each kind of record with pages and each entry of the side bar has a help, and each is whole."""
    folder = ROOT / "help"
    names = {p.stem for p in folder.glob("*.md")}
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        shown = f"content/help/{path.name}"
        if not re.match(r"# \S.*\n(Clause: \S.*\n)?\n\S", text):
            report(shown, "begins with '# Title', perhaps 'Clause: ...', an empty line, one sentence")
        for part in HELP_PARTS:
            if not re.search("^" + re.escape(part), text, re.M):
                report(shown, f"lacks '{part.strip()}'")
        if len(text.split()) > 600:
            report(shown, "has more than 600 words; nobody reads that in a hurry")
    source = ROOT.parent / "src"
    wanted = {}
    for path in sorted(source.glob("feature/*/*.c")) if source.is_dir() else ():
        code = path.read_text(encoding="utf-8")
        for match in re.finditer(r'\{\s*"[A-Za-z]*",\s*\d+,\s*"[^"]+",\s*"(/[a-z]*|)"', code):
            wanted[match.group(1)[1:] or "home"] = path.name
        for match in re.finditer(r'ENTITY\((.*?)\);', code, re.S):
            plural = re.search(r'\.plural = "(\w+)"', match.group(1))
            if plural and ".no_pages" not in match.group(1) and ".site" not in match.group(1):
                wanted[plural.group(1)] = path.name
    for name in sorted(wanted.keys() - names - {"help"}):
        report(f"content/help/{name}.md", f"is missing: {wanted[name]} has that page. Write what it "
               "is for, what good looks like with an example, mistakes, what an auditor looks for")
    return f"help texts {len(names)}, pages that want one {len(wanted)}"


def kinds_of_source():
    """kind -> its fields (name -> (macro, what it refers to)), and the codes of its state."""
    fields, states, dates = defaultdict(dict), {}, re.compile(
        r'\b([A-Z]+)\((\w+), (\w+),\s*"[^"]*"(?:,\s*(\w+))?')
    for path in sorted((ROOT.parent / "src").glob("feature/*/*.c")):
        code = path.read_text(encoding="utf-8")
        for macro, kind, name, more in dates.findall(code):
            fields[kind][name] = (macro, more)
        for body in re.findall(r"ENTITY\((.*?)\);", code, re.S):
            kind, state = re.match(r"\s*(\w+)", body), re.search(r'\.state = "(\w+)"', body)
            macro, table = fields[kind.group(1)].get(state.group(1), ("", "")) if state else ("", "")
            choices = re.search(rf"struct choice {table}\[\] = \{{(.*?)\}};", code, re.S)
            if macro == "CHOICE" and choices:
                states[kind.group(1)] = set(re.findall(r'\{\s*"([\w-]+)"', choices.group(1)))
    return fields, states


def check_whom(row, fields, roles):
    """Everybody who is told is a field with a person, one behind a reference, or a role."""
    for whom in row["whom"].split(";"):
        first, _, second = whom.partition(".")
        macro, target = fields[row["kind"]].get(first, ("", ""))
        if whom.startswith("@"):
            if whom[1:] not in roles | {"manager"}:
                report(row, f"whom: there is no role '{whom[1:]}'")
        elif macro != "REF":
            report(row, f"whom: {row['kind']} has no field '{first}' that names one record")
        elif second:
            target = target.removesuffix("_entity")
            if fields[target].get(second) != ("REF", "person_entity"):
                report(row, f"whom: {target} has no field '{second}' with a person")
        elif target != "person_entity":
            report(row, f"whom: '{first}' does not name a person")


def check_reminders():
    """Each rule names a date of a kind, people who exist, states of the kind, three values."""
    path = ROOT / "reminders.tsv"
    if not path.exists() or not (ROOT.parent / "src").is_dir():
        return "no reminders"
    COLUMNS[path.name] = "code kind date days whom unless text"
    MAY_BE_EMPTY.add("unless")
    rows = read(path.name, path)
    unique(rows)
    fields, states = kinds_of_source()
    roles = {row["code"] for row in read("roles.tsv", ROOT / "roles.tsv")}
    days = set()
    for row in rows:
        kind = row["kind"]
        number(row, "days", -365, 365)
        if kind not in fields:
            report(row, f"there is no kind '{kind}'")
            continue
        if fields[kind].get(row["date"], ("",))[0] != "DATE":
            report(row, f"{kind} has no date '{row['date']}'")
        if (kind, row["date"], row["days"]) in days:
            report(row, "another rule has the same date and days")
        days.add((kind, row["date"], row["days"]))
        check_whom(row, fields, roles)
        for state in filter(None, row["unless"].split(";")):
            if state not in states.get(kind, ()):
                report(row, f"unless: {kind} has no state '{state}'")
        if row["text"].count("%s") != 3 or row["text"].count("%") != 3:
            report(row, "text needs three %s: number, title, date")
    return f"reminders {len(rows)}"


def rows_of(name):
    """Rows of a table of classification as dicts; only their form is checked by the program."""
    path = ROOT / "classification" / f"{name}.tsv"
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t")), _file=f"content/classification/{name}.tsv", _line=n)
            for n, line in enumerate(lines[1:], 2)]


def check_classification():
    """Each proposal has levels from 1 up whose texts exist for each form; each form has its label."""
    forms = {"electronic", "system", "paper", "media", "verbal", "email"}
    levels, rules = rows_of("scheme_levels"), rows_of("handling_rules")
    for row in rows_of("scheme_presets"):
        ranks = [int(r["rank"]) for r in levels if r["scheme"] == row["code"]]
        if ranks != list(range(1, len(ranks) + 1)) or not ranks:
            report(row, "its levels in scheme_levels.tsv are not ranked 1, 2, 3 ... in this order")
    for row in levels:
        if row["tone"] not in ("green", "blue", "yellow", "orange", "red", "purple", "grey"):
            report(row, f"tone: unknown value '{row['tone']}'")
        if not row["meaning"] or {r["medium"] for r in rules if r["tier"] == row["tier"]} != forms:
            report(row, "has no meaning, or handling_rules.tsv lacks a form for its tier")
    for row in rules:
        spoken = row["medium"] == "verbal"
        if not (row["making"] if spoken else row["storing"] and row["disposing"]):
            report(row, "says not enough: how to keep and dispose, or how a talk begins")
    if {r["medium"] for r in rows_of("label_rules")} != forms:
        report("content/classification/label_rules.tsv", "needs one rule for each of the six forms")
    return f"classification levels {len(levels)}, handling rules {len(rules)}"


def main():
    data = {name: read(name) for name in COLUMNS}
    types, starters, threats, weaknesses = (unique(data[name]) for name in list(COLUMNS)[:4])
    links = data["links.tsv"]
    for row in links + list(starters.values()):
        row["_terms"] = terms(row)
    file = ROOT / "controls.tsv"
    if file.exists() and {r["code"] for r in read("controls.tsv", file)} != set(ALL_CONTROLS):
        report("content/controls.tsv", "does not list exactly the 93 controls")
    check_lists(types, starters, threats, weaknesses)
    reached = check_links(links, types, threats, weaknesses)
    managed = {row["code"]: row for row in data["management_controls.tsv"]}
    for code in managed.keys() - (set(ALL_CONTROLS) - reached):
        report(managed[code], f"control {code} is unknown or reached by a chain; take it off")
    for code in set(ALL_CONTROLS) - reached - managed.keys():
        report("content/catalogue/links.tsv", f"no chain reaches control {code}")
    lines = simulate(starters, links)
    lines.append(check_classification())
    lines.append(check_help())
    lines.append(check_reminders())
    if problems:
        sys.exit("\n".join(problems))
    print(", ".join(f"{name.removesuffix('.tsv')} {len(rows)}" for name, rows in data.items()))
    print(f"controls reached by chains {len(reached)}, managing the system {len(managed)}")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
