#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The words of the interface and their translations (docs/style.md, Words).

  tools/po.py update [CODE]   collects the English texts into po/cairn.pot and brings po/CODE.po (all,
                              or one) up to date: what is gone leaves, what is new waits with an
                              empty msgstr
  tools/po.py check           one line per finding, then "po: N passed, N failed": a text without
                              translation, other conversions than the English text, a label that is
                              so long that it would not fit, a po file that is not up to date
  tools/po.py missing CODE    the texts that wait, as JSON [{"id":, "plural":, "where":}]
  tools/po.py fill CODE FILE  takes translations from JSON [{"id":, "text": or ["one", "many"]}]

Texts are found in html() literals (words in braces), in calls that take sentences, in field and
choice tables, in content tables (COLUMNS below), rules and help texts.
"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STRING = r'"(?:[^"\\\n]|\\.)*"'
JOINED = rf'(?:{STRING})(?:\s*{STRING})*'
# Calls and the arguments (from 0) that are sentences.
CALLS = {
    "tr": [0], "N_": [0], "issue": [2], "err_new": [1], "page_begin": [1, 2], "page_notice": [2],
    "card_begin": [1, 2], "page_action": [3], "badge": [2], "page_empty": [1, 3],
    "form_text": [2, 4], "form_area": [2, 4], "form_select": [2], "form_button": [3],
    "form_end": [1, 2], "page_help": [1], "need": [2], "fact_person": [1, 3],
    "job_start": [3], "job_progress": [3], "job_result": [2], "notice_add": [2], "notice_add_role": [3], "TELL": [4],
    "notice_add_role": [3], "draw_select": [2, 3],
}
# Attributes of field, entity and feature tables.
ATTRIBUTES = "label labels help example group empty title"
# Text columns of content tables; "*" = the rest of the name.
COLUMNS = {
    "controls": "title plain why exclusion_hint owner evidence cadence types properties concepts capabilities domains",
    "bands_5x5": "label meaning action", "duties": "title plain", "laws": "title summary",
    "method_5x5": "label descriptor", "method_4x4": "label descriptor", "method_3x3": "label descriptor",
    "method_axes": "label", "methods": "title", "party_types": "name typical_requirements why",
    "phases": "title plain exit", "profile": "question why choices", "roles": "title plain who",
    "sizes": "label scope_advice team_advice classification_advice",
    "steps": "title why what how who inputs outputs lesson example example_large",
    "asset_types": "group name plain example", "links": "reason", "management_controls": "why",
    "starter_assets": "name why", "threats": "family name plain", "vulnerabilities": "group name plain",
    "likelihood": "label reason", "link_types": "forward backward", "reminders": "text",
    "scheme_presets": "title plain why", "scheme_levels": "name meaning access",
    "label_rules": "place rule who",
    "handling_rules": "making storing inside outside copying printing carrying disposing",
}
# What only operators and programs read stays English: start, command line, API, the store's own
# errors (a page shows a general sentence for them).
ENGLISH = re.compile(r"src/(app|base|db)/|src/core/(api|app|blob_s3|command\w*|content\w*|control|export_command|"
                     r"job_pool|kept|language|openapi|permit|pool|rules\w*|signer|ticker|tlog|trail\w*|writer)\.c|"
                     r"src/feature/(log/(archive|backup|restore\w*|verify)|demo/\w+|quantify/simulate)\.c")
LABEL_MOST = 1.9  # a label may be this much longer than the English one (short ones: 14 more)


class Message:
    def __init__(self, key, plural=None):
        self.key, self.plural, self.where, self.form, self.label = key, plural, [], False, False
        self.text, self.fuzzy = [], False


def unquote(joined):
    text = "".join(s[1:-1] for s in re.findall(STRING, joined))
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), text)


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def strip_comments(text):
    return re.sub(rf'({STRING})|/\*.*?\*/|//[^\n]*',
                  lambda m: m.group(1) or re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)


