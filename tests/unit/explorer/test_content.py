"""What a page knows: every run, its measures, the bands of our statistics, errors per epoch, what to look at."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.explored import curves, settings, stated, write_tables
from helpers.invented import curve
from helpers.small_runs import ARCHITECTURE, COMPLEXITY, RECIPE, make_dataset
from netspaces.explorer.content import page_content, views
from netspaces.explorer.networks import errors_by_epoch
from netspaces.populations.table import write_population
from netspaces.statistics.edf import edf
from netspaces.training.train import train_network

IMPORTED = pd.DataFrame(
    {
        "population": "Theirs-imported-csv",
        "index": [0, 1, 2],
        "status": ["finished", "missing", "diverged"],
        "error_min": [5.0, None, 90.0],
        "metric": ["error_min = top1"] * 3,
        "reason": [None, "crashed", None],
        "layers": [4, 5, 6],
    }
)


@pytest.fixture(scope="module")
def content(tmp_path_factory) -> dict:
    shown = curves()
    return page_content(settings(shown), write_tables(tmp_path_factory.mktemp("tables"), shown))


def test_every_run_is_there_and_what_is_missing_is_counted(content):
    assert content["n"] == 24 + 24 + 20
    counts = [(one["n"], one["planned"], one["diverged"]) for one in content["populations"]]
    assert counts == [(24, 24, 3), (24, 24, 0), (20, 24, 1)]


def test_bands_are_those_of_the_statistics(content):
    for of, said in zip(curves(), content["populations"], strict=True):
        distribution = edf(of.errors, 0.95)
        assert said["half_width"] == distribution.half_width and said["mean"] == distribution.mean


def test_views_are_studies_and_their_panels():
    first, second = curves()[:2]
    studies = settings([first, second])["studies"]
    whole = views(settings(curves())["studies"], [of.population for of in curves()])[0]
    assert [one["label"] for one in whole["series"]] == [of.label for of in curves()]
    found = views(studies, [first.population, second.population])
    assert [(view["title"], view["panel"]) for view in found] == [
        ("Mine & theirs", ""),
        *(("Mine & theirs", p) for p in ("spaces", "two")),
    ]
    assert found[0]["series"] == [{"label": of.label, "population": place} for place, of in enumerate([first, second])]
    several = views([*studies, {"name": "none", "title": "None", "panels": {}}], [first.population, second.population])
    assert several[-1]["title"] == "All populations" and len(several[-1]["series"]) == 2


def test_labels_of_a_view_are_distinct():
    shown = [
        curve("RegNetX"),
        curve("RegNetX", recipe="long"),
        curve("RegNetX", regime="doubled", repeat=1),
        curve("RegNetX", regime="doubled"),
    ]
    study = {"name": "mine", "title": "Mine", "panels": {"a": [stated(of) for of in shown]}}
    labels = [one["label"] for one in views([study], [of.population for of in shown])[0]["series"]]
    assert labels[:2] == ["RegNetX, base, short", "RegNetX, base, long"]
    assert labels[2:] == ["RegNetX-doubled-short-r1", "RegNetX-doubled-short"]


def test_imported_populations_say_what_became_of_their_rows(tmp_path):
    path = tmp_path / "Theirs-imported-csv.parquet"
    write_population(IMPORTED, path, path.with_suffix(".csv"))
    found = page_content(settings([]), {path.stem: path})
    assert found["n"] == 2 and found["structure"] == {} and found["by_epoch"] is None
    assert found["populations"][0]["origin"].startswith("3 rows: 1 finished, 1 diverged, 1 missing (crashed: 1)")
    assert [measure["name"] for measure in found["measures"]] == ["error", "layers"]


def test_a_population_without_runs_and_none_at_all_make_a_page(tmp_path):
    empty = curve("RegNetX", n=0, planned=24)
    table = curve("RegNetX").table.assign(population=empty.population, status="missing", error=None, error_min=None)
    path = tmp_path / f"{empty.population}.parquet"
    write_population(table.astype({"error": float, "error_min": float}), path, path.with_suffix(".csv"))
    found = page_content(settings([empty]), {empty.population: path})
    assert found["n"] == 0 and found["measures"] == [] and found["populations"][0]["planned"] == 24
    assert page_content(settings([]) | {"studies": []}, {})["n"] == 0


def test_an_error_that_runs_do_not_have_is_refused(tmp_path):
    shown = [replace(of, table=of.table.assign(error_selected=np.nan)) for of in curves()]
    tables = write_tables(tmp_path, shown)
    told = settings(shown, statistics={"error": "error_selected", "level": 0.95})
    with pytest.raises(ValueError, match="error is error_selected, but runs of AnyNetX_A-base-short have none"):
        page_content(told, tables)


def test_errors_per_epoch_are_those_of_records(tmp_path, capsys):
    record = train_network(ARCHITECTURE, COMPLEXITY, RECIPE, 0, make_dataset(), tmp_path)
    (tmp_path / "damaged.json").write_text("{")
    (found, none, nothing, damaged) = errors_by_epoch([record["key"], "other", None, "damaged"], tmp_path)
    assert found == [round(epoch["test_error"], 2) for epoch in record["epochs"]] and len(found) == 3
    assert none is nothing is damaged is None and "left out" in capsys.readouterr().out
    assert errors_by_epoch([record["key"]], None) == [None]
