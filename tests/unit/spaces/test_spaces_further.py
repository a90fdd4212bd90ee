"""Design spaces of stated networks, of other activations and kernels, and of sampled recipes."""

from pathlib import Path

import numpy as np
import pytest
from helpers.small_spaces import small
from helpers.strategies import published
from netspaces.configuration.loading import load
from netspaces.spaces.sampling import sample
from netspaces.spaces.size import count
from scipy import stats

CONFIG = Path(__file__).parents[3] / "config"
SPACES = {preset: load({"preset": preset}, CONFIG) for preset in ("imagenet", "cifar10", "cifar10_cpu", "digits")}
FEW = {"depth": {"choice": [1, 2]}, "width": {"choice": [32, 64]}, "bottleneck": 1, "group_width": 8}
SMALL = small(parameters=FEW)
RECIPE = {
    "learning_rate": {"distribution": "log_uniform", "low": 0.01, "high": 1.0},
    "weight_decay": {"distribution": "uniform", "low": 1e-5, "high": 1e-3},
}


def base(preset: str, name: str, n: int):
    """Networks of a declared space in its preset's base regime."""
    return sample(SPACES[preset].spaces[name], SPACES[preset].settings["regimes"]["base"], 0, range(n))


# ---- Stated networks -------------------------------------------------------------------------------------------------


def test_efficientnet_b0_is_the_published_one():
    found, expected = base("imagenet", "EfficientNet_recipe", 2), published()["EfficientNet-B0"]
    assert found.architectures.row(0) == found.architectures.row(1) == expected.architecture
    assert found.complexity.flops.tolist() == 2 * [expected.flops]


@pytest.mark.parametrize("preset", SPACES)
def test_every_draw_of_a_stated_network_is_accepted(preset):
    definition = SPACES[preset].spaces["EfficientNet_recipe"]
    assert base(preset, "EfficientNet_recipe", 3).draws.tolist() == [1, 1, 1]
    assert (count(definition).dimensions, count(definition).exact_count) == (0, 1)


def test_a_stated_order_needs_no_choice():
    """A constant is one setting, ordered or not."""
    definition = SMALL | {"parameters": SMALL["parameters"] | {"width": 32}, "monotone": {"width": "increasing"}}
    assert count(definition).paper_count == count(definition).exact_count == 2**3


def test_stages_may_be_stated_one_by_one():
    definition = SMALL | {"parameters": SMALL["parameters"] | {"width": {"per_stage": [64, 8, 32]}, "kernel": 5}}
    found = sample(definition, {}, 0, range(20)).architectures
    assert (found.widths == [64, 8, 32]).all() and (found.kernels == 5).all()
    assert set(found.depths.ravel().tolist()) == {1, 2}


def test_a_kernel_may_be_sampled():
    definition = SMALL | {"parameters": SMALL["parameters"] | {"kernel": {"choice": [3, 5, 7]}}}
    kernels = sample(definition, {}, 0, range(200)).architectures.kernels
    assert {tuple(np.unique(stage)) for stage in kernels.T} == {(3, 5, 7)}


# ---- The paper's further spaces --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "activation", "depthwise"),
    [("RegNetY", "relu", False), ("RegNetY_swish", "silu", False)]
    + [("RegNetY_depthwise", "relu", True), ("RegNetY_depthwise_swish", "silu", True)],
)
def test_swish_and_depthwise(name, activation, depthwise):
    found = base("imagenet", name, 4).architectures
    assert set(found.activation.tolist()) == {activation} and set(found.se_ratio.tolist()) == {0.25}
    assert (found.group_widths == 1).all() == depthwise


@pytest.mark.parametrize(("preset", "depth"), [("imagenet", 20), ("cifar10", 20), ("cifar10_cpu", 8), ("digits", 8)])
def test_fixed_depth(preset, depth):
    assert set(base(preset, "RegNetX_fixed_depth", 8).columns()["depth"].tolist()) == {depth}


# ---- Sampled recipes -------------------------------------------------------------------------------------------------


def test_each_network_has_a_recipe_of_its_own():
    found = sample(SMALL | {"recipe": RECIPE}, {}, 0, range(500))
    rates, decays = found.columns()["learning_rate"], found.columns()["weight_decay"]
    assert found.recipe(3) == {"learning_rate": rates[3], "weight_decay": decays[3]}
    assert stats.kstest(np.log10(rates), "uniform", (-2, 2)).pvalue > 0.001
    assert stats.kstest(decays, "uniform", (1e-5, 1e-3 - 1e-5)).pvalue > 0.001
    assert abs(stats.spearmanr(rates, decays).statistic) < 0.15
    widths = found.architectures.widths[:, 0]
    assert stats.ks_2samp(rates[widths == 32], rates[widths == 64]).pvalue > 0.001


def test_a_recipe_is_a_function_of_seed_and_network():
    def rates(seed, indices):
        return sample(SMALL | {"recipe": RECIPE}, {"flops": [1, 1e6]}, seed, indices).recipes["learning_rate"].tolist()

    ten = rates(0, range(10))
    assert rates(0, [7, 2]) == [ten[7], ten[2]]
    assert not set(rates(1, range(10))) & set(ten)


def test_sampled_values_have_six_digits():
    rates = sample(SMALL | {"recipe": RECIPE}, {}, 0, range(50)).recipes["learning_rate"]
    assert all(float(f"{rate:.6g}") == rate for rate in rates)


def test_without_a_recipe_there_is_none():
    found = sample(SMALL, {}, 0, range(2))
    assert found.recipe(0) == {} and "learning_rate" not in found.columns()


@pytest.mark.parametrize(("declared", "values"), [(0.3, {0.3}), ({"choice": [0.1, 0.2]}, {0.1, 0.2})])
def test_constants_and_choices_of_a_recipe(declared, values):
    found = sample(SMALL | {"recipe": {"learning_rate": declared}}, {}, 0, range(40))
    assert set(found.recipes["learning_rate"].tolist()) == values and set(found.recipes) == {"learning_rate"}


def test_a_range_with_a_step_stays_quantised():
    declared = {"distribution": "uniform", "low": 0.1, "high": 0.5, "step": 0.1}
    rates = sample(SMALL | {"recipe": {"learning_rate": declared}}, {}, 0, range(60)).recipes["learning_rate"]
    assert set(rates.tolist()) == {0.1, 0.2, 0.3, 0.4, 0.5}


def test_presets_may_re_range_a_recipe():
    ranges = {preset: found.spaces["RegNetX_recipe"]["recipe"] for preset, found in SPACES.items()}
    assert ranges["cifar10"]["weight_decay"] == {"distribution": "log_uniform", "low": 1e-5, "high": 1e-2}
    assert ranges["cifar10"]["learning_rate"] == ranges["imagenet"]["learning_rate"]
