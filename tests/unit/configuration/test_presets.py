"""What the presets promise: every population of every study exists, and the regimes hold what they are named after."""

import re
from pathlib import Path

import pytest
import yaml
from netspaces.configuration.loading import load
from netspaces.spaces.sampling import sample

CONFIG = Path(__file__).parents[3] / "config"
PRESETS = sorted(path.stem for path in (CONFIG / "presets").glob("*.yaml"))
POPULATIONS = {
    f"{preset}-{name}": (population.definition, population.regime)
    for preset in PRESETS
    for name, population in load({"preset": preset}, CONFIG).populations.items()
}
SYMBOLS = {
    "regimes": {"base", "doubled", *(f"sweep_{i}" for i in range(1, 8))},
    "recipes": {"short", "medium", "long", "final", "budget_2", "budget_5", "budget_10", "rotation", "other"},
}


@pytest.mark.parametrize("definition, regime", POPULATIONS.values(), ids=list(POPULATIONS))
def test_every_population_has_a_first_network(definition, regime):
    drawn = sample(definition, regime, 0, [0], max_draws=100_000)
    low, high = regime["flops"]
    assert low <= drawn.complexity.flops[0] <= high


@pytest.mark.parametrize("preset", ["cifar10", "imagenet"])
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_symbolic_setting_has_a_number(preset, symbol):
    assert set(load({"preset": preset}, CONFIG).settings[symbol]) == SYMBOLS[symbol]


@pytest.mark.parametrize("preset", ["cifar10", "imagenet"])
def test_every_regime_of_the_sweep_has_networks(preset):
    configuration = load({"preset": preset}, CONFIG)
    for name in sorted(SYMBOLS["regimes"]):
        for space in ("RegNetX", "RegNetX_constrained"):
            sample(configuration.spaces[space], configuration.settings["regimes"][name], 0, [0])


def test_the_imagenet_preset_has_the_papers_numbers():
    settings = yaml.safe_load((CONFIG / "presets" / "imagenet.yaml").read_text())
    assert settings["regimes"]["base"] == {"flops": [360e6, 400e6]}
    highs = [settings["regimes"][f"sweep_{i}"]["flops"][1] for i in range(1, 8)]
    assert highs == pytest.approx([0.2e9 * 2**i for i in range(7)])
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


@pytest.mark.parametrize("preset", PRESETS)
def test_recipes_for_the_critics_differ_from_short_in_what_they_are_named_after(preset):
    recipes = load({"preset": preset}, CONFIG).settings["recipes"]
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
    cifar10, imagenet = (load({"preset": preset}, CONFIG).settings["regimes"] for preset in ("cifar10", "imagenet"))
    for name, regime in cifar10.items():
        assert regime["flops"] == pytest.approx([f * (4 / 7) ** 2 / 4 for f in imagenet[name]["flops"]], rel=3e-3)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("times", [2, 5, 10])
def test_budgets_are_the_short_recipe_for_longer(preset, times):
    recipes = load({"preset": preset}, CONFIG).settings["recipes"]
    longer = {"epochs": times * recipes["short"]["epochs"]}
    assert recipes[f"budget_{times}"] == recipes["short"] | longer
