#!/usr/bin/env python3
"""Keeps po/POTFILES.in true: exactly the sources with text to translate.

    tests/potfiles.py            check
    tests/potfiles.py --write    write the list anew

Where translations are shipped (po/LINGUAS), it also checks them with msgfmt.
"""
import os
import re
import subprocess
import sys

MARKED = re.compile(r'\b(_|N_|ngettext)\s*\(\s*"')
DEFINES = "src/base/i18n.h"


def marked_files(root):
    found = []
    for folder, _, names in os.walk(os.path.join(root, "src")):
        for name in names:
            path = os.path.join(folder, name)
            if name.endswith((".c", ".h")):
                with open(path, encoding="utf-8") as file:
                    if MARKED.search(file.read()):
                        found.append(os.path.relpath(path, root))
    return sorted(set(found) - {DEFINES})


def listed(path):
    with open(path, encoding="utf-8") as file:
        lines = (line.split("#")[0].strip() for line in file)
        return [line for line in lines if line]


def check_languages(po):
    """How many of the shipped translations msgfmt refuses."""
    bad = 0
    for language in " ".join(listed(os.path.join(po, "LINGUAS"))).split():
        path = os.path.join(po, language + ".po")
        code = subprocess.call(["msgfmt", "-c", "-o", os.devnull, path])
        print(f"{'FAIL' if code else 'PASS'}: {language}.po")
        bad += code != 0
    return bad


def main():
    root = os.environ.get("CUTOVER_SOURCE") or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..")
    potfiles = os.path.join(root, "po", "POTFILES.in")
    marked = marked_files(root)
    if sys.argv[1:] == ["--write"]:
        with open(potfiles, "w", encoding="utf-8") as file:
            file.write("# Written by tests/potfiles.py --write.\n")
            file.writelines(path + "\n" for path in marked)
        return
    bad = check_languages(os.path.join(root, "po"))
    named = listed(potfiles)
    for path in sorted(set(marked) ^ set(named)):
        verb = "lacks" if path in marked else "should not name"
        print(f"po/POTFILES.in {verb} {path}")
    wrong = set(marked) != set(named)
    if wrong:
        print("to mend that: tests/potfiles.py --write")
    print(f"{'FAIL' if wrong else 'PASS'}: {len(marked)} files with words")
    sys.exit(1 if wrong or bad else 0)


if __name__ == "__main__":
    main()
