"""Foreign files with something changed at random: each is read, every row of it, or refused in one line."""

import json
import random
from pathlib import Path

import pytest
from netspaces.populations.columns import MISSING
from netspaces.populations.imported import read_population
from netspaces.populations.imported_files import ImportFileError

FILES = Path(__file__).parents[2] / "imports"
VALUES = [None, True, -1, 0, 1.5, 1e400, float("nan"), 10**400, "x", "", "NaN", [], {}, [None], [[1]], {"a": 1}]
TOKENS = [
    "nan",
    "inf",
    '"',
    "\n",
    "\r",
    ",",
    ";",
    "\0",
    "é",
    "0.5",
    "-",
    "1e400",
    "%",
    "crashed",
    "diverged",
    "9" * 400,
]
TABLE = "net,error,error_min,epochs,seconds,depth,params,status\n" + "".join(
    f'a{i},{30 + i}.5,{20 + i},100,{i}.25,{i + 3},"1,234,{100 + i}",finished\n' for i in range(6)
)


def mutated(content: object, rng: random.Random) -> object:
    """The content with one value deep inside deleted, replaced or doubled."""
    if not isinstance(content, dict | list) or not content or rng.random() < 0.1:
        return rng.choice(VALUES)
    key = rng.choice(list(content)) if isinstance(content, dict) else rng.randrange(len(content))
    what = rng.random()
    if what < 0.1:
        del content[key]
    elif what < 0.2 and isinstance(content, list):
        content.append(content[key])
    else:
        content[key] = rng.choice(VALUES) if what < 0.4 else mutated(content[key], rng)
    return content


def check(path: Path, form: str, rng: random.Random, rows: int | None) -> None:
    """The file is read, and its rows are there and as they should be, or refused in one line that names it."""
    said = {"classes": 10} if rng.random() < 0.5 else {}
    try:
        made = read_population("x", {"format": form, "file": str(path), **said})
    except ImportFileError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        return
    assert rows is None or len(made) == rows
    assert (made["error_min"].isna() == (made["status"] == MISSING)).all()
    assert made["error"].dropna().between(0, 100).all()
    made.to_parquet(path.with_suffix(".parquet"))


@pytest.mark.parametrize(("name", "form"), [("nds_resnext", "nds"), ("nds_reruns", "nds"), ("sweep", "pycls")])
def test_mutations_of_json(name, form, tmp_path):
    rng, path = random.Random(name), tmp_path / "theirs.json"
    for _ in range(30):
        content = mutated(json.loads((FILES / f"{name}.json").read_text(encoding="utf-8")), rng)
        path.write_text(json.dumps(content), encoding="utf-8")
        check(path, form, rng, len(content) if isinstance(content, list) else None)


def test_mutations_of_tables(tmp_path):
    rng, path = random.Random("tables"), tmp_path / "theirs.csv"
    for _ in range(100):
        text = list(TABLE)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(text))
            text[at : at + rng.randrange(2)] = rng.choice([[], [rng.choice(TOKENS)]])
        path.write_text("".join(text), encoding="utf-8", newline="")
        check(path, "csv", rng, None)
