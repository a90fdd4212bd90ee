"""Design spaces: what their draws obey, the law that samples follow, and that network i is a pure function of i."""

import csv
import itertools
import math
from collections import Counter
from dataclasses import fields
from functools import cache
from pathlib import Path

import netspaces.spaces as spaces
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.architecture import Architectures, architecture_key, regnet
from netspaces.complexity import METRICS, complexity
from netspaces.configuration import complete, load, read_yaml, resolve
from netspaces.spaces import Sample, SamplingError, Space, count, sample, stream_key
from scipy import stats

CONFIG = Path(__file__).parents[2] / "config"
DECLARED = read_yaml(CONFIG / "design_spaces.yaml")
IMAGENET = {
    "skeleton": {"stem": "simple", "stem_width": 32, "strides": [2, 2, 2, 2, 2]},
    "dataset": {"resolution": 224, "channels": 3, "classes": 1000},
}
MOBILE = {"flops": [360.0e6, 400.0e6]}
DIGITS = load({"preset": "digits"}, CONFIG)
laws = settings(deadline=None, derandomize=True, max_examples=50)

SMALL = {
    "family": "anynet",
    "block": "x",
    "stages": 3,
    "stem": "cifar",
    "strides": [1, 2, 2],
    "channels": 1,
    "classes": 10,
    "parameters": {
        "depth": {"distribution": "log_uniform", "low": 1, "high": 16},
        "width": {"choice": [32, 64, 128]},
        "bottleneck": {"choice": [1, 2, 4]},
        "group_width": {"choice": [1, 2, 4, 8]},
        "resolution": 8,
        "stem_width": 16,
        "se_ratio": 0,
    },
}


@cache
def imagenet(name: str) -> dict:
    """A declared design space on the paper's skeleton."""
    return complete(resolve(name, DECLARED, "design_spaces.yaml"), IMAGENET)


def small(**changes) -> dict:
    """The small design space, changed; parameters are merged."""
    return SMALL | changes | {"parameters": SMALL["parameters"] | changes.get("parameters", {})}


def drawn(definition: dict, n: int = 2000) -> dict[str, np.ndarray]:
    """Parameter values of n draws."""
    space = Space.from_definition(definition)
    return space.draw(np.random.default_rng(3).random((n, space.uniforms_per_draw)))


def networks(population: Sample) -> list[tuple]:
    """All there is to know of each network."""
    columns = population.columns()
    return list(zip(*(columns[name].tolist() for name in columns), strict=True))


@cache
def population(name: str, n: int, seed: int = 0) -> Sample:
    return sample(imagenet(name), MOBILE, seed, range(n))


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
    check_population(imagenet(name), MOBILE)


@pytest.mark.parametrize("name", [name for name, d in DIGITS.spaces.items() if d["parameters"]["resolution"] == 8])
def test_every_space_of_the_digits_preset(name):
    check_population(DIGITS.spaces[name], DIGITS.settings["regimes"]["base"])


def test_a_regime_of_several_metrics():
    check_population(SMALL, {"flops": [1.0e5, 1.0e7], "params": [1.0e4, 2.0e5], "activations": [0, 50_000]})


def test_both_ends_of_a_regime_are_included():
    found = sample(SMALL, {}, 0, range(1)).complexity.flops[0].item()
    assert sample(SMALL, {"flops": [found, found]}, 0, range(3)).complexity.flops.tolist() == [found] * 3


@pytest.mark.parametrize(("name", "low", "high"), [("AnyNetX_A", 0.015, 0.03), ("AnyNetX_E", 0.018, 0.04)])
def test_about_one_draw_in_fifty_lies_in_the_papers_regime(name, low, high):
    assert low < 500 / population(name, 500).draws.sum() < high


# ---- Structure -------------------------------------------------------------------------------------------------------


def test_parameters_are_free_unless_stated_otherwise():
    values = drawn(imagenet("AnyNetX_A"))
    assert {name: column.shape for name, column in values.items() if column.ndim == 2} == {
        name: (2000, 4) for name in ("depth", "width", "bottleneck", "group_width")
    }
    assert all(len({tuple(row) for row in values[name].tolist()}) > 75 for name in ("depth", "width", "bottleneck"))


