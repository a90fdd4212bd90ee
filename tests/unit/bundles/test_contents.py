"""Bundles: complete, described as RO-Crates are, the same bytes every time, and read back as they were."""

import json
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
import yaml
from helpers.passed_on import OTHER, POPULATION, TOLD, make_results, results_of
from netspaces.bundles.columns import PER_STAGE, meanings
from netspaces.bundles.contents import write_bundle
from netspaces.bundles.crate import METADATA
from netspaces.files.archive import SUMS, read_archive
from netspaces.files.safe import OneLineError
from netspaces.files.tables import write_parquet
from netspaces.populations.imported import read_population
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.table import read_collected
from netspaces.training.run_table import Restored, restore_runs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_results(tmp_path_factory.mktemp("made") / "results")


@pytest.fixture(scope="module")
def bundle(folder):
    path = folder.parent / "tiny.bundle.zip"
    write_bundle(path, results_of(folder), TOLD)
    return path


@pytest.fixture(scope="module")
def contents(bundle):
    return read_archive(bundle, "a bundle")


# ---- What is in it ---------------------------------------------------------------------------------------------------


def test_it_holds_all_that_there_is(folder, contents):
    expected = {"README.md", METADATA, "configuration.yaml", "runs.parquet"}
    expected |= {"environment/requirements.txt", "environment/installed.txt"}
    expected |= {f"populations/{name}.parquet" for name in (POPULATION, OTHER)}
    expected |= {"figures/fig09_regnet.svg", "tables/paper_against_ours.csv"}
    assert set(contents) == expected
    for name in expected & {path.relative_to(folder).as_posix() for path in folder.rglob("*")}:
        assert contents[name] == (folder / name).read_bytes()
    assert yaml.safe_load(contents["configuration.yaml"]) == TOLD["configuration"]
    assert f"\npandas=={pd.__version__}\n" in contents["environment/installed.txt"].decode()


