#!/usr/bin/env python3
"""A language of long and wide text, made from the English one.

    tests/pseudo.py DIRECTORY    make its catalogue there, to look at screens:
                                 CUTOVER_LOCALEDIR=DIRECTORY LANGUAGE=en@pseudo

As a test it makes the catalogue, which proves that every marked text can be
translated (msgfmt checks its formats), and asks the program for its help
in it: texts shown without _() stand out, as they lack the brackets.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("CUTOVER_SOURCE") or os.path.join(HERE, "..")
BUILD = os.environ.get("CUTOVER_BUILD") or SOURCE
OPEN, CLOSE = "［漢字 ", " ～～～］"


def lengthen(text):
    """Brackets and wide padding around the text, outside its newlines."""
    head, body, tail = re.fullmatch(r"(\n*)(.*?)(\n*)", text, re.S).groups()
    return head + OPEN + body + CLOSE + tail if body else text


def run(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE,
                          check=True, encoding="utf-8").stdout


def make_catalogue(directory):
    """Writes DIRECTORY/en@pseudo/LC_MESSAGES/cutover.mo."""
    folder = os.path.join(directory, "en@pseudo", "LC_MESSAGES")
    os.makedirs(folder, exist_ok=True)
    template = run("xgettext", "--directory", SOURCE, "--from-code=UTF-8",
                   "--keyword=_", "--keyword=N_", "--force-po",
                   "--msgid-bugs-address=none", "--output=-", "--files-from",
                   os.path.join(SOURCE, "po", "POTFILES.in"))
    english = run("msgen", "--lang=en", "-",
                  text=template.replace("charset=CHARSET", "charset=UTF-8"))
    pseudo = run("msgfilter", "--keep-header", sys.executable,
                 os.path.abspath(__file__), "--lengthen", text=english)
    run("msgfmt", "--check-format", "--check-domain", "-o", os.path.join(folder, "cutover.mo"), "-",
        text=pseudo.replace("nplurals=INTEGER; plural=EXPRESSION",
                            "nplurals=2; plural=(n != 1)"))


def check_program(directory):
    """True if the program speaks the language that lies in the directory."""
    environment = dict(os.environ, CUTOVER_LOCALEDIR=directory,
                       LC_ALL="C.UTF-8", LANGUAGE="en@pseudo")
    answer = subprocess.run([os.path.join(BUILD, "src", "cutover"), "--help"],
                            env=environment, stdout=subprocess.PIPE,
                            encoding="utf-8", check=False)
    good = answer.returncode == 0 and OPEN in answer.stdout
    print(f"{'PASS' if good else 'FAIL'}: help in the pseudo-locale")
    if not good:
        print(answer.stdout)
    return good


def main():
    if sys.argv[1:] == ["--lengthen"]:
        sys.stdout.write(lengthen(sys.stdin.read()))
        return
    if sys.argv[1:]:
        make_catalogue(sys.argv[1])
        return
    for tool in ("xgettext", "msgen", "msgfilter", "msgfmt"):
        if not shutil.which(tool):
            print(f"SKIP: no {tool} (gettext)")
            sys.exit(77)
    with open(os.path.join(BUILD, "config.h"), encoding="utf-8") as config:
        if "#define ENABLE_NLS 1" not in config.read():
            print("SKIP: built with --disable-nls")
            sys.exit(77)
    with tempfile.TemporaryDirectory() as directory:
        make_catalogue(directory)
        print("PASS: every marked text can be translated")
        sys.exit(0 if check_program(directory) else 1)


if __name__ == "__main__":
    main()
