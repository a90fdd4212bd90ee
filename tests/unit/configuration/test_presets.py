"""What the presets promise: every population of every study exists, and the regimes hold what they are named after."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from netspaces.configuration.loading import load
from netspaces.published.models import published_models
from netspaces.spaces.sampling import sample
from netspaces.spaces.space import Space

CONFIG = Path(__file__).parents[3] / "config"
PRESETS = sorted(path.stem for path in (CONFIG / "presets").glob("*.yaml"))
LOADED = {preset: load({"preset": preset}, CONFIG) for preset in PRESETS}
POPULATIONS = {  # once for all recipes; imagenet_448 draws the networks of imagenet
    "-".join([preset, *name.split("-")[:2]]): (population.definition, population.regime)
    for preset in PRESETS
    if preset != "imagenet_448"
    for name, population in LOADED[preset].populations.items()
}
SWEEP = [f"sweep_{i}" for i in range(1, 8)]
SYMBOLS = {
    "regimes": {"base", "doubled", *SWEEP, "efficientnet_b2", "efficientnet_b4"},
    "recipes": {"short", "medium", "long", "final", "budget_2", "budget_5", "budget_10", "rotation", "other"},
}


@pytest.mark.parametrize("definition, regime", POPULATIONS.values(), ids=list(POPULATIONS))
def test_every_population_has_a_first_network(definition, regime):
    drawn = sample(definition, regime, 0, [0])
    low, high = regime["flops"]
    assert low <= drawn.complexity.flops[0] <= high


@pytest.mark.parametrize("preset", ["cifar10", "cifar10_cpu", "imagenet"])
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_symbolic_setting_has_a_number(preset, symbol):
    assert set(LOADED[preset].settings[symbol]) == SYMBOLS[symbol]


@pytest.mark.parametrize("preset", ["cifar10", "cifar10_cpu", "imagenet"])
def test_every_regime_of_the_sweep_has_networks(preset):
    configuration = LOADED[preset]
    for name in ("base", "doubled", *SWEEP):
        for space in ("RegNetX", "RegNetX_constrained"):
            sample(configuration.spaces[space], configuration.settings["regimes"][name], 0, [0])


def test_the_imagenet_preset_has_the_papers_numbers():
    imagenet = LOADED["imagenet"]
    settings = imagenet.settings
    assert settings["regimes"]["base"] == {"flops": [360e6, 400e6]}
    for i, name in enumerate(SWEEP):
        assert settings["regimes"][name]["flops"] == pytest.approx([0.99 * 0.2e9 * 2**i, 1.01 * 0.2e9 * 2**i])
    recipes = {name: (r["epochs"], r["learning_rate"], r["weight_decay"]) for name, r in settings["recipes"].items()}
    assert recipes == {
        "short": (10, 0.05, 5e-5),
        "medium": (25, 0.1, 5e-5),
        "long": (50, 0.05, 5e-5),
        "final": (100, 0.1, 5e-5),
        "rotation": (10, 0.05, 5e-5),
        "other": (10, 0.1, 2e-5),
        **{f"budget_{times}": (10 * times, 0.05, 5e-5) for times in (2, 5, 10)},  # ours
    }
    assert {r.get("precise_batch_norm") for name, r in settings["recipes"].items() if name != "other"} == {8192}
    sizes = {name: population.n for name, population in imagenet.populations.items()}
    assert sizes["RegNetX-base-short"] == sizes["AnyNetX_A-base-short"] == 500
    assert sizes["RegNetX-sweep_4-medium"] == sizes["RegNetX_recipe-sweep_2-short"] == 100
    assert sizes["RegNetX_top-sweep_4-medium"] == sizes["RegNetY_top-sweep_7-medium"] == 25
    assert sizes["RegNetX-base-long"] == sizes["RegNetVR-base-short"] == sizes["AnyNetX_E_5_stages-base-short"] == 100


PUBLISHED = {"RegNetX-3.2GF": 48, "RegNetY-3.2GF": 24, "RegNetX-6.4GF": 56, "RegNetY-12GF": 112, "RegNetX-400MF": 16}


def test_published_models_meet_the_limits_and_group_widths_of_imagenet():
    space = Space.from_definition(LOADED["imagenet"].spaces["RegNetX_top"])
    models = published_models(CONFIG / "published" / "models.csv")
    for name, group_width in PUBLISHED.items():
        flops, params, activations = (getattr(models[name], key) for key in ("flops", "params", "activations_all"))
        values = {"flops": flops, "params": params, "activations": activations, "group_width": group_width}
        columns = {key: np.array([value]) for key, value in (values | {"depth": 20}).items()}
        assert all(constraint.holds(columns).all() for constraint in space.constraints), name
    columns |= {"group_width": np.array([8]), "flops": np.array([3_200_000_000])}  # the paper: 16 to 64
    assert not all(constraint.holds(columns).all() for constraint in space.constraints)


def test_group_widths_of_imagenet_are_the_papers_at_400_mf_and_at_3_gf():
    space = Space.from_definition(LOADED["imagenet"].spaces["RegNetX_constrained"])
    law = next(constraint for constraint in space.constraints if "group_width" in constraint.names)
    choices = np.array(space.parameters["group_width"].values)
    for flops, low, high in ((0.4e9, 1, 32), (3.2e9, 16, 64)):
        kept = choices[law.holds({"group_width": choices, "flops": np.full(len(choices), flops)})]
        assert (kept.min(), kept.max()) == (low, high)


def test_networks_of_imagenet_448_see_224_pixels_unless_they_draw_their_resolution():
    spaces = LOADED["imagenet_448"].spaces
    drawn = {name for name, space in spaces.items() if space["parameters"]["resolution"] != 224}
    assert drawn == {"RegNetX_free_resolution"}
    assert spaces["RegNetX_free_resolution"]["parameters"]["resolution"]["high"] == 448


@pytest.mark.parametrize("preset", PRESETS)
def test_recipes_for_the_critics_differ_from_short_in_what_they_are_named_after(preset):
    recipes = LOADED[preset].settings["recipes"]
    short = recipes["short"]
    assert recipes["rotation"] == short | {"target": "rotation"}
    assert recipes["other"]["epochs"] == short["epochs"] and recipes["other"].get("target", "labels") == "labels"
    if "second_data" in recipes:
        assert recipes["second_data"] == short | {"dataset": "second"}


@pytest.mark.parametrize("preset", ["cifar10", "imagenet"])
def test_the_second_dataset_that_a_preset_suggests_is_one(preset, tmp_path):
    text = (CONFIG / "presets" / f"{preset}.yaml").read_text()
    found = (
        re.search(r"^# second_dataset:\n(?:#   .*\n)+", text, re.MULTILINE)[0]
        + re.search(r"# second_data: .*", text)[0]
    )
    second, recipe = re.sub(r"^# ", "", found, flags=re.MULTILINE).rsplit("\n", 1)
    recipes = {"recipes": yaml.safe_load(recipe)}
    configuration = load({"preset": preset} | yaml.safe_load(second) | recipes, CONFIG)
    assert {"second_data", "order_holds_second_data"} <= set(configuration.available_studies)
    short = configuration.settings["recipes"]["short"]
    assert configuration.settings["recipes"]["second_data"] == short | {"dataset": "second"}


def test_the_cifar10_regimes_are_the_papers_at_half_width_and_four_sevenths_of_the_pixels():
    cifar10, imagenet = (LOADED[preset].settings["regimes"] for preset in ("cifar10", "imagenet"))
    factor = (4 / 7) ** 2 / 4
    for name, regime in cifar10.items():
        if name in SWEEP:  # a tenth wide, where imagenet's reach one per cent to both sides
            assert regime["flops"][1] == pytest.approx(factor * 0.2e9 * 2 ** SWEEP.index(name), rel=3e-3)
            assert regime["flops"][0] == pytest.approx(0.9 * regime["flops"][1], rel=3e-3)
        else:
            assert regime["flops"] == pytest.approx([f * factor for f in imagenet[name]["flops"]], rel=3e-3)


def test_cifar10_cpu_is_cifar10_at_half_the_width_on_half_the_pixels():
    small, large = (LOADED[preset].settings["regimes"] for preset in ("cifar10_cpu", "cifar10"))
    for name in ("base", "doubled"):
        assert small[name]["flops"] == pytest.approx([bound / 16 for bound in large[name]["flops"]], rel=3e-3)
    assert small["sweep_3"] == small["base"] and small["sweep_4"] == small["doubled"]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("times", [2, 5, 10])
def test_budgets_are_the_short_recipe_for_longer(preset, times):
    recipes = LOADED[preset].settings["recipes"]
    longer = {"epochs": times * recipes["short"]["epochs"]}
    assert recipes[f"budget_{times}"] == recipes["short"] | longer
