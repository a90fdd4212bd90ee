"""Names of the workflow's files."""

import re

import pytest
from netspaces.workflow.paths import JOB_PATTERN, POPULATION_PATTERN, Paths, is_fetched_or_small

PATHS = Paths("results/mine")


def test_populations_figures_and_tables_have_a_file_per_format():
    assert PATHS.populations(["A", "B"]) == ["results/mine/populations/A.parquet", "results/mine/populations/B.parquet"]
    assert PATHS.populations(["A"], ["parquet", "csv"])[1] == "results/mine/populations/A.csv"
    figure, table = (PATHS.studies(kind, ["x"]) for kind in ("figure", "table"))
    assert figure == [f"results/mine/figures/x.{format}" for format in ("svg", "pdf", "png", "csv")]
    assert table == [f"results/mine/tables/x.{format}" for format in ("html", "csv", "md", "tex")]


def test_limits_count_once_they_are_there(tmp_path):
    paths = Paths(str(tmp_path))
    assert paths.limits_if_there is None
    (tmp_path / "limits.json").write_text("{}")
    assert paths.limits_if_there == paths.limits == f"{tmp_path}/limits.json"


@pytest.mark.parametrize("name", ["RegNetX-base-short", "AnyNetX_A-sweep_3-second_data-r2"])
def test_names_of_own_populations(name):
    assert re.fullmatch(POPULATION_PATTERN, name)


@pytest.mark.parametrize("name", ["ResNeXt-imported-nds", "RegNetX-base", "a/b-base-short"])
def test_names_of_other_populations(name):
    assert not re.fullmatch(POPULATION_PATTERN, name)


@pytest.mark.parametrize("name, fits", [("00012", True), ("00000-00039_3of8", True), ("12", False), ("x", False)])
def test_names_of_jobs(name, fits):
    assert bool(re.fullmatch(JOB_PATTERN, name)) == fits


@pytest.mark.parametrize(
    "dataset, local",
    [({}, True), ({"folder": "images"}, False), ({"folder": "images", "download": True}, True)],
)
def test_only_what_lies_in_a_folder_already_is_prepared_on_the_cluster(dataset, local):
    assert is_fetched_or_small(dataset) == local
