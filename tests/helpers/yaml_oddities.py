"""What YAML allows and no configuration means, as changes of a file's text: duplicates, aliases, tags, broken bytes."""

import random
import re
from collections.abc import Callable

VALUES = (
    *("2020-01-01", "2001-12-14t21:59:43.10-05:00", "0o17", "017", "0x1F", "0b11", "1_000", "12:30:45", "1:30", ".5"),
    *("+1", "1e3", ".inf", "-.INF", ".NaN", "~", "Null", "yes", "OFF", "!!python/object/apply:os.getcwd []", "!x y"),
    *("!!binary aGVsbG8=", "!!set {a, b}", "!!omap [a: 1, b: 2]", "!!str 5", "!!int x", "!!float []", "!!map 1", "!x"),
    *("&a [*a]", "&a {b: *a}", "*unknown", "&a", "[", "{", "{a: 1", "[1, 2", "]", "'", '"', '"\\ud800"', '"\\x00"'),
    *(
        '"\\U0001F600"',
        "|",
        ">-",
        "? a",
        "? [a, b]\n  : 1",
        "- 1",
        "%",
        "@",
        "`",
        "a: b: c",
        "# gone",
        '"a\\tb"',
        "\t1",
    ),
    *("{<<: {epochs: 1}}", "{<<: [1, 2]}", "{<<: 1}", "{=: 1}", "{1: 2, '1': 3}", "{a: 1, a: 2}", "{[a]: 1}", "{?}"),
    *("9" * 5000, "1e999", "-0", "--- 1", "...", "\u2028", "\u0085", "\ufeff", "\u202etxt", "é", "１", "[" * 2000),
)
LINES = (
    *("<<: {a: 1}", "<<: 1", "<<: [{a: 1}, 2]", "? [a, b]\n: 1", "? {a: 1}\n: 1", "? &k x\n: *k", "1: 2", "null: 1"),
    *("2020-01-01: 1", "~: ~", "true: 1", ".nan: 1", "0o17: 1", "&a all: *a", "*a : 1", "'': 1", "''", "- 1", "---"),
    *("...", "%YAML 1.2", "%TAG ! x", "\tepochs: 1", "   odd: 1", "a:\n\t- 1", "=: 1", "!x y: 1", "a", "? ", ": ", ":"),
)
VALUE = re.compile(r"(?m)(?<=[:-] )[^\s\[{].*?(?= *$)|(?<=[\[ ])[\w.*-]+(?=[,\]}])|(?<=\w:)(?= *$)")


def changed_text(text: str, chance: random.Random) -> tuple[bytes, str]:
    """A file's text with something odd in it, as bytes, and what was done."""
    change = chance.choice((_of_value, _of_value, _of_value, _of_lines, _of_lines, _of_bytes, _of_file))
    return change(text, chance)


def _of_value(text: str, chance: random.Random) -> tuple[bytes, str]:
    """Another value behind a key, or in place of an item of a list."""
    without_comments = re.sub("#.*", lambda comment: " " * len(comment[0]), text)
    place, value = chance.choice(list(VALUE.finditer(without_comments))), chance.choice(VALUES)
    line = text.count("\n", 0, place.start()) + 1
    return (text[: place.start()] + f" {value}" + text[place.end() :]).encode(), f"line {line}: {value!r:.60}"


def _of_lines(text: str, chance: random.Random) -> tuple[bytes, str]:
    """Lines that are doubled, gone, moved, indented in another way, or new."""
    lines = text.splitlines()
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    indent = re.match(" *", lines[at])[0]
    what, new = chance.choice(
        (
            ("doubled", [lines[at]] * 2),
            ("gone", []),
            (f"replaced by line {other + 1}", [lines[other]]),
            ("indented more", [f" {lines[at]}"]),
            ("indented by a tab", [f"\t{lines[at]}"]),
            ("indented less", [lines[at][1:]]),
            *(((f"and {line!r}"), [lines[at], *(indent + part for part in line.split("\n"))]) for line in LINES),
        )
    )
    return "\n".join([*lines[:at], *new, *lines[at + 1 :], ""]).encode(), f"line {at + 1} {what}"


def _of_bytes(text: str, chance: random.Random) -> tuple[bytes, str]:
    """Bytes that are flipped, missing, or of another encoding."""
    content = text.encode()
    at = chance.randrange(len(content))
    odd = chance.choice((b"\x00", b"\xff", b"\xe9", b"\x07", b"\x1b[2J", b"\xed\xa0\x80", b"\r", b"\x7f", b"\xc2\x80"))
    flipped = bytes([content[at] ^ 1 << chance.randrange(8)])
    choices: tuple[tuple[str, bytes], ...] = (
        (f"{odd!r} at byte {at}", content[:at] + odd + content[at:]),
        (f"{flipped!r} at byte {at}", content[:at] + flipped + content[at + 1 :]),
        (f"cut at byte {at}", content[:at]),
        ("UTF-16", text.encode("utf-16")),
        ("a byte order mark", b"\xef\xbb\xbf" + content),
        ("two byte order marks", b"\xef\xbb\xbf" * 2 + content),
        ("lines of Windows", content.replace(b"\n", b"\r\n")),
        ("lines of old", content.replace(b"\n", b"\r")),
    )
    what, changed = chance.choice(choices)
    return changed, what


def _of_file(text: str, chance: random.Random) -> tuple[bytes, str]:
    """Whole files that are something else, or far too much."""
    laughs = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))
    mappings = "\n".join(f"a{i}: &a{i} {{b: *a{i - 1}, c: *a{i - 1}}}" for i in range(1, 60))
    merges = "\n".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 12))
    choices: tuple[tuple[str, Callable[[], str]], ...] = (
        ("nothing", str),
        ("a comment", lambda: "# nothing\n"),
        ("a text", lambda: "text\n"),
        ("a list", lambda: "- 1\n"),
        ("two documents", lambda: f"{text}\n---\n{text}"),
        ("twice", lambda: f"{text}\n{text}"),
        ("an alias of itself", lambda: "a: &a {b: *a}\n"),
        ("a billion laughs", lambda: f"a0: &a0 [x, x]\n{laughs}\n"),
        ("2 ** 60 mappings", lambda: f"a0: &a0 x\n{mappings}\n"),
        ("a billion merges", lambda: f"a0: &a0 {{x: 1}}\n{merges}\n"),
        ("a comment of 10 MB", lambda: f"{text}\n# {'x' * 10_000_000}\n"),
        ("a text of 10 MB", lambda: f"description: {'x' * 10_000_000}\n"),
        ("a key of 10 MB", lambda: f"{'x' * 10_000_000}: 1\n"),
        ("a list of 10 MB", lambda: f"a: [{'1, ' * 3_000_000}]\n"),
        ("10 MB of keys", lambda: "".join(f"key_{i}: 1\n" for i in range(800_000))),
        ("100,000 levels of a list", lambda: "a: " + "[" * 100_000),
        ("100,000 levels of keys", lambda: "".join(f"{' ' * i}a:\n" for i in range(3_000))),
        ("question marks", lambda: "? " * 50_000),
        ("a number of 5,000,000 digits", lambda: f"seed: {'9' * 5_000_000}\n"),
        ("many anchors", lambda: "".join(f"k{i}: &a{i} 1\n" for i in range(100_000))),
    )
    what, make = chance.choice(choices)
    return make().encode(), what