def arguments(text, at):
    """The arguments of a call whose opening parenthesis is at `at`."""
    out, depth, start, i = [], 0, at + 1, at
    while i < len(text):
        c = text[i]
        if c == '"':
            i = re.compile(STRING).match(text, i).end()
            continue
        if c == "'":
            i = re.compile(r"'(?:[^'\\]|\\.)*'").match(text, i).end()
            continue
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return out + [text[start:i]], i
        elif c == "," and depth == 1:
            out.append(text[start:i])
            start = i + 1
        i += 1
    return out, i


class Collector:
    def __init__(self):
        self.found = {}
        self.joined = []

    def add(self, key, where, plural=None, form=False, label=False):
        if not key or not re.search(r"[^\W\d_]{2}", re.sub(r"%[-+ 0-9.*]*[a-z]+", "", key)):
            return
        m = self.found.setdefault(key, Message(key, plural))
        m.plural = m.plural or plural
        m.form = m.form or (form and "%" in key)
        m.label = m.label or label
        if where not in m.where:
            m.where.append(where)

    def literals(self, expression):
        """Literals of an argument: alone, or both sides of a ?:."""
        bare = expression.strip()
        if re.fullmatch(JOINED, bare):
            return [unquote(bare)]
        if "?" in re.sub(STRING, '""', bare):
            return [unquote(m.group(0)) for m in re.finditer(rf"(?<=[?:])\s*{JOINED}", bare)]
        return []

    def source(self, path):
        raw = path.read_text(encoding="utf-8")
        text, where = strip_comments(raw), str(path.relative_to(ROOT))
        for name, value in re.findall(rf"^#define (\w+)\s+((?:{STRING}|\s|\\\n)+)$", text, re.M):
            value = value.replace("\\\n", " ").strip()
            text = re.sub(rf"(?<!define )(?<!\w){name}(?!\w)", lambda m: value, text)
        for match in re.finditer(r"\bhtml\s*\(", text):
            args, _ = arguments(text, match.end() - 1)
            for literal in self.literals(args[1]) if len(args) > 1 else []:
                for words in re.findall(r"\{([^{}]*)\}", literal):
                    one, bar, many = words.partition("|")
                    self.add(one, where, many if bar else None, True, len(one) < 30)
        for match in re.finditer(r"\btr_n\s*\(", text):
            args, _ = arguments(text, match.end() - 1)
            if len(args) == 3 and re.fullmatch(JOINED, args[0].strip()):
                self.add(unquote(args[0]), where, unquote(args[1]), True)
        for match in re.finditer(rf"(?<!\w)({'|'.join(CALLS)})\s*\(", text):
            args, _ = arguments(text, match.end() - 1)
            for n in CALLS[match.group(1)]:
                for literal in self.literals(args[n]) if n < len(args) else []:
                    self.add(literal, where, None, True)
        for name in ATTRIBUTES.split():
            for match in re.finditer(rf"\.{name}\s*=\s*({JOINED})", text):
                self.add(unquote(match.group(1)), where, None, False, name in ("label", "group"))
        fields = "TEXT LONG EMAIL INT MONEY DATE TIME BOOL CHOICE SET CODE REF REFS LEVEL RECORD_REF RECORDS DERIVED"
        for match in re.finditer(rf"\b({'|'.join(fields.split())})\(\w+,\s*\w+,\s*({JOINED})", text):
            self.add(unquote(match.group(2)), where, None, False, True)
        self.rows(text, where)

    def rows(self, text, where):
        """Rows of static tables: choices, permissions, navigation, panels, tabs."""
        table = r"(?:static )?const (?:struct (choice|nav|panel|work_source|notice_kind)|char \*const) (\w+)\[\]\s*(?:\[\d\]\s*)?=\s*\{"
        for match in re.finditer(table, text):
            kind = match.group(1)
            _, end = arguments(text, match.end() - 1)
            body = text[match.end():end]
            for row in re.finditer(r"\{((?:[^{}\"]|" + STRING + r")*)\}", body):
                args, _ = arguments("(" + row.group(1) + ")", 0)
                take = {"choice": [1], "nav": [0, 2], "panel": [1], "work_source": [1],
                        "notice_kind": [1, 2]}.get(kind, [1])
                for n in take:
                    if n < len(args) and kind and re.fullmatch(JOINED, args[n].strip()):
                        self.add(unquote(args[n]), where, None, False, True)
        for match in re.finditer(rf"const struct permission \w+ = \{{{STRING},\s*({JOINED})", text):
            self.add(unquote(match.group(1)), where)

    def content(self, path):
        where, name = str(path.relative_to(ROOT)), path.stem
        columns = COLUMNS.get(name, "").split()
        lines = path.read_text(encoding="utf-8").split("\n")
        head = lines[0].split("\t")
        for line in lines[1:]:
            for column, cell in zip(head, line.split("\t")):
                if column not in columns or not cell:
                    continue
                cell = cell.replace("\\n", "\n")
                if column == "choices":
                    for choice in cell.split(";"):
                        self.add(choice.partition("=")[2].strip(), where)
                elif name == "controls" and column in ("types", "properties", "concepts", "capabilities", "domains"):
                    for part in cell.split(";"):
                        self.add(part.strip().replace("_", " "), where)
                elif column in ("typical_requirements", "exit", "inputs", "outputs"):
                    for part in cell.split(";"):
                        self.add(part.strip(), where)
                else:
                    self.add(cell, where, None, False, column in ("name", "label", "group", "family"))

    def rule(self, path):
        where = str(path.relative_to(ROOT))
        for match in re.finditer(r"^-- (title|why|fix|minimum-note): (.*)$", path.read_text(encoding="utf-8"), re.M):
            self.add(match.group(2).split(" | ")[0].strip(), where)
        # A literal alone, or one of a case: what is joined from pieces is a sentence of the rule's own.
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"(?<!\|\| )'((?:[^'\n]|'')*)' as because", text):
            self.add(match.group(1).replace("''", "'"), where)
        for match in re.finditer(r"\b(?:then|else)\s+'((?:[^'\n]|'')* (?:[^'\n]|'')*[^ '\n])'(?!\s*\|\|)", text):
            self.add(match.group(1).replace("''", "'"), where)
        # Joined ones: readiness_because.c has their sentences.
        for match in re.finditer(r"((?:'(?:[^'\n]|'')*'|[\w.()$]+)(?:\s*\|\|\s*(?:'(?:[^'\n]|'')*'|[\w.()$]+))+)"
                                 r"(?:\s+end)? as because", text):
            parts = re.findall(r"'(?:[^'\n]|'')*'|[\w.()$]+", match.group(1))
            self.joined.append((where, "".join(p[1:-1] if p[0] == "'" else "%s" for p in parts)))


