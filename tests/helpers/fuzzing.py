"""A fuzzer of the configuration: files that ship are changed at random, and must be refused in one line or plan.

    PYTHONPATH=scripts:tests python -m helpers.fuzzing 1000 --seed 3

tries 1,000 changes and prints those that end otherwise. The tests try some hundred. A change sets a value to an odd
one, deletes, renames, swaps or adds something in one of the shipped files, or does to its text what YAML allows or
what breaks it; the file is changed, or given with --configfile, or its values are with --config.
"""

import argparse
import copy
import datetime
import random
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load

from helpers.configurations import CONFIG, PRESETS
from helpers.planning import plan_in_process
from helpers.yaml_oddities import changed_text

SECONDS = 20  # of the processor: what takes longer than this hangs
LONGEST = 1500  # characters of a message: one line that can be read
FILES = ("config.yaml", "design_spaces.yaml", "studies.yaml", "claims.yaml", *(f"presets/{p}.yaml" for p in PRESETS))
GIVEN = "given.yaml"  # with --configfile
RECIPES = "recipes.yaml"  # read only if a recipe extends another
NAMES = (
    *("all", "train", "plan", "base", "short", "RegNetX", "digits", "true", "imported", "r1", "space-base-short"),
    *("name\n", "../x", "a b", "x{y}", "é", "Ａ", "{regime}", "*", "[a", "con", "-x", ".", "a.b", "__class__"),
)
CURVES = (
    *({"space": "RegNetX", "regimes": []}, {"space": "RegNetX", "regimes": ["base", "base"]}, {"imported": "x"}, {}),
    *({"space": "RegNetX", "repeat": 10**6}, {"space": "RegNetX", "label": "{regime.x} {0} $"}, {"regime": "base"}),
    *({"space": "RegNetX", "regimes": ["base"], "regime": "base"}, {"space": "RegNetX", "imported": "RegNetX"}),
)
EXPRESSIONS = (
    *("flops *", "flops ** flops ** 99", "__import__('os')", "flops.real", "flops[0]", "[flops]", "1 if flops else 2"),
    *("(lambda: 0)()", "flops and 1", "flops < 1", "min()", "log(0)", "sqrt(-1)", "0x1F", "1e400", "1e-400", "nan"),
    *("(" * 500, "-" * 3000 + "1", "1+" * 3000 + "1", "f'{flops}'", "depth; width", "flops # x", "flöps", "9" * 5000),
)
ODD = (
    *(None, True, False, "", " ", "\n", "yes", "1e6", "1.0", "nan", "9**9**9", "1/0", "x" * 300, "x" * 3000, "a\x00b"),
    *(0, 1, -1, 2, 7, 1.0, 2.0, 0.5, -0.0, 1e-300, 1e300, 10**9, 10**30, -(10**30), 10**400),
    *(float("nan"), float("inf"), -float("inf"), [], {}, [[]], [{}], {"a": {}}, [None], [1, 2], [2, 1], ["a", 1]),
    *([float("nan"), 1], {"choice": [float("inf")]}, {"low": 1}, datetime.date(2020, 1, 1), b"bytes", *NAMES),
    *(*CURVES, *EXPRESSIONS, *(["RegNetX", curve] for curve in CURVES), ["RegNetX"] * 3, ["RegNetX"] * 300),
)


class Hangs(BaseException):
    """Raised in what takes too long: no Exception, which what is tried may catch."""


@dataclass(frozen=True)
class Change:
    """One change: the file that it changes, how that file is given, and the file's contents after it.

    `text` is what stands in the file, where not its contents are odd but how they are written.
    """

    file: str
    given_as: str
    what: str
    contents: dict
    preset: str
    text: bytes | None = None

    @property
    def settings(self) -> dict:
        """What the change says, as a file that is given states it."""
        kind = Path(self.file).stem
        return {kind: self.contents} if kind in ("design_spaces", "studies", "claims") else self.contents

    def written(self, contents: dict) -> bytes:
        """A file with some contents, or with the text of the change."""
        return yaml.safe_dump(contents, allow_unicode=True).encode() if self.text is None else self.text


def changes(count: int, seed: int) -> Iterator[Change]:
    """Random changes, the same ones for the same seed."""
    shipped = {file: yaml.safe_load((CONFIG / file).read_text(encoding="utf-8")) for file in FILES}
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        if number % 3 == 2:
            yield _odd_text(chance)
            continue
        file = chance.choice(FILES)
        contents = copy.deepcopy(shipped[file])
        what = "; ".join(_mutate(contents, shipped, chance) for _ in range(chance.choice((1, 1, 1, 2))))
        given_as = chance.choice(("file", "file", "file", "--configfile", "--config"))
        preset = Path(file).stem if file.startswith("presets/") else chance.choice(PRESETS)
        preset = preset if given_as == "file" else chance.choice(PRESETS)
        yield Change(file, given_as, what, contents, preset)


def _odd_text(chance: random.Random) -> Change:
    """A change of how a file is written."""
    file = chance.choice((*FILES, RECIPES))
    text, what = changed_text((CONFIG / file).read_text(encoding="utf-8"), chance)
    is_of_settings = file == "config.yaml" or file.startswith("presets/")
    given_as = chance.choice(("file", "--configfile")) if is_of_settings else "file"
    return Change(file, given_as, what, {}, Path(file).stem if file.startswith("presets/") else "digits", text)


