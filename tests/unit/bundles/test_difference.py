"""The difference of two results: a line per finding, and the exit status of diff."""

import runpy
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from helpers.passed_on import OTHER, POPULATION, TOLD, make_results, results_of
from netspaces.bundles.contents import write_bundle
from netspaces.bundles.difference import DIFFERENT, SAME, TROUBLE, difference, main, ranges
from netspaces.bundles.opened import open_results
from netspaces.files.tables import write_parquet
from netspaces.training.run_table import save_runs


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    return make_results(tmp_path_factory.mktemp("first") / "a")


def bundle_of(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    write_bundle(path, results_of(folder), TOLD)
    return path


def findings(one: Path, other: Path) -> list[str]:
    return difference(open_results(one), open_results(other))


def test_a_bundle_is_no_different_from_what_was_packed(first):
    assert findings(first, bundle_of(first)) == findings(bundle_of(first), first) == []


def test_other_errors_of_equal_inputs_are_named(first, tmp_path):
    other = make_results(tmp_path / "b", errors=(9.0, 8.75, 12.25))
    changed = f"{POPULATION} 1: finished, error 8.5 %, error_min 8.5 % in the first, "
    changed += "finished, error 8.75 %, error_min 8.75 % in the second, though their inputs are the same"
    assert findings(first, bundle_of(other)) == [changed.replace(POPULATION, OTHER), changed]


def test_other_recipes_are_named_as_the_reason(first, tmp_path):
    other = make_results(tmp_path / "b", errors=(9.0, 8.5, 12.0), recipe={"weight_decay": 0.5})
    found = findings(first, other)
    assert len(found) == 2 and all(
        line.endswith(", from another recipe.weight_decay") and "12.25 %" in line for line in found
    )


def test_a_status_is_a_finding_too(first, tmp_path):
    other = make_results(tmp_path / "b", errors=(9.0, 8.5, 12.25, 90.0))
    found = findings(first, other)
    assert found[0] == f"only in {other}: {OTHER}, networks 4"
    assert found[1].startswith(f"{OTHER} 3: diverged") and "finished, " in found[1]


def test_networks_that_only_one_has_and_other_networks_under_the_same_number(first, tmp_path):
    grown = make_results(tmp_path / "grown", errors=(9.0, 8.5, 12.25, 7.0, 7.5), names=(POPULATION,))
    found = findings(first, grown)
    assert found[0] == f"only in {first}: population {OTHER} of 4 networks"
    assert found[1] == f"only in {grown}: {POPULATION}, networks 4-5"
    others = make_results(tmp_path / "others", seed=1)
    assert findings(first, others)[0] == f"{OTHER}: networks 0-3 are others in {others} than in {first}"


def test_claims_with_another_verdict_or_in_one_only(first, tmp_path):
    verdicts = {"wider_is_better": "contradicted", "new": "confirmed"}
    other = bundle_of(make_results(tmp_path / "b", verdicts=verdicts))
    assert findings(first, other) == [
        f"only in {other}: claim new, confirmed (1.5 [0.5, 2.5])",
        "claim wider_is_better: undecided (1.5 [0.5, 2.5]) in the first, contradicted (1.5 [0.5, 2.5]) in the second",
    ]


def test_stores_are_compared_by_the_keys_of_runs(first, tmp_path):
    store = Path(shutil.copytree(first / "runs", tmp_path / "runs"))
    save_runs(first, tmp_path / "runs.parquet")
    assert findings(store, tmp_path / "runs.parquet") == findings(store, bundle_of(first)) == []
    gone = sorted(store.glob("*.json"))[0]
    gone.unlink()
    (found,) = findings(first, store)
    assert found.startswith(f"only in {first}: run {gone.stem}, ")
    other = make_results(tmp_path / "b", errors=(9.0, 8.5, 12.0))
    assert len([line for line in findings(first / "runs", other / "runs") if "though its inputs are the same" in line])


def test_it_exits_as_diff_does(first, tmp_path, capsys):
    other = make_results(tmp_path / "b", verdicts={"wider_is_better": "confirmed"})
    assert main([str(first), str(first)]) == SAME
    assert main([str(first), str(other)]) == DIFFERENT
    assert main([str(first), str(tmp_path / "none")]) == TROUBLE
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "the same networks, errors and verdicts" and said[1].startswith("claim wider_is_better: ")
    assert (
        said[2].startswith(f"error: {tmp_path / 'none'}: there is no such file, expected a bundle") and len(said) == 3
    )


@pytest.mark.parametrize("name", ["empty", "text.txt", "x.parquet"])
def test_what_is_none_of_these_is_refused(first, tmp_path, name, capsys):
    (tmp_path / "empty").mkdir()
    for file in ("text.txt", "x.parquet"):
        (tmp_path / file).write_text("nothing")
    assert main([str(first), str(tmp_path / name)]) == TROUBLE
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("error: ") and name in line


def test_it_is_a_command(first, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["difference", str(first), str(first)])
    monkeypatch.delitem(sys.modules, "netspaces.bundles.difference")  # else it would be run twice, with a warning
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("netspaces.bundles.difference", run_name="__main__")
    assert ended.value.code == SAME


def test_ranges_of_numbers():
    assert ranges([]) == "" and ranges([3]) == "3" and ranges([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"


@pytest.mark.parametrize("content", [b"", b"a,b\n1\n1,2,3\n", b"\xff\xfe\x00"])
def test_a_table_of_others_that_cannot_be_read_is_one_line(first, tmp_path, capsys, content):
    other = shutil.copytree(first, tmp_path / "other")
    (other / "tables").mkdir(exist_ok=True)
    (other / "tables" / "mine.csv").write_bytes(content)
    assert main([str(first), str(other)]) == TROUBLE
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"error: {other}: mine.csv is damaged (it is no CSV (")


def test_claims_of_words_instead_of_numbers_are_one_line(first, tmp_path, capsys):
    other = shutil.copytree(first, tmp_path / "other")
    (other / "tables").mkdir(exist_ok=True)
    (other / "tables" / "mine.csv").write_text("name,verdict,estimate,low,high\na,confirmed,much,1,2\n", "utf-8")
    assert main([str(first), str(other)]) == TROUBLE
    assert "its column estimate holds text, expected numbers" in capsys.readouterr().out


def test_a_population_without_what_networks_are_compared_by_is_one_line(first, tmp_path, capsys):
    other = shutil.copytree(first, tmp_path / "other")
    file = other / "populations" / f"{POPULATION}.parquet"
    write_parquet(file, pd.read_parquet(file).drop(columns=["architecture", "error"]))
    assert main([str(first), str(other)]) == TROUBLE
    (line,) = capsys.readouterr().out.splitlines()
    why = "it has no column architecture, by which networks are compared"
    assert line == f"error: {other}: {POPULATION}.parquet is damaged ({why})"


def test_folders_that_hold_nothing_are_not_the_same_results(tmp_path, capsys):
    (tmp_path / "populations").mkdir()
    assert main([str(tmp_path), str(tmp_path)]) == TROUBLE
    assert "holds neither populations nor runs, expected a bundle" in capsys.readouterr().out
