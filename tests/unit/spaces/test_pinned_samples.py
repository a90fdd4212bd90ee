"""Pinned samples of every family, block and kind of distribution: they change only together with SAMPLING_VERSION.

`PYTHONPATH=scripts:tests python tests/unit/spaces/test_pinned_samples.py` writes the pins anew.
"""

import hashlib
import json
from pathlib import Path

import pytest
from helpers.small_spaces import SMALL
from netspaces.networks.blocks import BLOCKS
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.sampling import SAMPLING_VERSION, sample

PINS = Path(__file__).with_name("pinned_samples.json")
RULE = {
    "depth": {"distribution": "uniform", "low": 3, "high": 20},
    "w_0": {"distribution": "log_uniform", "low": 8, "high": 64, "step": 8},
    "w_a": {"distribution": "log_uniform", "low": 4, "high": 64, "step": 0.1},
    "w_m": {"choice": [1.5, 2, 2.5]},
}
STAGES = {
    "depth": {"distribution": "log_uniform", "low": 1, "high": 6},
    "width": {"per_stage": [16, 32, 64]},
    "kernel": {"choice": [3, 5]},
}
WHOLE = {"group_width": {"choice": [1, 2, 4]}, "resolution": 8, "stem_width": 16, "se_ratio": 0}
RECIPE = {
    "learning_rate": {"distribution": "log_uniform", "low": 0.01, "high": 1.0},
    "weight_decay": {"distribution": "uniform", "low": 1e-5, "high": 1e-3},
}
CASES = [f"{family}-{block}" for family in FAMILIES for block in BLOCKS]


def drawn(case: str) -> str:
    """A hash of the first networks of a small space, with all that their table holds."""
    family, block = case.split("-")
    own = {"anynet": STAGES}.get(family, RULE)
    parameters = {**own, **WHOLE, "bottleneck": {"choice": [0.5, 1]} if block == "mb" else {"choice": [1, 2]}}
    definition = SMALL | {"family": family, "block": block, "parameters": parameters, "recipe": RECIPE}
    columns = sample(definition, {"flops": [1e4, 5e6]}, 3, range(8)).columns()
    content = {name: [value.item() for value in column] for name, column in columns.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("case", CASES)
def test_the_same_definition_and_seed_give_the_networks_of_this_sampling_version(case):
    pins = json.loads(PINS.read_text())
    assert pins["sampling_version"] == SAMPLING_VERSION and pins["samples"].get(case) == drawn(case), (
        "other networks are drawn than before: if that is meant, raise SAMPLING_VERSION in spaces/sampling.py, which "
        "trains every population anew, and write the pins with the command at the top of this file"
    )


if __name__ == "__main__":
    pins = {"sampling_version": SAMPLING_VERSION, "samples": {case: drawn(case) for case in CASES}}
    PINS.write_text(json.dumps(pins, indent=1) + "\n")
