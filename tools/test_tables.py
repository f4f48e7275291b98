#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the list of test tables: every `const struct test_case x_tests[]` of the given C files.

A test file so registers itself by its table's name; tests/main.c walks the list.
Usage: tools/test_tables.py OUTPUT FILE..."""
import re
import sys


def main():
    out, files = sys.argv[1], sys.argv[2:]
    names = []
    for name in files:
        with open(name, encoding="utf-8") as f:
            names += re.findall(r"^const struct test_case (\w+)_tests\[\]", f.read(), re.M)
    names.sort()
    with open(out, "w", encoding="utf-8") as f:
        f.write('#include "test.h"\n\n')
        for n in names:
            f.write(f"extern const struct test_case {n}_tests[];\n")
        f.write("\nconst struct test_table test_tables[] = {\n")
        for n in names:
            f.write(f'    {{"{n}", {n}_tests}},\n')
        f.write("    {0, 0},\n};\n")


main()
