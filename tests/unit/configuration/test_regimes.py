"""Regimes in which no network can lie are refused: that 4.1 stands for 4.1 billion is told by that."""

import numpy as np
import pytest
from helpers.configurations import CONFIG, PRESETS, refusal
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load
from netspaces.configuration.regimes import least_complexity
from netspaces.networks.complexity import complexity
from netspaces.spaces.space import Space


@pytest.mark.parametrize(
    ("preset", "metric", "bounds", "index", "least"),
    [
        ("imagenet", "flops", [3.6, 4.1], 0, "49,152"),
        ("imagenet", "flops", [1, 4.1], 1, "49,152"),
        ("imagenet", "flops", [360, 400], 0, "49,152"),
        ("imagenet", "flops", [4.1, 4.1e9], 0, "49,152"),
        ("imagenet", "params", [25, 30], 0, "2,000"),
        ("imagenet", "activations", [10, 12], 0, "4,096"),
        ("imagenet", "activations_all", [10, 12], 0, "4,096"),
        ("cifar10", "flops", [29.4, 32.7], 0, "768"),
        ("digits", "flops", [0.8, 1.0], 1, "64"),
    ],
)
def test_a_bound_that_every_network_is_above_is_refused(preset, metric, bounds, index, least):
    message = refusal({"preset": preset, "regimes": {"base": {metric: bounds}}})
    expected = (
        f"regimes.base.{metric}.{index}: got {bounds[index]:g}, expected more than the {least} that every network"
    )
    assert message.startswith(f"{COMMAND_LINE}: {expected}")
    assert ("or 1 for no lower bound" in message) == (index == 0)


def test_a_lower_bound_of_one_stands_for_none():
    assert load({"regimes": {"base": {"flops": [1, 1e6]}}}, CONFIG).settings["regimes"]["base"]["flops"] == [1, 1e6]


@pytest.mark.parametrize("preset", PRESETS)
def test_no_network_has_less_than_the_least(preset):
    configuration = load({"preset": preset}, CONFIG)
    least = least_complexity(configuration)
    for definition in configuration.spaces.values():
        space = Space.from_definition(definition)
        _, architectures = space.build(space.draw(np.random.default_rng(0).random((50, space.uniforms_per_draw)) / 2))
        measured = complexity(architectures, space.channels, space.classes).columns()
        assert all((measured[metric] > smallest).all() for metric, smallest in least.items())
