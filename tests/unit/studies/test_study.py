"""Studies: which error counts, and what is said where runs have none of that kind."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from netspaces.files.safe import DamagedFile, write_json
from netspaces.files.tables import write_csv, write_parquet
from netspaces.studies.study import load_study

NAME = "RegNetX-base-short"
CURVE = {"label": "RegNetX", "space": "RegNetX", "population": NAME, "regime": "base", "recipe": "short"}
PRESET = {"regimes": {"base": {"flops": [1e6, 2e6]}}, "recipes": {"short": {"epochs": 5}}}


def study_of(tmp_path, error: str = "error_min", inputs: dict | None = None, write: bool = True, **columns):
    """A study of one population whose table holds these errors, or, without `write`, what it held before."""
    table = pd.DataFrame({"population": NAME, "status": "finished", "error_min": [1.0, 2.0, None]} | columns)
    if write:
        write_parquet(tmp_path / f"{NAME}.parquet", table)
    statistics = {"error": error, "level": 0.95, "margin": 1.0, "resamples": 10, "seed": 0}
    settings = {"name": "s", "title": "t", "panels": {"p": [CURVE]}, "planned": {NAME: 3}, "statistics": statistics}
    return load_study(
        settings | {"definitions": {}, "preset": PRESET}, {NAME: tmp_path / f"{NAME}.parquet"}, inputs=inputs
    )


def test_the_chosen_error_counts_and_missing_runs_do_not(tmp_path):
    (curve,) = study_of(tmp_path, "error_selected", error_selected=[3.0, 4.0, None]).curves
    assert curve.errors.tolist() == [3, 4]


def test_errors_selected_on_validation_need_a_validation_split(tmp_path):
    with pytest.raises(ValueError) as error:
        study_of(tmp_path, "error_selected", error_selected=[None, None, None])
    assert str(error.value).startswith(f"statistics: error is error_selected, but runs of {NAME} have none: ")
    assert "expected error_min or error" in str(error.value) and "\n" not in str(error.value)


def test_a_curve_knows_its_regime_and_epochs(tmp_path):
    (curve,) = study_of(tmp_path).curves
    assert (curve.regime, curve.limits, curve.epochs) == ("base", {"flops": [1e6, 2e6]}, 5)


def test_further_inputs_are_tables_or_plain_values(tmp_path):
    write_csv(tmp_path / "times.csv", pd.DataFrame({"seconds": [0.5]}))
    write_json(tmp_path / "limits.json", {"depth": 40})
    inputs = {"times": tmp_path / "times.csv", "limits": tmp_path / "limits.json"}
    study = study_of(tmp_path, inputs=inputs)
    assert study.inputs["times"]["seconds"].tolist() == [0.5]
    assert study.inputs["limits"] == {"depth": 40}


@pytest.mark.parametrize("name", [f"{NAME}.parquet", "times.csv", "limits.json"])
def test_a_damaged_file_that_a_study_rests_on_is_named(tmp_path, name):
    write_csv(tmp_path / "times.csv", pd.DataFrame({"seconds": [0.5]}))
    write_json(tmp_path / "limits.json", {"depth": 40})
    inputs = {"times": tmp_path / "times.csv", "limits": tmp_path / "limits.json"}
    study_of(tmp_path, inputs=inputs)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-3] + b"1" + content[-2:])
    with pytest.raises(DamagedFile, match=f"{name} is damaged"):
        study_of(tmp_path, inputs=inputs, write=False)


def test_a_curve_counts_its_runs(tmp_path):
    (curve,) = study_of(tmp_path, status=["finished", "diverged", "diverged"]).curves
    assert (curve.diverged, curve.count_text) == (1, "2 of 3")


def test_a_missing_panel_and_a_panel_without_a_pair_are_named(tmp_path):
    study = study_of(tmp_path)
    assert study.panel("p") == study.curves
    with pytest.raises(ValueError) as error:
        study.panel("q")
    assert str(error.value) == "studies.yaml: s: panels: q is missing, the figure needs it"
    with pytest.raises(ValueError) as error:
        study.pair("p")
    assert str(error.value) == "studies.yaml: s: panels: p: expected two curves, got 1"


def test_tables_and_studies_load_no_matplotlib():
    code = """if True:
        import sys
        from netspaces.tables import TABLES
        for name in TABLES:
            TABLES[name]
        sys.exit("matplotlib.figure" in sys.modules or "seaborn" in sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=True)
