"""Every file that the workflow reads back: a flipped bit of any kind of file is found or harmless, and none is used.

`FLIPS=1000 python -m pytest tests/unit/workflow/test_verify.py -k flips` tries 1,000 bits instead of some.
"""

import os
import random
import runpy
import shutil
import stat
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from helpers.small_results import POPULATION, make_results
from netspaces.data.datasets import Dataset
from netspaces.files.safe import OneLineError, read_json, write_json
from netspaces.files.tables import write_csv
from netspaces.workflow.verify import KINDS, verify

FLIPS = int(os.environ.get("FLIPS", 150))
SCRIPT = Path(__file__).parents[3] / "scripts" / "verify.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A small finished folder; tests put back what they change."""
    return make_results(tmp_path_factory.mktemp("results"))


@pytest.fixture
def copy(results, tmp_path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(results, tmp_path / "results"))


def same(one: object, other: object) -> bool:
    """Whether two answers of a reader say the same."""
    if isinstance(one, pd.DataFrame):
        return isinstance(other, pd.DataFrame) and one.equals(other)
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, Dataset):
        return same(vars(one), vars(other))
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return same(vars(one), vars(other)) if hasattr(one, "__dict__") else bool(one == other)


def files_with_readers(results: Path) -> list[tuple[Path, Path, object]]:
    """Every file that is read: the one that is damaged, the one that its reader is given, the reader's kind."""
    read = [(path, path, kind) for kind in KINDS for path in kind.files(results)]
    beside = [(Path(f"{path}.sha256"), path, kind) for path, _, kind in read if path.suffix == ".csv"]
    arrays = [(path, meta, kind) for meta, _, kind in read for path in meta.parent.glob("*.npy")]
    return [*read, *beside, *arrays]


