"""Coefficients of costs: those of a machine are read from its file, and every one can be configured."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from netspaces.cost.coefficients import DEFAULTS, read_fit
from netspaces.files.safe import DamagedFile

CONFIG = Path(__file__).parents[3] / "config"


def test_every_coefficient_can_be_configured():
    schema = yaml.safe_load((CONFIG / "schemas" / "definitions.yaml").read_text())
    assert {*schema["$defs"]["cost"]["properties"], "runs"} == set(asdict(DEFAULTS["cpu"]))


@pytest.mark.parametrize("change", [{"per_run": 0}, {"per_flop": -1}, {"spread": 0.5}, {"spread": "x"}, {"bf16": None}])
def test_a_damaged_fit_is_refused_in_one_line(tmp_path, change):
    path = tmp_path / "cost.json"
    path.write_text(json.dumps({"device": "cpu", "coefficients": asdict(DEFAULTS["cpu"]) | change}))
    with pytest.raises(
        DamagedFile, match=r"cost.json is damaged \(.*, expected fitted coefficients\): remove it and run"
    ):
        read_fit(path, "cpu")


@pytest.mark.parametrize("content", ["", "{", "[1]", "{}", '{"device": "cpu", "coefficients": 3}', "[" * 200_000])
def test_a_file_that_is_no_fit_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "cost.json"
    path.write_text(content)
    with pytest.raises(DamagedFile, match=r"cost.json is damaged \(.*expected fitted coefficients\)"):
        read_fit(path, "cpu")
