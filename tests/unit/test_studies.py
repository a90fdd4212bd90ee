"""Studies: which error counts, and what is said where runs have none of that kind."""

import pandas as pd
import pytest
from netspaces.studies import load_study

NAME = "RegNetX-base-short"
CURVE = {"label": "RegNetX", "space": "RegNetX", "population": NAME}


def study_of(tmp_path, error: str, **columns):
    """A study of one population whose table holds these errors."""
    pd.DataFrame({"status": "finished", "error_min": [1.0, 2.0, None]} | columns).to_parquet(tmp_path / "table.parquet")
    statistics = {"error": error, "level": 0.95, "resamples": 10, "seed": 0}
    settings = {"name": "s", "title": "t", "panels": {"p": [CURVE]}, "planned": {NAME: 3}, "statistics": statistics}
    return load_study(settings | {"definitions": {}, "preset": {}}, {NAME: tmp_path / "table.parquet"})


def test_the_chosen_error_counts_and_missing_runs_do_not(tmp_path):
    (curve,) = study_of(tmp_path, "error_selected", error_selected=[3.0, 4.0, None]).curves
    assert curve.errors.tolist() == [3, 4]


def test_errors_selected_on_validation_need_a_validation_split(tmp_path):
    with pytest.raises(ValueError) as error:
        study_of(tmp_path, "error_selected", error_selected=[None, None, None])
    assert str(error.value).startswith(f"statistics: error is error_selected, but runs of {NAME} have none: ")
    assert "expected error_min or error" in str(error.value) and "\n" not in str(error.value)