def collect():
    c = Collector()
    for path in sorted((ROOT / "src").rglob("*.c")):
        name = str(path.relative_to(ROOT))
        if not name.endswith(("_test.c", "_fixture.c")) and not ENGLISH.match(name):
            c.source(path)
    for path in sorted((ROOT / "content").rglob("*.tsv")):
        c.content(path)
    for folder in ("rules", "reach"):
        for path in sorted((ROOT / "content" / folder).glob("*.sql")):
            c.rule(path)
    return c.found, c.joined


def read_po(path):
    """Messages of a po file by key; the header is the one with the key ""."""
    out, current, part = {}, None, None
    for line in path.read_text(encoding="utf-8").split("\n") if path.exists() else []:
        if line.startswith("#, ") and "fuzzy" in line:
            fuzzy = True
        elif line.startswith("msgid "):
            current, part = Message(""), "key"
        elif line.startswith("msgid_plural "):
            current.plural, part = "", "plural"
        elif line.startswith("msgstr"):
            current.text.append("")
            part = "text"
        if part and '"' in line and not line.startswith("#"):
            text = unquote(line[line.index('"'):])
            if part == "key":
                current.key += text
            elif part == "plural":
                current.plural += text
            else:
                current.text[-1] += text
        if not line.strip() and current:
            out[current.key] = current
            current, part = None, None
    if current:
        out[current.key] = current
    return out