def test_the_same_results_give_the_same_bytes(folder, bundle, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    write_bundle(tmp_path / "again.zip", results_of(tmp_path / "copy"), TOLD)
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_it_says_the_day_of_its_newest_run_where_none_is_stated(folder, tmp_path):
    said = write_bundle(tmp_path / "x.zip", results_of(folder), TOLD | {"stated": {}})
    assert re.search(r"Published \d{4}-\d\d-\d\d\.", read_archive(tmp_path / "x.zip", "")["README.md"].decode())
    assert "2 populations of 8 networks, 10 files, no licence stated" in said


def test_it_is_an_ro_crate(contents):
    """https://w3id.org/ro/crate/1.1: what a crate, its descriptor, its root and its files need to have."""
    crate = json.loads(contents[METADATA])
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"]) and all("@type" in entity for entity in crate["@graph"])
    descriptor = entities[METADATA]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities["./"]
    assert root["@type"] == "Dataset" and root["name"] and root["description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    files = [entities[part["@id"]] for part in root["hasPart"]]
    assert {file["@id"] for file in files} == {*contents, SUMS} - {METADATA}
    for file in files:
        assert file["@type"] == "File" and file["encodingFormat"] and file["description"]
        assert file["@id"] == SUMS or file["contentSize"] == str(len(contents[file["@id"]]))
    assert entities["figures/fig09_regnet.svg"]["name"] == TOLD["titles"]["fig09_regnet"]
    referred = [value["@id"] for entity in crate["@graph"] for value in entity.values() if isinstance(value, dict)]
    assert set(referred) - {"https://w3id.org/ro/crate/1.1"} <= set(entities)
    assert entities[root["license"]["@id"]]["description"]


def test_it_says_what_is_stated(folder, tmp_path):
    stated = {"title": "Ours", "authors": ["A. One", "B. Two"], "licence": "CC-BY-4.0", "published": "2026-12-01"}
    assert "licence CC-BY-4.0" in write_bundle(tmp_path / "x.zip", results_of(folder), TOLD | {"stated": stated})
    contents = read_archive(tmp_path / "x.zip", "a bundle")
    root = next(entity for entity in json.loads(contents[METADATA])["@graph"] if entity["@id"] == "./")
    assert (root["name"], root["datePublished"]) == ("Ours", "2026-12-01")
    assert root["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"} and len(root["author"]) == 2
    card = contents["README.md"].decode()
    assert card.startswith("# Ours\n") and "By A. One, B. Two." in card and "CC-BY-4.0, see https" in card


def test_it_says_which_populations_are_of_others_and_has_no_runs_of_theirs(folder, tmp_path):
    for own in ([OTHER], []):
        write_bundle(tmp_path / "x.zip", replace(results_of(folder), own=own), TOLD)
        contents = read_archive(tmp_path / "x.zip", "a bundle")
        card, theirs = contents["README.md"].decode(), ", ".join(sorted({POPULATION, OTHER} - set(own)))
        assert f"These populations are other people's, and so are their licences: {theirs}." in card
        assert (
            ("- 4 runs of 2 epochs" in card) == ("`test_errors`" in card) == ("runs.parquet" in contents) == bool(own)
        )


def test_the_card_describes_every_population_and_every_column(folder, contents):
    card, known = contents["README.md"].decode(), meanings(results_of(folder).dictionary)
    table = read_collected(folder / "populations" / f"{POPULATION}.parquet")
    assert f"| {POPULATION} | 4 | 3 | 1 | 0 | 8.50 | 10.62 |" in card
    assert "Images: npz, 8x8, 10 classes; 898 train, 899 test" in card
    assert "8 runs of 2 epochs" in card and "No licence is stated" in card
    for column in table:
        name = PER_STAGE.sub(r"\1_1", column)
        line = next(line for line in card.splitlines() if line.startswith(f"- `{name}`"))
        assert line.endswith(known[name]) and "](" not in line
    assert known["flops"].endswith("(multiply-adds)") and known["error_min"].endswith("(%)")


def test_a_damaged_population_is_not_passed_on(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    path = copy / "populations" / f"{POPULATION}.parquet"
    path.write_bytes(path.read_bytes().replace(b"finished", b"finishes"))
    with pytest.raises(OneLineError, match=POPULATION):
        write_bundle(tmp_path / "x.zip", results_of(copy), TOLD)
    assert not (tmp_path / "x.zip").exists()


# ---- Read back -------------------------------------------------------------------------------------------------------


def declared(bundle, **more) -> dict:
    return {"format": "bundle", "file": str(bundle), **more}


@pytest.mark.parametrize("name", [POPULATION, OTHER])
def test_an_imported_population_is_the_one_that_was_packed(folder, bundle, name):
    made = read_population("Theirs-imported-bundle", declared(bundle, population=name))
    before = read_collected(folder / "populations" / f"{name}.parquet")
    assert set(made["population"]) == {"Theirs-imported-bundle"} and set(made["status"]) == {"finished", "diverged"}
    same = [column for column in before if column != "population"]
    pd.testing.assert_frame_equal(made[same], before[same], check_dtype=False)


def test_equal_networks_with_other_sampled_recipes_are_no_duplicates(tmp_path):
    folder = make_results(tmp_path / "results", names=(POPULATION,))
    path = folder / "populations" / f"{POPULATION}.parquet"
    table = read_collected(path)
    write_parquet(path, table.assign(architecture="equal", duplicate_of=pd.array([None, None, 1, None], "Int64")))
    write_bundle(tmp_path / "x.zip", results_of(folder), TOLD)
    made = read_population("x", declared(tmp_path / "x.zip"))  # the only one needs no name
    assert made["duplicate_of"].fillna(-1).tolist() == [-1, -1, 1, -1]


def test_the_store_is_restored_from_it(folder, contents, tmp_path):
    (tmp_path / "runs.parquet").write_bytes(contents["runs.parquet"])
    assert restore_runs(tmp_path / "other", tmp_path / "runs.parquet") == Restored(written=8, there=0)
    for kind in ("runs/*.json", "dataset/meta.json"):
        for file in folder.glob(kind):
            assert (tmp_path / "other" / file.relative_to(folder)).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, f"several populations, expected population: with one of {OTHER}, {POPULATION}"),
        ({"population": "RegNet"}, "no population 'RegNet', expected population: with one of"),
        ({"population": POPULATION, "columns": {"error": "err"}}, "got columns for a bundle"),
        ({"population": POPULATION, "metric": "error"}, "format bundle has no key 'metric', expected population"),
    ],
)
def test_a_wrong_declaration_is_refused_in_one_line(bundle, more, expected):
    with pytest.raises(ImportFileError) as error:
        read_population("x", declared(bundle, **more))
    assert expected in str(error.value) and "\n" not in str(error.value)


def test_a_bundle_that_was_changed_is_refused(bundle, tmp_path):
    content = bundle.read_bytes()
    at = content.index(b"PAR1") + 200
    (tmp_path / "x.zip").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(ImportFileError, match=r"x\.zip: damaged \(.*expected a bundle"):
        read_population("x", declared(tmp_path / "x.zip", population=OTHER))
