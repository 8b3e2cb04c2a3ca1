#!/usr/bin/env python3
"""Checks what a compiler does not: banned calls, sizes, opening comments.

Sources are read with comments and strings blanked out, so that a word in a
sentence is no call. Functions are found by their braces in column 0. Before
it looks at the real tree the test proves on planted files that it finds each
kind of violation.
"""
import os
import re
import sys
import tempfile

FILE_LINES = 400
TEST_LINES = 600        # a list of cases gets no harder to read
FUNCTION_LINES = 60

# Files that are one long table and read no better in pieces: path, and why.
LONG_FILES = {}

BANNED = {
    "strcpy": "use struct buf, or snprintf",
    "strcat": "use struct buf, or snprintf",
    "strncpy": "use snprintf",
    "strncat": "use struct buf, or snprintf",
    "sprintf": "use snprintf, or buf_printf",
    "vsprintf": "use vsnprintf",
    "gets": "use read",
    "strtok": "it keeps state; walk with strcspn",
    "strtok_r": "it writes into its input; walk with strcspn",
    "atoi": "use text_parse_int",
    "atol": "use text_parse_int",
    "atoll": "use text_parse_int",
    "localtime": "use localtime_r",
    "gmtime": "use gmtime_r",
    "ctime": "use clock_stamp",
    "asctime": "use clock_stamp",
    "system": "use posix_spawn, without a shell",
    "popen": "use posix_spawn, without a shell",
    "alloca": "use an array, or an arena",
    "sleep": "wait for a condition, on the loop",
    "usleep": "wait for a condition, on the loop",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
CURSES_GLOBALS = re.compile(r"\b(stdscr|curscr|newscr|LINES|COLS)\b")
TYPEDEF = re.compile(r"^\s*typedef\s+(struct|union|enum)\b")
GUARD = re.compile(r"#ifndef (CUTOVER_\w+_H)\n#define \1\n")
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                      r"'(?:\\.|[^'\\\n])*'", re.S)


def blank(text):
    """The text without comments and strings; lines keep their numbers."""
    return NOT_CODE.sub(lambda hit: "\n" * hit.group().count("\n") or " ", text)


def long_functions(lines):
    """Yields (first line, length) of functions that are too long."""
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            length = number - start + 1
            if length > FUNCTION_LINES:
                yield start, length
            start = None


def check_file(path, text):
    """Yields (line number, what is wrong)."""
    lines = text.splitlines()
    code = blank(text).splitlines()
    if not text.startswith("/*"):
        yield 1, "no opening comment"
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end"
    if path.endswith(".h") and not GUARD.search(text):
        yield 1, "no guard '#ifndef CUTOVER_ROOM_FILE_H'"
    most = TEST_LINES if path.startswith("tests/") else FILE_LINES
    if len(lines) > most and path not in LONG_FILES:
        yield most + 1, f"{len(lines)} lines, at most {most}"
    for number, length in long_functions(code):
        yield number, f"function of {length} lines, at most {FUNCTION_LINES}"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
    for number, line in enumerate(code, 1):
        for name in CALL.findall(line):
            yield number, f"{name}() is banned: {BANNED[name]}"
        if TYPEDEF.match(line):
            yield number, "typedef of a struct, union or enum"
        if not path.startswith("src/tui/") and CURSES_GLOBALS.search(line):
            yield number, "curses belongs to tui/"


def read_tree(root):
    tree = {}
    for top in ("src", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8", newline="") as file:
                        tree[os.path.relpath(path, root)] = file.read()
    return tree


def violations(tree):
    return [f"{path}:{line}: {why}" for path in sorted(tree)
            for line, why in check_file(path, tree[path])]


HEAD = "/* A planted file. */\n"
PLANTED = {
    # file: (text, a piece of each message, in order)
    "src/a/good.c": (HEAD + "int f(void)\n{\n\treturn my_system(\"gets(\");"
                     " /* sleep() */\n}\n", []),
    "src/a/bare.c": ("int x;\n", ["no opening comment"]),
    "src/a/banned.c": (HEAD + "\tstrcpy(a, b); x = atoi (c);\n",
                       ["strcpy()", "atoi()"]),
    "src/a/long.c": (HEAD + "\n" * FILE_LINES, ["401 lines"]),
    "tests/unit/test_long.c": (HEAD + "\n" * FILE_LINES, []),
    "src/a/deep.c": (HEAD + "{\n" + "\tx;\n" * FUNCTION_LINES + "}\n",
                     ["function of 62"]),
    "src/a/guard.h": (HEAD + "#ifndef A_H\n#define A_H\n#endif\n",
                      ["no guard"]),
    "src/a/type.h": (HEAD + "#ifndef CUTOVER_A_H\n#define CUTOVER_A_H\n"
                     "typedef struct a b;\n#endif\n", ["typedef"]),
    "src/a/screen.c": (HEAD + "int h = LINES; \n", ["blanks", "curses"]),
    "src/tui/screen.c": (HEAD + "int h = LINES;", ["no newline"]),
    "tests/unit/test_a.c": (HEAD + "\tsleep(1);\n", ["sleep()"]),
}


def self_test():
    """True if every planted violation is found, and nothing else."""
    with tempfile.TemporaryDirectory() as root:
        for path, (text, _) in PLANTED.items():
            whole = os.path.join(root, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "w", encoding="utf-8") as file:
                file.write(text)
        found = violations(read_tree(root))
    good = True
    for path, (_, expected) in PLANTED.items():
        mine = [line for line in found if line.startswith(path + ":")]
        if len(mine) != len(expected) or not all(
                piece in line for piece, line in zip(expected, mine)):
            print(f"FAIL: planted in {path}: {expected} expected, found {mine}")
            good = False
    return good


def main():
    root = os.environ.get("CUTOVER_SOURCE", ".")
    tree = read_tree(root)
    if not tree:
        sys.exit(f"FAIL: no sources in {root}")
    if not self_test():
        sys.exit(1)
    print("PASS: planted violations are found")
    found = violations(tree)
    for line in found:
        print(line)
    print(f"{'FAIL' if found else 'PASS'}: {len(tree)} files, "
          f"{len(found)} violations")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
