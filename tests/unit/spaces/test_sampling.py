"""Design spaces: network i is a pure function of i, and what holds of every declared space."""

import itertools
import math
from dataclasses import fields

import netspaces.spaces.sampling as spaces
import numpy as np
import pytest
from helpers.configurations import CONFIG
from helpers.invented import definition
from helpers.small_spaces import (
    DECLARED,
    DIGITS,
    MOBILE,
    OWN_REGIMES,
    SMALL,
    imagenet,
    laws,
    networks,
    population,
    small,
)
from hypothesis import given
from hypothesis import strategies as st
from netspaces.configuration.loading import load
from netspaces.networks.architecture import Architectures, architecture_key
from netspaces.networks.complexity import complexity
from netspaces.networks.metrics import METRICS
from netspaces.spaces.sampling import sample, stream_key
from netspaces.spaces.space import Space

PAPERS_REGIMES = load({"preset": "imagenet"}, CONFIG).settings["regimes"]


# ---- Network i is a pure function of (seed, design space, regime, i) -------------------------------------------------


@pytest.mark.parametrize("name", ["AnyNetX_A", "AnyNetX_E", "RegNetX", "RegNetX_constrained"])
def test_growing_a_population_leaves_its_first_networks(name):
    for n in (0, 1, 7):
        assert networks(population(name, n)) == networks(population(name, 40))[:n]


@laws
@given(st.sampled_from(["AnyNetX_A", "RegNetX"]), st.lists(st.integers(0, 39), max_size=6))
def test_networks_in_any_order_and_alone_are_the_same(name, indices):
    whole = networks(population(name, 40))
    assert networks(sample(imagenet(name), MOBILE, 0, indices)) == [whole[i] for i in indices]


@pytest.mark.parametrize(("batch", "first_round"), [(64, 1), (1_000, 7), (100_000, 5_000)])
@pytest.mark.parametrize("name", ["AnyNetX_A", "RegNetX_constrained"])
def test_how_candidates_are_batched_does_not_matter(name, batch, first_round, monkeypatch):
    monkeypatch.setattr(spaces, "BATCH", batch)
    monkeypatch.setattr(spaces, "FIRST_ROUND", first_round)
    again = sample(imagenet(name), MOBILE, 0, range(12))
    assert networks(again) == networks(population(name, 40))[:12]
    assert sum(again.rejections.values()) == again.draws.sum() - 12


@pytest.mark.parametrize("name", ["AnyNetX_A", "RegNetX"])
def test_a_network_is_the_first_candidate_of_its_stream_that_lies_in_the_regime(name):
    definition, (low, high) = imagenet(name), MOBILE["flops"]
    space, key = Space.from_definition(definition), stream_key(definition, MOBILE, 0)
    for i in range(3):
        stream = np.random.default_rng(np.random.SeedSequence(key, spawn_key=(i,)))
        found, draws = None, 0
        while found is None:
            draws += 1
            _, candidate = space.build(space.draw(stream.random((1, space.uniforms_per_draw))))
            if len(candidate) and low <= complexity(candidate).flops[0] <= high:
                found = candidate.row(0)
        assert population(name, 40).architectures.row(i) == found
        assert population(name, 40).draws[i] == draws


@pytest.mark.parametrize(
    ("name", "depths", "widths"),
    [("AnyNetX_A", (10, 3, 1, 1), (40, 168, 768, 8)), ("RegNetX", (2, 5, 11, 12), (80, 160, 320, 648))],
)
def test_the_networks_of_earlier_versions_are_still_drawn(name, depths, widths):
    """If not, every population there is must be trained again."""
    first = population(name, 40).architectures.row(0)
    assert (first.depths, first.widths) == (depths, widths)


def test_seed_regime_and_definition_each_give_other_networks():
    regime, halved = {"flops": [0, 5.0e6]}, {"flops": [0, 2.5e6]}
    other = small(parameters={"depth": {"distribution": "log_uniform", "low": 1, "high": 8}})
    samples = [sample(*given, range(30)) for given in [(SMALL, regime, 0), (SMALL, regime, 1), (SMALL, halved, 0)]]
    samples.append(sample(other, regime, 0, range(30)))
    samples.append(sample(small(constraints=["depth <= 100"]), regime, 0, range(30)))
    for a, b in itertools.combinations(samples, 2):
        different = sum(x[1:-1] != y[1:-1] for x, y in zip(networks(a), networks(b), strict=True))
        assert different > 20


def test_names_order_and_notation_change_nothing():
    regime, expected = (
        {"flops": [100_000, 5_000_000]},
        networks(sample(SMALL, {"flops": [100_000, 5_000_000]}, 0, range(20))),
    )
    reordered = dict(reversed(SMALL.items())) | {"parameters": dict(reversed(SMALL["parameters"].items()))}
    decimals = small(parameters={"resolution": 8.0, "se_ratio": 0.0, "width": {"choice": [32.0, 64.0, 128.0]}})
    named = small(name="other", description="of another name")
    for same in (named, reordered, decimals):
        assert networks(sample(same, regime, 0, range(20))) == expected
    assert networks(sample(SMALL, {"flops": (1.0e5, 5.0e6)}, 0, range(20))) == expected