@pytest.mark.parametrize(
    ("name", "shared"), [("AnyNetX_B", {"bottleneck"}), ("AnyNetX_C", {"bottleneck", "group_width"})]
)
def test_shared_parameters_have_one_value(name, shared):
    values = drawn(imagenet(name))
    assert {name for name, column in values.items() if column.shape == (2000, 1)} == shared
    a = population(name, 40).architectures
    assert (a.bottlenecks == a.bottlenecks[:, :1]).all()
    if "group_width" in shared:
        largest = a.group_widths.max(axis=1, keepdims=True)
        assert (a.group_widths == np.minimum(largest, a.bottleneck_widths)).all()


@pytest.mark.parametrize(
    ("name", "column", "stages", "order"),
    [
        ("AnyNetX_D", "widths", 4, np.greater_equal),
        ("AnyNetX_E", "widths", 4, np.greater_equal),
        ("AnyNetX_E", "depths", 4, np.greater_equal),
        ("AnyNetX_C_equal_widths", "widths", 4, np.equal),
        ("AnyNetX_C_decreasing_widths", "widths", 4, np.less_equal),
        ("AnyNetX_D_equal_depths", "depths", 4, np.equal),
        ("AnyNetX_D_decreasing_depths", "depths", 4, np.less_equal),
        ("AnyNetX_D_decreasing_depths", "widths", 4, np.greater_equal),
        ("AnyNetX_E_free_last_depth", "depths", 3, np.greater_equal),
        ("AnyNetX_E_5_stages", "depths", 5, np.greater_equal),
    ],
)
def test_the_papers_orders_hold_in_the_networks(name, column, stages, order):
    values = getattr(population(name, 100).architectures, column)
    assert order(values[:, 1:stages], values[:, : stages - 1]).all()


def test_the_free_last_depth_is_free():
    depths = population("AnyNetX_E_free_last_depth", 100).architectures.depths
    assert 10 < (depths[:, 3] < depths[:, 2]).sum() < 90


@laws
@given(
    st.sampled_from(["depth", "width", "bottleneck", "group_width"]),
    st.sampled_from(["increasing", "equal", "decreasing"]),
    st.lists(st.integers(1, 3), min_size=2, max_size=3, unique=True),
)
def test_an_order_rearranges_the_chosen_stages_and_no_others(name, order, stages):
    free = drawn(SMALL, 200)
    ordered = drawn(small(monotone={name: {"order": order, "stages": stages}}), 200)
    chosen = sorted(stage - 1 for stage in stages)
    rest = [stage for stage in range(3) if stage not in chosen]
    assert (ordered[name][:, rest] == free[name][:, rest]).all()
    steps, part = np.diff(ordered[name][:, chosen]), free[name][:, chosen]
    if order == "equal":
        assert (steps == 0).all() and (ordered[name][:, chosen[0]] == part[:, 0]).all()
    else:
        assert (steps >= 0 if order == "increasing" else steps <= 0).all()
        assert (np.sort(ordered[name][:, chosen]) == np.sort(part)).all()
    assert all((ordered[other] == free[other]).all() for other in free if other != name)


def test_an_order_without_stages_is_one_of_all_stages():
    for order in ("increasing", "equal", "decreasing"):
        short, long = (small(monotone={"width": rule}) for rule in (order, {"order": order, "stages": [3, 1, 2]}))
        assert (drawn(short)["width"] == drawn(long)["width"]).all()


def test_tied_parameters_are_equal():
    values = drawn(imagenet("RegNetX_w0_wa"))
    assert (values["w_a"] == values["w_0"]).all() and len(set(values["w_0"].tolist())) == 32
    parameters = population("RegNetX_w0_wa", 10).parameters
    assert (parameters["w_a"] == parameters["w_0"]).all()
    values = drawn(small(tied={"group_width": "bottleneck", "width": "stem_width"}))
    assert (values["group_width"] == values["bottleneck"]).all() and (values["width"] == 16).all()


@pytest.mark.parametrize("stages", [3, 4, 5])
def test_a_regnet_has_the_stages_it_is_asked_for(stages):
    a = population({3: "RegNetX_3_stages", 4: "RegNetX", 5: "RegNetX_5_stages"}[stages], 20).architectures
    assert a.depths.shape == (20, stages) and (a.depths > 0).all()


