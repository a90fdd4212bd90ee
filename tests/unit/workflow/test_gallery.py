"""The runs that the gallery keeps: the workflow still finds them, so that its figures are drawn without training."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.training.run_table import restore_runs
from netspaces.workflow.preview import Store, population_so_far

DOCS = Path(__file__).parents[3] / "docs"
TABLE = DOCS / "gallery" / "cifar10_cpu" / "runs.parquet"
OF_DIGITS = DOCS / "gallery" / "digits_runs.parquet"
PRESET = load({"preset": "cifar10_cpu"}, CONFIG)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A store of these runs."""
    folder = tmp_path_factory.mktemp("gallery")
    restored = restore_runs(folder, TABLE, {"dataset": PRESET.settings["dataset"]})
    page = (DOCS / "explanation/cifar10_cpu.md").read_text(encoding="utf-8")
    said = re.search(r"`docs/gallery/cifar10_cpu/runs.parquet`:\s([\d,]+) runs", page)
    assert said and restored.written == int(said[1].replace(",", ""))
    return folder


def test_the_first_networks_of_anynetx_a_are_found_with_their_errors(results):
    population = PRESET.populations["AnyNetX_A-base-short"]
    table = population_so_far(population, Store.at(results))
    assert (table["status"] == "finished").sum() >= 32 and table["error_min"].dropna().between(20, 90).all()


def test_as_many_runs_of_digits_are_kept_as_the_gallery_says():
    page = (DOCS / "gallery" / "README.md").read_text(encoding="utf-8")
    said = re.search(r"\[([\d,]+) runs\]\(digits_runs.parquet\)", page)
    assert said and pd.read_parquet(OF_DIGITS, columns=["key"])["key"].count() == int(said[1].replace(",", ""))


@pytest.mark.parametrize("table", [TABLE, OF_DIGITS], ids=lambda path: path.stem)
def test_they_say_nothing_of_the_machine_that_prepared_the_images(table):
    texts = pd.read_parquet(table, columns=["key", "text"])
    metas = [json.loads(text) for text in texts.loc[texts["key"].isna(), "text"]]
    assert metas and not any({"settings", "code"} & set(meta) for meta in metas)
    assert not texts["text"].str.contains('"/').any()  # as a path from the root of a file system would begin


def test_they_are_small():
    assert TABLE.stat().st_size < 5e6 and OF_DIGITS.stat().st_size < 2e6