# ---- Every declared space in its regime ------------------------------------------------------------------------------


def check_population(definition: dict, regime: dict, n: int = 12) -> None:
    """All that must hold of a sample, whatever its design space."""
    population = sample(definition, regime, 5, range(n))
    a, measured = population.architectures, population.complexity.columns()
    again = complexity(a, definition["channels"], definition["classes"])
    assert all((measured[name] == getattr(again, name)).all() for name in METRICS)
    for metric, (low, high) in regime.items():
        assert ((measured[metric] >= low) & (measured[metric] <= high)).all()
    columns = population.columns()
    for i in range(n):
        row = {"sqrt": math.sqrt} | {name: column[i].item() for name, column in columns.items()}
        assert all(eval(text, {}, row) for text in definition.get("constraints", ()))
    if definition["family"] == "linear":  # each block is a stage; where the stages of regnet begin, the strides are
        assert set(np.unique(a.depths)) <= {0, 1} and (a.depths.sum(axis=1) == columns["depth"]).all()
        strides = sorted(stride for stride in definition["strides"][: definition["stages"]] if stride > 1)
        assert all(sorted(row[row > 1]) == strides for row in np.where(a.depths > 0, a.strides, 0))
    else:
        assert (a.depths > 0).all() and a.depths.shape == (n, definition["stages"])
        assert (a.strides == definition["strides"][: definition["stages"]]).all()
    assert set(a.block) == {definition["block"]}
    assert population.draws.min() >= 1 and sum(population.rejections.values()) == population.draws.sum() - n
    check_block(a)
    if definition["family"] == "regnet":
        assert (np.diff(a.widths, axis=1) >= 0).all()


def check_block(a: Architectures) -> None:
    """The conventions of each block, and that the groups divide the bottleneck width."""
    if a.block[0] in ("v", "vr"):
        assert (a.bottlenecks == 1).all() and (a.group_widths == 1).all()
        return
    assert (a.widths == a.bottleneck_widths * a.bottlenecks).all()
    there = a.depths > 0
    assert (a.bottleneck_widths[there] % a.group_widths[there] == 0).all()
    if a.block[0] == "r":
        assert (a.group_widths == a.bottleneck_widths).all()


@pytest.mark.parametrize("name", DECLARED)
def test_every_space_on_the_papers_skeleton(name):
    check_population(imagenet(name), PAPERS_REGIMES[OWN_REGIMES[name]] if name in OWN_REGIMES else MOBILE)


@pytest.mark.parametrize("name", [name for name, d in DIGITS.spaces.items() if d["parameters"]["resolution"] == 8])
def test_every_space_of_the_digits_preset(name):
    check_population(DIGITS.spaces[name], DIGITS.settings["regimes"][OWN_REGIMES.get(name, "base")])


def test_a_regime_of_several_metrics():
    check_population(SMALL, {"flops": [1.0e5, 1.0e7], "params": [1.0e4, 2.0e5], "activations": [0, 50_000]})


def test_both_ends_of_a_regime_are_included():
    found = sample(SMALL, {}, 0, range(1)).complexity.flops[0].item()
    assert sample(SMALL, {"flops": [found, found]}, 0, range(3)).complexity.flops.tolist() == [found] * 3


@pytest.mark.parametrize(("name", "low", "high"), [("AnyNetX_A", 0.015, 0.03), ("AnyNetX_E", 0.018, 0.04)])
def test_about_one_draw_in_fifty_lies_in_the_papers_regime(name, low, high):
    assert low < 500 / population(name, 500).draws.sum() < high


# ---- Tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["AnyNetX_A", "RegNetX", "RegNetV"])
def test_the_columns_of_a_sample_are_one_value_per_network(name):
    found = population(name, 40)
    columns = found.columns()
    assert all(column.shape == (40,) for column in columns.values())
    assert columns["index"].tolist() == list(range(40))
    assert ({"w_0", "w_a", "w_m"} <= set(columns)) == name.startswith("RegNet")
    assert set(METRICS) <= set(columns) and "draws" in columns
    assert all(len(getattr(found.architectures, field.name)) == 40 for field in fields(found.architectures))


# ---- Repetitions -----------------------------------------------------------------------------------------------------


def test_repetitions_count_equal_networks_before_and_growing_changes_none():
    space, regime = definition("RegNetV"), {"flops": [1e5, 2.5e5]}
    large = sample(space, regime, 0, range(60))
    keys = [architecture_key(large.architectures.row(row)) for row in range(60)]
    assert large.repetitions() == [keys[:row].count(keys[row]) for row in range(60)]
    assert max(large.repetitions()) > 0
    small = sample(space, regime, 0, range(25))
    assert small.repetitions() == large.repetitions()[:25]
    with pytest.raises(ValueError, match="expected the networks of a population from the first one on"):
        sample(space, regime, 0, [3, 4]).repetitions()


def test_equal_networks_with_other_sampled_recipes_are_no_repetitions():
    rates = {"distribution": "log_uniform", "low": 0.1, "high": 0.2}
    space = definition("RegNetV") | {"recipe": {"learning_rate": rates}}
    assert set(sample(space, {"flops": [1e5, 2.5e5]}, 0, range(60)).repetitions()) == {0}