def _mutate(contents: dict, shipped: Mapping, chance: random.Random) -> str:
    """Change a place of the contents; returns what was done."""
    parent, key, path = chance.choice(_alike(list(_places(contents)), chance))
    where = ".".join(map(str, path))
    action = chance.choice(("set", "set", "set", "delete", "rename", "swap", "add"))
    if action == "set":
        parent[key] = copy.deepcopy(chance.choice(ODD))
        return f"set {where} to {parent[key]!r:.60}"
    if action == "delete":
        del parent[key]
    elif action == "rename" and isinstance(parent, dict):
        name = chance.choice((*NAMES, "x" * 300, "x" * 3000, 1, True, 1.5, f"{key}\n", str(key)[:-1]))
        items = [(name if old == key else old, value) for old, value in parent.items()]
        parent.clear()
        parent.update(items)
        return f"rename {where} to {name!r:.60}"
    elif action == "swap":
        other, other_key, other_path = chance.choice([*_places(shipped[chance.choice(FILES)])])
        parent[key] = copy.deepcopy(other[other_key])
        return f"set {where} to what is at {'.'.join(map(str, other_path))}"
    elif isinstance(parent, list):
        parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(chance.choice((*ODD, parent[key]))))
    else:
        parent[chance.choice((*NAMES, "figure", "table", "times", "inputs", 1))] = copy.deepcopy(
            chance.choice((*ODD, parent[key]))
        )
    return f"{action} at {where}"


def _alike(places: list[tuple], chance: random.Random) -> list[tuple]:
    """All places, or those of one key at one depth, so that keys which few claims or curves have are met as often."""
    if chance.random() < 0.5:
        return places
    depth, key = chance.choice(sorted({(len(path), str(path[-1])) for *_, path in places if len(path) > 1}))
    return [place for place in places if (len(place[2]), str(place[2][-1])) == (depth, key)]


def _places(contents: object, path: tuple = ()) -> Iterator[tuple]:
    """Every place of a tree: what holds it, its key there, and the path to it."""
    items = (
        contents.items() if isinstance(contents, dict) else enumerate(contents) if isinstance(contents, list) else ()
    )
    for key, value in items:
        yield contents, key, (*path, key)
        yield from _places(value, (*path, key))


def outcome(change: Change, folder: Path) -> str:
    """What becomes of a change: "refused: ..." or "plans"; raises whatever else happens."""
    given: dict = {"preset": change.preset}
    given |= {"recipes": {"extended": {"extends": "regnet"}}} if change.file == RECIPES else {}
    given |= change.settings if change.given_as == "--config" else {}
    file, is_given = folder / change.file, change.given_as == "--configfile"
    if is_given:
        file = folder / GIVEN
        file.write_bytes(change.written(change.settings))
    elif change.given_as == "file":
        file.write_bytes(change.written(change.contents))
    try:
        with _time_limit():
            plan_in_process(load(given, folder, [file] if is_given else []))
    except ConfigError as error:
        message = str(error)
        assert len(message.splitlines()) == 1 and len(message) <= LONGEST, f"not one short line: {message}"
        return f"refused: {message}"
    finally:
        (folder / change.file).write_bytes((CONFIG / change.file).read_bytes())
    return "plans"


def check_with_engine(change: Change) -> None:
    """Let the engine plan all jobs with the settings of a change that plans; raises AssertionError if it does not."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "given.yaml")
        file.write_bytes(change.written({"preset": change.preset} | change.settings))
        command = [sys.executable, "-m", "snakemake", "-n", "-q", "--cores", "1", "--directory", folder]
        done = subprocess.run(
            [*command, "--configfile", str(file)], cwd=CONFIG.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"the engine does not plan it: {(done.stdout + done.stderr)[-300:]}"


@contextmanager
def _time_limit() -> Iterator[None]:
    """Hangs after too many seconds of the processor, so that a busy machine is no failure."""

    def stop(*_: object) -> None:
        raise Hangs(f"more than {SECONDS} seconds of the processor")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def copied_configuration() -> Iterator[Path]:
    """A folder with the configuration that ships, to be changed."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (*FILES, RECIPES, *(str(path.relative_to(CONFIG)) for path in (CONFIG / "schemas").iterdir())):
            copied = Path(folder, "config", file)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes((CONFIG / file).read_bytes())
        Path(folder, "config", "published").symlink_to(CONFIG / "published")
        yield Path(folder, "config")


def fuzz(count: int, seed: int, with_engine: int = 0) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Try changes: how many were refused and how many plan, and by fault the changes that ended in it.

    The first `with_engine` of those that plan, and are given on the command line, are planned by the engine too.
    """
    counts, faults = {"refused": 0, "plans": 0}, {}
    with copied_configuration() as folder:
        for change in changes(count, seed):
            try:
                ended = outcome(change, folder).split(":")[0]
                if ended == "plans" and change.given_as != "file" and with_engine:
                    with_engine -= 1
                    check_with_engine(change)
                counts[ended] += 1
            except (Exception, Hangs) as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                fault = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {error}"[:200]
                faults.setdefault(fault, []).append(f"{change.given_as} {change.file} ({change.preset}): {change.what}")
    return counts, faults


def main() -> None:
    """Fuzz as the command line says; ends with an error if there are faults."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--with-engine", type=int, default=0, help="changes that snakemake -n plans too, seconds each")
    options = parser.parse_args()
    counts, faults = fuzz(options.count, options.seed, options.with_engine)
    for fault, examples in faults.items():
        print(f"{fault}\n  {len(examples)} times, such as: {examples[0]}")
    print(f"{counts['refused']} refused, {counts['plans']} plan, {sum(map(len, faults.values()))} end otherwise")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
