"""Limits from other populations: what they add to a definition, which networks they leave alone, and bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.files.safe import DamagedFile
from netspaces.spaces.limits import definition_with_limits, takes_limits
from netspaces.spaces.sampling import SamplingError, sample, stream_key

CONFIG = Path(__file__).parents[3] / "config"
DIGITS = load({}, CONFIG)
REGIME = DIGITS.settings["regimes"]["base"]
LIMITED = DIGITS.spaces["RegNetX_constrained"]


def limits(folder: Path, *constraints: str) -> Path:
    path = folder / "limits.json"
    path.write_text(json.dumps({"constraints": constraints}))
    return path


def test_limits_are_added_where_they_are_asked_for(tmp_path):
    path = limits(tmp_path, "params <= 400000")
    definition = definition_with_limits(LIMITED, path)
    assert definition["limits"] == ["params <= 400000"]
    drawn = sample(definition, REGIME, 0, range(5))
    assert (drawn.complexity.params <= 400000).all()
    assert (sample(definition_with_limits(LIMITED, None), REGIME, 0, range(5)).complexity.params > 400000).any()
    free = DIGITS.spaces["RegNetX"]
    assert definition_with_limits(free, path) == free


def test_moved_limits_change_only_the_networks_outside(tmp_path):
    wide = definition_with_limits(LIMITED, limits(tmp_path, "params <= 600000"))
    narrow = definition_with_limits(LIMITED, limits(tmp_path, "params <= 400000"))
    assert stream_key(wide, REGIME, 0) == stream_key(narrow, REGIME, 0) == stream_key(LIMITED, REGIME, 0)
    before, after = (sample(definition, REGIME, 0, range(16)) for definition in (wide, narrow))
    inside = np.flatnonzero(before.complexity.params <= 400000)
    assert 0 < len(inside) < 16
    for i in inside:
        assert before.architectures.row(i) == after.architectures.row(i)
    assert (after.complexity.params <= 400000).all()


def test_limits_that_reject_everything_are_named(tmp_path):
    with pytest.raises(SamplingError, match="params <= 1 "):
        sample(definition_with_limits(LIMITED, limits(tmp_path, "params <= 1")), REGIME, 0, [0], max_draws=20_000)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"constraints": 3}', '{"constraints": ["params"]}'])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "limits.json"
    path.write_text(content)
    with pytest.raises(DamagedFile) as error:
        definition_with_limits(LIMITED, path)
    assert str(error.value).startswith(f"{path} is damaged (") and "expected" in str(error.value)


# ---- Configuration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["digits", "cifar10", "imagenet"])
def test_every_preset_derives_its_limits_from_seven_regimes_or_states_the_authors(preset):
    configuration = load({"preset": preset}, CONFIG)
    assert configuration.limit_populations == [f"RegNetX-sweep_{i}-medium" for i in range(1, 8)]
    limited, stated = configuration.spaces["RegNetY"], preset == "imagenet"
    assert takes_limits(limited) is not stated and not takes_limits(configuration.spaces["RegNetX"])
    assert ("params <= 3.0e6 + 5.5e-3 * flops" in limited["constraints"]) is stated
    assert "fig13_constrained_regnet" in configuration.available_studies


def test_limits_that_are_stated_are_not_derived():
    stated = {"constraints": ["depth <= 40", "params <= 400000"], "constraints_from": "none"}
    spaces = load({"design_spaces": {"RegNetX_constrained": stated}}, CONFIG).spaces
    for space in ("RegNetX_constrained", "RegNetY"):
        assert not takes_limits(spaces[space]) and spaces[space]["constraints"] == stated["constraints"]


def test_a_preset_without_the_populations_has_no_study_that_needs_their_limits(tmp_path):
    own = {"own_limits": {"title": "Own", "panels": {"a": ["RegNetX_constrained"]}}}
    lacking = {
        "preset": "small",
        **{key: DIGITS.settings[key] for key in ("dataset", "skeleton", "population_size", "seed")},
        "regimes": {"base": REGIME},
        "recipes": {"short": {"epochs": 1}},
        "studies": own,
    }
    configuration = load(lacking | {"run_studies": ["section_3"]}, CONFIG)
    assert configuration.limit_populations == [] and "own_limits" not in configuration.available_studies
    with pytest.raises(ConfigError, match="preset small: own_limits: RegNetX_constrained.constraints_from: .*fig12"):
        load(lacking | {"run_studies": ["own"]}, CONFIG)


def test_the_populations_that_give_limits_may_take_none():
    curve = {"space": "RegNetX_constrained", "regime": "sweep_1", "recipe": "medium"}
    with pytest.raises(ConfigError, match="fig12_complexity.panels.best: RegNetX_constrained takes its limits from"):
        load({"studies": {"fig12_complexity": {"panels": {"best": [curve]}}}}, CONFIG)