def test_a_regnet_is_what_its_recorded_parameters_generate():
    found = population("RegNetX", 40)
    straight = np.flatnonzero((found.architectures.bottlenecks == 1).all(axis=1))
    assert len(straight) > 5
    for i in straight:
        row, rule = found.architectures.row(i), {name: column[i] for name, column in found.parameters.items()}
        assert regnet(row.depth, **rule, group_width=max(row.group_widths)).widths == row.widths


def test_a_sampled_resolution_and_an_se_ratio_reach_the_networks():
    resolutions = population("RegNetX_free_resolution", 30).architectures.resolution
    assert len(set(resolutions.tolist())) > 3 and (resolutions % 32 == 0).all()
    assert set(population("RegNetY", 5).architectures.se_ratio.tolist()) == {0.25}


# ---- The law of samples ----------------------------------------------------------------------------------------------

N = 4000
LOG_UNIFORM = np.diff(np.log([0.5, *range(1, 17)])) / np.log(32)  # depth 1 to 16


def chi_square(values: np.ndarray, probabilities: np.ndarray, first: int = 1) -> float:
    """The p value of values first, first + 1, ... against their probabilities."""
    observed = np.bincount(values - first, minlength=len(probabilities))
    return stats.chisquare(observed, probabilities * len(values)).pvalue


@cache
def unordered() -> Sample:
    """A sample of the small space; without a regime every draw is accepted."""
    return sample(SMALL, {}, 0, range(N))


def test_without_a_regime_every_draw_is_accepted():
    assert (unordered().draws == 1).all()
    assert unordered().rejections == {}


def test_samples_follow_the_declared_distributions():
    a = unordered().architectures
    for stage in range(3):
        assert chi_square(a.depths[:, stage], LOG_UNIFORM) > 0.001
        assert stats.chisquare(np.unique(a.bottlenecks[:, stage], return_counts=True)[1]).pvalue > 0.001
        assert stats.chisquare(np.unique(a.group_widths[:, stage], return_counts=True)[1]).pvalue > 0.001


def test_stages_are_independent():
    a = unordered().architectures
    for one, other in itertools.combinations([a.depths[:, 0], a.depths[:, 1], a.widths[:, 0], a.bottlenecks[:, 0]], 2):
        table = stats.contingency.crosstab(np.minimum(one, 64), np.minimum(other, 64)).count
        assert stats.chi2_contingency(table).pvalue > 0.001


def test_ordered_stages_are_order_statistics():
    depths = sample(small(monotone={"depth": "increasing"}), {}, 1, range(N)).architectures.depths
    below = np.cumsum(LOG_UNIFORM)
    for rank in range(3):  # P(the k-th smallest of three <= x) = P(at least k of three <= x)
        at_most = stats.binom.sf(rank, 3, below)
        assert chi_square(depths[:, rank], np.diff(at_most, prepend=0)) > 0.001


def every_setting(definition: dict) -> tuple[Architectures, np.ndarray]:
    """All settings of a space of choices, each as likely as any other: architectures and their flops."""
    space = Space.from_definition(definition)
    levels = [
        (np.arange(d.levels) + 0.5) / d.levels
        for name, d in space.parameters.items()
        for _ in range(space.values_per_draw(name))
    ]
    _, settings = space.build(space.draw(np.array(list(itertools.product(*levels)))))
    return settings, complexity(settings, space.channels, space.classes).flops


FEW = small(stages=2, shared=["bottleneck", "group_width"], parameters={"depth": {"choice": [1, 2, 3]}})


def test_a_regime_keeps_the_distribution_of_what_lies_in_it():
    """Against all 3^2 3^2 3 4 settings of a space: the law of accepted networks, ties of settings included."""
    settings, flops = every_setting(FEW)
    low, high = np.quantile(flops, [0.3, 0.6]).tolist()
    inside = np.flatnonzero((flops >= low) & (flops <= high))
    expected = Counter(architecture_key(settings.row(i)) for i in inside)
    found = sample(FEW, {"flops": [low, high]}, 2, range(N))
    observed = Counter(architecture_key(found.architectures.row(i)) for i in range(N))
    assert set(observed) <= set(expected)
    frequencies = [N * expected[key] / len(inside) for key in expected]
    assert stats.chisquare([observed[key] for key in expected], frequencies).pvalue > 0.001
    acceptance = len(inside) / len(flops)  # the number of draws is geometric
    assert found.draws.mean() == pytest.approx(1 / acceptance, rel=5 * math.sqrt(1 - acceptance) / math.sqrt(N))


