"""The structure that design spaces give their networks, the law that samples follow, and constraints."""

import itertools
import math
from collections import Counter

import netspaces.spaces.sampling as spaces
import numpy as np
import pytest
from helpers.small_spaces import SMALL, N, drawn, every_setting, imagenet, laws, population, small, unordered
from hypothesis import given
from hypothesis import strategies as st
from netspaces.networks.architecture import architecture_key
from netspaces.networks.complexity import complexity
from netspaces.networks.widths import regnet
from netspaces.spaces.sampling import sample
from netspaces.spaces.space import Space
from scipy import stats

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


LOG_UNIFORM = np.diff(np.log([0.5, *range(1, 17)])) / np.log(32)  # depth 1 to 16


def chi_square(values: np.ndarray, probabilities: np.ndarray, first: int = 1) -> float:
    """The p value of values first, first + 1, ... against their probabilities."""
    observed = np.bincount(values - first, minlength=len(probabilities))
    return stats.chisquare(observed, probabilities * len(values)).pvalue


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
