"""What a run says at its end: verdicts counted, the best network, the time of trainings."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.files.tables import write_csv, write_parquet
from netspaces.workflow.outcome import claims_line, networks_lines, say_outcome
from netspaces.workflow.paths import Paths

ROWS = [("A", 0, "finished", 60.0, 8.5), ("A", 1, "diverged", 30.0, 90.0), ("A", 2, "missing", None, None)]


def population(folder: Path, name: str, rows=ROWS) -> str:
    path = folder / f"{name}.parquet"
    table = pd.DataFrame(rows, columns=["population", "index", "status", "seconds", "error_min"])
    write_parquet(path, table.assign(population=name))
    return str(path)


@pytest.fixture
def claims(tmp_path) -> Path:
    verdicts = ["confirmed"] * 2 + ["undecided", "contradicted", "no runs"]
    write_csv(tmp_path / "paper_against_ours.csv", pd.DataFrame({"verdict": verdicts}))
    return tmp_path / "paper_against_ours.csv"


def test_verdicts_are_counted_in_their_order(claims):
    assert claims_line(claims).startswith("claims: 2 confirmed, 1 contradicted, 1 undecided, 1 no runs; see ")


def test_the_best_network_and_the_time_of_all_trainings(tmp_path):
    better = [("B", 3, "finished", 30.0, 7.25)]
    lines = networks_lines([population(tmp_path, "A"), population(tmp_path, "B", better)], "error_min")
    assert lines == [
        "best network: number 3 of B, error 7.25 %",
        "trainings: 3 of 4 networks, 1 diverged; together they took 2 min",
    ]
    assert networks_lines([population(tmp_path, "C", ROWS[2:])], "error_min") == networks_lines([], "error_min") == []


def test_it_is_said_where_the_claims_were_asked_for_and_what_is_damaged_is_not(tmp_path, claims, monkeypatch):
    configuration = load({"run_studies": ["fig02_anynet_statistics"]}, CONFIG)
    paths = Paths(str(tmp_path))
    (tmp_path / "tables").mkdir()
    table = claims.rename(tmp_path / "tables" / claims.name)
    (tmp_path / "populations").mkdir()
    said: list[str] = []
    for asked in ([], [str(table)]):
        dag = SimpleNamespace(targetjobs=[SimpleNamespace(output=[], input=asked)])
        say_outcome(dag, configuration, paths, said.append)
        assert said == []  # nothing was asked for, or the population's table is not there
    population(tmp_path / "populations", "AnyNetX_A-base-short")
    say_outcome(dag, configuration, paths, said.append)
    assert [line.split(":")[0] for line in said] == ["claims", "best network", "trainings"]