def test_sampling_is_with_replacement_and_keeps_duplicates():
    four = small(
        stages=1,
        parameters={"depth": {"choice": [1, 2]}, "width": {"choice": [32, 64]}, "bottleneck": 1, "group_width": 1},
    )
    found = sample(four, {}, 0, range(400))
    keys = Counter(architecture_key(found.architectures.row(i)) for i in range(400))
    assert len(found.architectures) == 400 and len(keys) == 4
    assert stats.chisquare(list(keys.values())).pvalue > 0.001


# ---- Constraints -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "text", "kept"),
    [
        (SMALL, "depth <= 6", lambda a: a.depths.sum(axis=1) <= 6),
        (SMALL, "depth_2 == 3", lambda a: a.depths[:, 1] == 3),
        (SMALL, "width_3 >= 2 * width_1", lambda a: a.widths[:, 2] >= 2 * a.widths[:, 0]),
        (SMALL, "0.2e6 <= flops <= 0.4e6", lambda a: abs(complexity(a, 1, 10).flops - 0.3e6) <= 0.1e6),
        (small(shared=["bottleneck"]), "bottleneck == 2", lambda a: (a.bottlenecks == 2).all(axis=1)),
        (small(shared=["depth"]), "depth <= 6", lambda a: a.depths.sum(axis=1) <= 6),
    ],
)
def test_constraints_hold_and_reject_nothing_else(definition, text, kept):
    space = Space.from_definition(definition | {"constraints": [text]})
    uniforms = np.random.default_rng(1).random((500, space.uniforms_per_draw))
    tests, rejected_by = spaces.decide(space, {}, uniforms)
    _, architectures = space.build(space.draw(uniforms))
    assert tests == ["structure", text]
    assert 0 < (rejected_by == -1).sum() < 500
    assert ((rejected_by == -1) == kept(architectures)).all()


def test_regnet_parameters_can_be_constrained():
    definition = imagenet("RegNetX") | {
        "constraints": ["2 <= w_m <= 2.5", "w_0 == 48", "bottleneck * group_width == 16"]
    }
    found = sample(definition, {}, 0, range(5))
    assert ((found.parameters["w_m"] >= 2) & (found.parameters["w_m"] <= 2.5)).all()
    assert (found.parameters["w_0"] == 48).all()


# ---- Impossible requests ---------------------------------------------------------------------------------------------


def test_an_impossible_space_ends_with_what_rejected_its_draws():
    definition = small(name="Small", constraints=["depth > 48"])
    with pytest.raises(SamplingError) as error:
        sample(definition, {"flops": [0, 3.0e6]}, 0, range(4), max_draws=1000)
    message = str(error.value)
    assert message.startswith(
        "design space Small, regime flops in [0, 3e+06]: no network found in 1,000 draws; rejected by: "
    )
    shares = [float(part.split()[-2]) for part in message.split("rejected by: ")[1].split(", ")]
    assert "depth > 48" in message and "flops above 3e+06" in message and "structure" not in message
    assert sum(shares) == pytest.approx(100, abs=0.2) and shares == sorted(shares, reverse=True)
    assert "\n" not in message


def test_max_draws_is_the_number_of_draws_that_a_network_may_take():
    draws = population("AnyNetX_A", 40).draws
    needed = draws.max().item()
    assert networks(sample(imagenet("AnyNetX_A"), MOBILE, 0, range(40), max_draws=needed))
    with pytest.raises(SamplingError, match=f"in {needed - 1:,} draws"):
        sample(imagenet("AnyNetX_A"), MOBILE, 0, range(40), max_draws=needed - 1)


def test_an_unknown_metric_is_refused():
    with pytest.raises(SamplingError, match="unknown metric 'flop', expected one of flops, params, activations"):
        sample(SMALL, {"flop": [0, 1]}, 0, range(1))