def write_po(path, header, messages, known):
    lines = ["# SPDX-License-Identifier: Apache-2.0", 'msgid ""', 'msgstr ""']
    lines += [quote(l + "\n") for l in header.strip().split("\n")] + [""]
    for key in sorted(messages, key=lambda k: (messages[k].where[0], k)):
        m, old = messages[key], known.get(key)
        lines.append("#: " + " ".join(m.where[:3]))
        if m.form:
            lines.append("#, c-format")
        lines.append("msgid " + quote(key))
        if m.plural:
            lines.append("msgid_plural " + quote(m.plural))
            texts = (old.text if old else []) + ["", ""]
            lines += [f"msgstr[{i}] " + quote(texts[i]) for i in range(max(2, len(old.text) if old else 0))]
        else:
            lines.append("msgstr " + quote(old.text[0] if old and old.text else ""))
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


HEADER = """Project-Id-Version: cairn
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
"""


def languages(chosen=None):
    return [p for p in sorted((ROOT / "po").glob("*.po")) if not chosen or p.stem == chosen]


def update(chosen=None):
    messages, _ = collect()
    write_po(ROOT / "po" / "cairn.pot", HEADER, messages, {})
    for path in languages(chosen):
        known = read_po(path)
        header = known[""].text[0] if "" in known else HEADER
        write_po(path, header, messages, known)
        open_ = sum(1 for k in messages if not (known.get(k) and all(known[k].text)))
        print(f"{path.stem}: {len(messages)} texts, {open_} without translation")


def conversions(text):
    return re.findall(r"%[-+ 0-9.]*(\*?(?:l|ll|z)?[a-zA-Z])", text.replace("%%", ""))


def check():
    (messages, joined), bad = collect(), []
    for where, text in joined:
        if not any(known.endswith(text) for known in messages):
            print(f"{where}: the reason {text!r} is not among the sentences of readiness_because.c")
            bad.append("rules")
    for path in languages():
        known, findings = read_po(path), 0
        for key, m in messages.items():
            old, say = known.get(key), None
            if not old or not old.text or not all(old.text):
                say = "has no translation"
            elif m.form and any(conversions(t) not in (conversions(key), conversions(m.plural or key))
                                for t in old.text):
                say = "has other conversions in its translation"
            elif m.label and len(old.text[0]) > max(len(key) * LABEL_MOST, len(key) + 14):
                say = f"is a label with a translation that is too long: {old.text[0]!r}"
            if say:
                bad.append(path.stem)
                findings += 1
                if findings <= 25:
                    print(f"po/{path.name}: {key[:70]!r} ({m.where[0]}) {say}")
        if findings > 25:
            print(f"po/{path.name}: and {findings - 25} more")
        for key in known:
            if key and key not in messages:
                print(f"po/{path.name}: {key[:70]!r} is used nowhere; run tools/po.py update")
                bad.append(path.stem)
                break
    failed = len(set(bad))
    print(f"po: {len(languages()) + 1 - failed} passed, {failed} failed")
    return 1 if failed else 0


def missing(code):
    (messages, _), known = collect(), read_po(ROOT / "po" / f"{code}.po")
    out = [{"id": k, "where": m.where[0], **({"plural": m.plural} if m.plural else {})}
           for k, m in messages.items() if not (known.get(k) and known[k].text and all(known[k].text))]
    print(json.dumps(sorted(out, key=lambda x: x["where"]), ensure_ascii=False, indent=0))


def fill(code, file):
    path = ROOT / "po" / f"{code}.po"
    (messages, _), known = collect(), read_po(path)
    for item in json.loads(Path(file).read_text(encoding="utf-8")):
        m = Message(item["id"])
        m.text = item["text"] if isinstance(item["text"], list) else [item["text"]]
        if item["id"] in messages:
            known[item["id"]] = m
    write_po(path, known[""].text[0], messages, known)


if __name__ == "__main__":
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb == "update":
        update(*sys.argv[2:3])
    elif verb == "check":
        sys.exit(check())
    elif verb == "missing" and len(sys.argv) == 3:
        missing(sys.argv[2])
    elif verb == "fill" and len(sys.argv) == 4:
        fill(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
