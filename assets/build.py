#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the files that the browser gets, from npm packages and this folder.

  cairn.css    Tabler's style sheet, then our own (cairn.css, parts/*.css)
  cairn.js     our script and parts/*.js          htmx.js   htmx as published
  icons.svg    the icons of icons.txt as one sprite      favicon.svg   the mark
  NAME.svg     pictures that Tabler's style sheet holds as data: addresses. They become files, so
               that the content security policy can say img-src 'self' and no more.
  licences.txt what the licences of these packages ask to be kept with them
"""
import argparse
import hashlib
import os
import re
import shutil
import sys
import urllib.parse

PACKAGES = ("@tabler/core", "@tabler/icons", "htmx.org")
SYMBOL = ('<symbol id="{id}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
          'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{body}</symbol>\n')


class Builder:
    """Reads inputs (remembered for the depfile) and writes outputs into one folder."""

    def __init__(self, source, out):
        self.source, self.out, self.read = source, out, []

    def text(self, *parts):
        path = os.path.join(self.source, *parts)
        self.read.append(path)
        with open(path, encoding="utf-8") as f:
            return f.read()

    def parts(self, name):
        """Our own file, then those of assets/parts with the same ending, in the order of names."""
        folder = os.path.join(self.source, "assets", "parts")
        self.read.append(folder)
        more = sorted(f for f in os.listdir(folder) if f.endswith(os.path.splitext(name)[1]))
        return "\n".join([self.text("assets", name)] + [self.text("assets", "parts", f) for f in more])

    def module(self, *parts):
        return self.text("node_modules", *parts)

    def write(self, name, text):
        with open(os.path.join(self.out, name), "w", encoding="utf-8", newline="\n") as f:
            f.write(text)


def pictures_to_files(builder, css):
    """Replaces each data: picture of a style sheet by the address of a file with its content."""
    names = {}

    def replace(match):
        svg = urllib.parse.unquote(match.group(1)) + "\n"
        digest = hashlib.sha256(svg.encode()).hexdigest()[:16]
        name = names.setdefault(digest, f"picture-{len(names) + 1}.svg")
        builder.write(name, svg)
        return f"url(../{digest}/{name})"

    css = re.sub(r'url\("data:image/svg\+xml,([^"]*)"\)', replace, css)
    if "url(data:" in css or 'url("data:' in css:
        sys.exit("assets/build.py: the style sheet holds a data: address of an unknown form")
    return css


def style(builder):
    tabler = builder.module("@tabler", "core", "dist", "css", "tabler.min.css")
    tabler = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", tabler).replace('@charset "UTF-8";', "")
    own = builder.parts("cairn.css")
    css = pictures_to_files(builder, tabler + "\n" + own)
    builder.write("cairn.css", '@charset "UTF-8";\n' + css)


def svg_body(svg):
    body = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    body = re.search(r"<svg[^>]*>(.*)</svg>", body, re.S).group(1)
    body = body.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return re.sub(r"\s*\n\s*", "", body.strip())


def sprite(builder):
    mark = builder.text("assets", "mark.svg")
    symbols = [SYMBOL.format(id="cairn", body=svg_body(mark))]
    for line in builder.text("assets", "icons.txt").splitlines():
        name = line.split("#")[0].strip()
        if name:
            svg = builder.module("@tabler", "icons", "icons", "outline", name + ".svg")
            symbols.append(SYMBOL.format(id=name, body=svg_body(svg)))
    builder.write("icons.svg", '<svg xmlns="http://www.w3.org/2000/svg">\n' + "".join(symbols)
                  + "</svg>\n")
    builder.write("favicon.svg", mark)


def script(builder):
    builder.write("cairn.js", builder.parts("cairn.js"))
    htmx = builder.module("htmx.org", "dist", "htmx.min.js")
    builder.write("htmx.js", re.sub(r"\n?//# sourceMappingURL=.*", "", htmx))


def licences(builder):
    parts = []
    for package in PACKAGES:
        parts.append(f"{package}\n{'-' * len(package)}\n")
        path = os.path.join("node_modules", package, "LICENSE")
        if os.path.exists(os.path.join(builder.source, path)):
            parts.append(builder.text(path) + "\n")
        else:  # the package only names its licence and says who holds the rights in its style sheet
            head = builder.module("@tabler", "core", "dist", "css", "tabler.min.css")
            notice = re.search(r"/\*!(.*?)\*/", head, re.S).group(1)
            parts.append("\n".join(line.strip(" *") for line in notice.splitlines()) + "\n")
    builder.write("licences.txt", "\n".join(parts))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--source", "--out", "--stamp", "--depfile"):
        parser.add_argument(option, required=True)
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.source, "node_modules", "@tabler", "core")):
        sys.exit("assets/build.py: node_modules is missing. Run ./dev setup.")
    shutil.rmtree(args.out, ignore_errors=True)
    os.makedirs(args.out)
    builder = Builder(args.source, args.out)
    for step in (style, sprite, script, licences):
        step(builder)
    with open(args.stamp, "w", encoding="utf-8") as f:
        f.write(os.path.abspath(args.out) + "\n")
    with open(args.depfile, "w", encoding="utf-8") as f:
        f.write(args.stamp + ": " + " ".join(p.replace(" ", "\\ ") for p in builder.read) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