def test_no_networks_are_an_empty_table():
    columns = sample(SMALL, MOBILE, 0, []).columns()
    assert all(column.shape == (0,) for column in columns.values())
    assert list(columns) == list(unordered().columns())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": {"depht": 3}}, "parameters: depht is unknown, expected one of depth, width, bottleneck"),
        ({"parameters": {"w_0": 8}}, "parameters: w_0 is unknown"),
        ({"parameters": {"depth": 2.5}}, "parameters: depth is 2.5, expected whole numbers above 0"),
        ({"parameters": {"depth": 0}}, "parameters: depth is 0, expected whole numbers above 0"),
        ({"parameters": {"width": {"choice": [8, -8]}}}, "parameters: width is 8, -8, expected whole numbers"),
        ({"parameters": {"width": {"low": 8}}}, "parameters: width: missing key 'distribution'"),
        ({"parameters": {"bottleneck": 3.5}}, "parameters: bottleneck is 3.5, expected whole numbers or one over"),
        ({"parameters": {"bottleneck": 0}}, "parameters: bottleneck is 0, expected whole numbers or one over"),
        ({"parameters": {"se_ratio": -1}}, "parameters: se_ratio is -1, expected at least 0"),
        (
            {"block": "v", "parameters": {"se_ratio": 0.25}},
            "se_ratio is 0.25, expected 0, block v has no squeeze-and-exc",
        ),
        (
            {"block": "vr", "parameters": {"se_ratio": {"choice": [0, 1]}}},
            "expected 0, block vr has no squeeze-and-exc",
        ),
        ({"monotone": {"w_0": "increasing"}}, "monotone: w_0 is unknown"),
        ({"monotone": {"resolution": "increasing"}}, "monotone: resolution has no values per stage"),
        ({"monotone": {"width": "increasing"}, "shared": ["width"]}, "monotone: width has no values per stage"),
        ({"monotone": {"width": {"order": "equal", "stages": [2, 4]}}}, "stages must lie between 1 and 3"),
        ({"tied": {"width": "height"}}, "tied: width follows height, expected one of depth"),
        ({"tied": {"height": "width"}}, "tied: height is unknown"),
        ({"tied": {"width": "width"}}, "tied: width follows width"),
        ({"tied": {"stem_width": "width"}}, "tied: stem_width follows width, expected one of resolution, se_ratio"),
        ({"tied": {"depth": "bottleneck"}, "parameters": {"bottleneck": 0.5}}, "parameters: depth is 0.5"),
        ({"parameters": {"kernel": 4}}, "parameters: kernel is 4, expected odd numbers"),
        ({"parameters": {"kernel": {"distribution": "uniform", "low": 3, "high": 7}}}, "kernel is 3, 7, expected odd"),
        ({"parameters": {"head_width": -8}}, "parameters: head_width is -8, expected whole numbers, at least 0"),
        ({"block": "mb", "parameters": {"bottleneck": 2}}, "bottleneck is 2, expected 1 or one over a whole number"),
        ({"parameters": {"width": {"per_stage": [8, 16]}}}, "parameters: width has 2 values per stage, expected 3"),
        ({"parameters": {"resolution": {"per_stage": [8, 8, 8]}}}, "resolution has 3 values per stage, expected 1"),
        ({"parameters": {"width": {"per_stage": [8]}}, "shared": ["width"]}, "width has 1 values per stage, expected"),
        (
            {"parameters": {"width": {"per_stage": [32, 16, 8]}}, "monotone": {"width": "increasing"}},
            "monotone: width has stated values, which no order changes",
        ),
        ({"recipe": {"momentum": 0.9}}, "recipe: momentum is unknown, expected one of learning_rate, weight_decay"),
        ({"recipe": {"learning_rate": 0}}, "recipe: learning_rate is 0, expected more than 0"),
        ({"recipe": {"weight_decay": {"low": 1e-5}}}, "recipe: weight_decay: missing key 'distribution'"),
        ({"recipe": {"weight_decay": {"per_stage": [1, 1, 1]}}}, "recipe: weight_decay has no values per stage"),
        ({"constraints": ["depth"]}, "constraint 'depth': expected a comparison"),
        ({"family": "regnet"}, "parameters: width is unknown"),
    ],
)
def test_a_wrong_definition_is_refused_by_key(changes, message):
    with pytest.raises(ValueError) as error:
        Space.from_definition(small(**changes))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("missing", ["depth", "width", "bottleneck", "group_width", "resolution"])