def test_flips_of_bits_are_found_or_harmless_and_none_is_used(results):
    candidates = files_with_readers(results)
    by_kind = {kind.name: [entry for entry in candidates if entry[2] is kind] for kind in KINDS}
    assert all(by_kind.values())  # the folder has files of every kind
    chance, tried, found = random.Random(0), Counter(), Counter()
    for flip in range(FLIPS):
        name = list(by_kind)[flip % len(by_kind)]
        damaged, given, kind = chance.choice(by_kind[name])
        content = damaged.read_bytes()
        bit = chance.randrange(8 * len(content))
        before = kind.read(given)
        wrong = bytearray(content)
        wrong[bit // 8] ^= 1 << bit % 8
        damaged.write_bytes(wrong)
        tried[name] += 1
        try:
            after = kind.read(given)
        except (ValueError, OSError) as error:
            assert "\n" not in str(error) and (given.name in str(error) or damaged.name in str(error)), (damaged, bit)
            found[name] += 1
        else:
            assert same(before, after), (damaged, bit)
        finally:
            damaged.write_bytes(content)
    print("; ".join(f"{name}: {found[name]} of {n} found" for name, n in tried.items()))
    assert sum(found.values()) > 0.8 * FLIPS
    assert verify(results).damaged == []


@pytest.mark.parametrize("wrong", ["empty", "cut", "a folder", "nested", "of another kind"])
def test_a_file_that_is_not_what_was_written_is_one_line(copy, wrong):
    files = [kind.files(copy)[0] for kind in KINDS]
    for path, other in zip(files, [*files[1:], files[0]], strict=True):
        content = path.read_bytes()
        if wrong == "a folder":
            path.unlink()
            path.mkdir()
        else:
            foreign = other.read_bytes() if wrong == "of another kind" else b"[" * 200_000
            path.write_bytes({"empty": b"", "cut": content[: len(content) // 2]}.get(wrong, foreign))
        said = verify(copy).damaged
        generic = wrong == "of another kind" and path.suffix == other.suffix == ".json"
        assert len(said) == 1 or generic, (path, said)
        assert all(str(path.parent) in line and "\n" not in line for line in said)
        if wrong == "a folder":
            path.rmdir()
        path.write_bytes(content)


@pytest.mark.parametrize("wrong", ["a socket", "a link to itself"])
def test_what_is_no_regular_file_is_damaged_for_the_reader_of_each_kind(copy, wrong):
    for kind in KINDS:
        path = kind.files(copy)[0]
        path.unlink()
        if wrong == "a socket":
            os.mknod(path, stat.S_IFSOCK | 0o600)
        else:
            path.symlink_to(path.name)
        with pytest.raises(OneLineError, match="no regular file" if wrong == "a socket" else "leads to itself"):
            kind.read(path)


OTHER = "AnyNetX_A-base-short"


@pytest.mark.parametrize(
    "file, why",
    [
        (f"populations/{POPULATION}.parquet", f"it is of population {POPULATION}, expected {OTHER}"),
        (f"populations/{POPULATION}.csv", f"by {OTHER}.csv.sha256 it is {POPULATION}.csv"),
        (f"sampled/{POPULATION}.csv", f"by {OTHER}.csv.sha256 it is {POPULATION}.csv"),
        (f"times/{POPULATION}.csv", f"by {OTHER}.csv.sha256 it is {POPULATION}.csv"),
        (f"finals/{POPULATION}.csv", f"by {OTHER}.csv.sha256 it is {POPULATION}.csv"),
        (f"acceptance/{POPULATION}.json", f"it is of population {POPULATION}, expected {OTHER}"),
        (f"selected/{POPULATION}.json", f"it is of population {POPULATION}, expected {OTHER}"),
        (f"trained/{POPULATION}/00000.json", f"population is '{POPULATION}', expected '{OTHER}'"),
        ("evaluation/ResNet-50.json", f"it is of model ResNet-50, expected {OTHER}"),
    ],
)
def test_a_whole_file_of_another_population_is_damaged(copy, file, why):
    path = copy / file.replace(POPULATION, OTHER).replace("ResNet-50", OTHER)
    path.parent.mkdir(exist_ok=True)
    for suffix in ("", ".sha256"):
        if Path(f"{copy / file}{suffix}").exists():
            shutil.copy(f"{copy / file}{suffix}", f"{path}{suffix}")
    (said,) = verify(copy).damaged
    assert said.startswith(f"{path} is damaged ({why}")


def test_a_table_of_another_population_is_damaged_though_its_digest_was_made_anew(copy):
    path = copy / "populations" / f"{OTHER}.csv"
    write_csv(path, pd.read_csv(copy / "populations" / f"{POPULATION}.csv"))
    (said,) = verify(copy).damaged
    assert said.startswith(f"{path} is damaged (it is of population {POPULATION}, expected {OTHER})")


def test_files_within_a_population_cannot_change_places(copy):
    shutil.copy(copy / "trained" / POPULATION / "00001.json", copy / "trained" / POPULATION / "00000.json")
    shutil.copy(copy / "finals" / POPULATION / "0.json", copy / "finals" / POPULATION / "1.json")
    trained, final = verify(copy).damaged
    assert "/00000.json is damaged (it holds network 1, expected those of job 00000)" in trained
    assert "/1.json is damaged (it is the same run as " in final and "remove both and run again" in final


def test_acceptance_of_an_earlier_version_says_no_population_and_is_read(copy):
    path = copy / "acceptance" / f"{POPULATION}.json"
    former = read_json(path, "acceptance")
    write_json(path, {key: value for key, value in former.items() if key != "population"})
    assert former["population"] == POPULATION and not verify(copy).damaged


def test_every_dataset_that_was_prepared_is_read_whatever_its_name(copy):
    shutil.copytree(copy / "dataset", copy / "third_dataset")
    (copy / "third_dataset" / "test_labels.npy").write_bytes(b"")
    (said,) = verify(copy).damaged
    assert said.startswith(f"{copy / 'third_dataset' / 'test_labels.npy'} is damaged")


def run_script(results: Path, log: Path) -> None:
    snakemake = SimpleNamespace(params=SimpleNamespace(results=str(results)), log=[log], config={})
    runpy.run_path(str(SCRIPT), {"snakemake": snakemake})


def test_the_target_counts_what_it_read_names_what_is_damaged_and_fails_then(copy, tmp_path, capfd):
    run_script(copy, tmp_path / "log")
    said = capfd.readouterr().out
    assert "2 run records" in said and "files read, 0 of them damaged" in said
    (copy / "sampled" / f"{POPULATION}.csv").write_text("index\n")
    (copy / "cost.json").write_text("{")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit):
        run_script(copy, tmp_path / "log")
    out, err = capfd.readouterr()
    assert "2 of them damaged" in out and out.splitlines()[0].startswith(f"{copy}/sampled/{POPULATION}.csv is damaged")
    assert err.startswith("error: 2 files in")
    assert before == {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