def test_a_missing_parameter_is_named(missing):
    parameters = {name: value for name, value in SMALL["parameters"].items() if name != missing}
    with pytest.raises(ValueError, match=f"parameters: {missing} is missing, family anynet needs it"):
        Space.from_definition(SMALL | {"parameters": parameters})


def test_a_regnet_has_no_values_per_stage():
    with pytest.raises(ValueError, match="shared: bottleneck has no values per stage"):
        Space.from_definition(imagenet("RegNetX") | {"shared": ["bottleneck"]})
    with pytest.raises(ValueError, match="monotone: group_width has no values per stage"):
        Space.from_definition(imagenet("RegNetX") | {"monotone": {"group_width": "increasing"}})


def test_what_a_block_does_not_have_is_left_aside():
    everything = {
        "shared": ["group_width"],
        "monotone": {"bottleneck": "increasing", "width": "increasing"},
        "tied": {"group_width": "bottleneck"},
    }
    space = Space.from_definition(small(block="v", **everything))
    assert set(space.parameters) == {"depth", "width", "resolution", "stem_width", "se_ratio"}
    assert set(space.monotone) == {"width"} and space.shared == () and space.tied == {}


# ---- Sizes (table 1) -------------------------------------------------------------------------------------------------

with (CONFIG / "published" / "design_space_sizes.csv").open() as file:
    TABLE_1 = {row["space"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", ["AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E"])
def test_sizes_as_the_paper_prints_them(name):
    assert float(f"{count(imagenet(name)).paper_count:.1e}") == float(TABLE_1[name]["count"])


@pytest.mark.parametrize("name", TABLE_1)
def test_dimensions_as_the_paper_prints_them(name):
    assert count(imagenet(name)).dimensions == int(TABLE_1[name]["dimensions"])


@pytest.mark.parametrize(
    ("changes", "dimensions", "size"),
    [
        ({}, 12, (16 * 3 * 3 * 4) ** 3),
        ({"shared": ["bottleneck"]}, 10, (16 * 3 * 4) ** 3 * 3),
        ({"parameters": {"bottleneck": 1}}, 9, (16 * 3 * 4) ** 3),
        ({"block": "r"}, 9, (16 * 3 * 3) ** 3),
        ({"block": "v"}, 6, (16 * 3) ** 3),
        ({"parameters": {"width": {"per_stage": [8, 16, 32]}}}, 9, (16 * 3 * 4) ** 3),
        ({"parameters": {"kernel": {"choice": [3, 5]}}}, 15, (16 * 3 * 3 * 4 * 2) ** 3),
        (
            {"recipe": {"learning_rate": {"distribution": "log_uniform", "low": 0.1, "high": 1}}},
            12,
            (16 * 3 * 3 * 4) ** 3,
        ),
        ({"tied": {"group_width": "bottleneck"}}, 9, (16 * 3 * 3) ** 3),
        ({"parameters": {"resolution": {"choice": [8, 16]}}}, 13, (16 * 3 * 3 * 4) ** 3 * 2),
    ],
)
def test_sizes_without_an_order_are_products(changes, dimensions, size):
    found = count(small(**changes))
    assert (found.dimensions, found.exact_count) == (dimensions, size)
    assert found.paper_count == pytest.approx(size)


@laws
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from([None, "increasing", "equal", "decreasing"]),
    st.sets(st.sampled_from(["depth", "width"]), max_size=2),
    st.data(),
)
def test_exact_counts_are_those_of_brute_force(stages, levels, order, shared, data):
    parameters = {"depth": {"choice": list(range(1, levels + 1))}, "width": {"choice": [8, 16]}}
    definition = small(stages=stages, block="v", shared=sorted(shared), parameters=parameters)
    if order and "depth" not in shared:
        chosen = data.draw(st.sets(st.integers(1, stages), min_size=1))
        definition["monotone"] = {"depth": {"order": order, "stages": sorted(chosen)}}
    settings, _ = every_setting(definition)
    rows = np.hstack([settings.depths, settings.widths])
    assert count(definition).exact_count == len(np.unique(rows, axis=0))


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
