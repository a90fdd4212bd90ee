"""Settings and design spaces that are wrong: one telling line for each."""

import pytest
import yaml
from helpers.configurations import CONFIG, PRESETS, change, refusal
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load
from netspaces.data.reader import Reader
from netspaces.data.readers import digits

# ---- Settings that are wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"population_sise": 3}, "top level: unknown key 'population_sise', expected one of preset, "),
        ({"population_size": "many"}, "population_size: got 'many', expected an integer"),
        ({"population_size": 1.5}, "population_size: got 1.5, expected an integer"),
        ({"population_size": 1}, "population_size: got 1, expected at least 2"),
        ({"population_size": None}, "population_size: got nothing, expected an integer"),
        ({"device": "tpu"}, "device: got 'tpu', expected one of cpu, cuda"),
        ({"device": "mps"}, "device: got 'mps', expected one of cpu, cuda (Apple's mps has no float64"),
        ({"checkpoint_seconds": 0}, "checkpoint_seconds: got 0, expected more than 0"),
        ({"networks_at_once": 0}, "networks_at_once: got 0, expected at least 1"),
        ({"threads_per_network": 1.5}, "threads_per_network: got 1.5, expected an integer"),
        ({"keep_weights": "some"}, "keep_weights: got 'some', expected one of none, finals, all"),
        ({"data_on_device": True}, "data_on_device: got True, expected one of auto, always, never"),
        ({"dataset": {"stored_as": "png"}}, "dataset.stored_as: got 'png', expected one of uint8, jpeg"),
        ({"statistics": {"level": 1}}, "statistics.level: got 1, expected less than 1"),
        ({"statistics": 3}, "statistics: got 3, expected a mapping"),
        (
            {
                "studies": {
                    "mine": {
                        "title": "x",
                        "panels": {"a": [{"space": "RegNetX", "regime": "base", "regimes": ["base"]}]},
                    }
                }
            },
            "studies: mine: a curve has both regimes and regime, expected one of them",
        ),
        ({"skeleton": {"strides": 2}}, "skeleton.strides: got 2, expected a list"),
        ({"skeleton": {"strides": [3]}}, "skeleton.strides.0: got 3, expected at most 2"),
        ({"recipes": {"short": {"epoch": 3}}}, "recipes.short: unknown key 'epoch', expected one of extends, epochs, "),
        ({"recipes": {"my-own": {"epochs": 3}}}, "recipes: got 'my-own', expected letters, digits and _"),
        ({"regimes": {"400-MF": {"flops": [1, 2]}}}, "regimes: got '400-MF', expected letters, digits and _"),
        ({"regimes": {"base": {"flop": [1, 2]}}}, "regimes.base: unknown key 'flop', expected one of flops, params"),
        (
            {"regimes": {"base": {"flops": [1]}}},
            "regimes.base.flops: got [1], expected at least 2 of them ([low, high]",
        ),
        (
            {"regimes": {"base": {"flops": ["1e6", 2]}}},
            "flops.0: got '1e6', expected a number; YAML wants a dot and a sign",
        ),
        ({"regimes": {"base": {"flops": [2, 1]}}}, "regimes.base.flops: got [2, 1], expected 0 < low < high"),
        ({"regimes": {"base": {"flops": [1, 1]}}}, "regimes.base.flops: got [1, 1], expected 0 < low < high"),
        ({"regimes": {"base": {"params": [-1, 1]}}}, "regimes.base.params: got [-1, 1], expected 0 < low < high"),
        ({"regimes": {"empty": {}}}, "regimes.empty: got {}, expected at least 1 key"),
        ({"run_studies": ["fig99"]}, "run_studies: got 'fig99', expected one of all, section_3"),
        ({"run_studies": "most"}, "run_studies: got 'most', expected all or a list"),
        ({"population_sizes": {"A-base-short": 3}}, "population_sizes: 'A-base-short' is the name of no population"),
        ({"dataset": {"name": "mnist"}}, "dataset.name: got 'mnist', expected one of "),
        ({"dataset": {"fraction": 0.5}}, "dataset: unknown key 'fraction', expected one of name, resolution"),
        ({"dataset": {"classes": 1}}, "dataset.classes: got 1, expected at least 2"),
        ({"preset": "nowhere"}, f"preset: got 'nowhere', expected one of {', '.join(PRESETS)}"),
        ({"preset": 3}, "preset: got 3, expected one of "),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(given, expected):
    message = refusal(given)
    assert message.startswith(f"{COMMAND_LINE}: ")
    assert expected in message


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("config.yaml", {"device": "tpu"}, "device: got 'tpu', expected one of cpu, cuda"),
        ("config.yaml", {"statistic": {}}, "top level: unknown key 'statistic'"),
        ("config.yaml", {"preset": "nowhere"}, "preset: got 'nowhere', expected one of "),
        ("presets/digits.yaml", {"seed": "x"}, "seed: got 'x', expected an integer"),
        ("presets/digits.yaml", {"preset": "other"}, "preset: got 'other', expected the file's name 'digits'"),
        ("presets/digits.yaml", {"regimes": {"base": {"flops": [2, 1]}}}, "regimes.base.flops: got [2, 1]"),
        ("presets/digits.yaml", {"recipes": {"longer": {}}}, "recipes.longer: missing key 'epochs'"),
        ("presets/digits.yaml", {"design_spaces": {"A": {"blok": "x"}}}, "design_spaces.A: unknown key 'blok'"),
        ("design_spaces.yaml", {"RegNetX": {"stages": "four"}}, "RegNetX.stages: got 'four', expected an integer"),
        ("design_spaces.yaml", {"1st": {}}, "top level: got '1st', expected a name that matches"),
        (
            "studies.yaml",
            {"fig_own": {"title": "Own", "panels": {}}},
            "fig_own.panels: got {}, expected at least 1 key",
        ),
        ("studies.yaml", {"fig_own": {"sizes_of": ["RegNetX"]}}, "fig_own: missing key 'title'"),
    ],
)
def test_the_file_that_is_wrong_is_named(config_folder, name, settings, expected):
    change(config_folder / name, **settings)
    assert refusal(folder=config_folder).startswith(f"{config_folder / name}: {expected}")


@pytest.mark.parametrize("key", ["dataset", "skeleton", "regimes", "recipes", "population_size", "seed"])
def test_a_preset_without_a_needed_key_is_named(config_folder, key):
    preset = config_folder / "presets" / "digits.yaml"
    preset.write_text(yaml.safe_dump({k: v for k, v in yaml.safe_load(preset.read_text()).items() if k != key}))
    assert refusal(folder=config_folder) == f"{preset}: top level: missing key '{key}'"


def test_a_preset_without_a_file_must_come_whole_from_the_command_line():
    whole = load({}, CONFIG).settings
    assert load(whole | {"preset": "own"}, CONFIG).preset == "own"
    message = refusal({"preset": "own", "dataset": whole["dataset"]})
    assert message == f"{CONFIG / 'presets' / 'own.yaml'} (no such file): top level: missing key 'skeleton'"


def test_a_dataset_of_another_name_drops_the_options_of_the_presets():
    own = {"name": "npz", "file": "own.npz", "resolution": 8, "channels": 2, "classes": 3}
    assert load({"dataset": own}, CONFIG).settings["dataset"] == own
    changed = load({"dataset": {"name": "digits", "seed": 7}}, CONFIG).settings["dataset"]
    assert changed == load({}, CONFIG).settings["dataset"] | {"seed": 7}


def test_an_option_of_the_wrong_type_names_the_file_that_states_it(config_folder):
    preset = config_folder / "presets" / "cifar10.yaml"
    change(preset, dataset={"download": "perhaps"})
    message = refusal({"preset": "cifar10", "dataset": {"folder": "elsewhere"}}, config_folder)
    assert message == f"{preset}: dataset.download: got 'perhaps', expected true or false"


def test_a_dataset_without_a_needed_option_is_named(monkeypatch):
    monkeypatch.setattr(digits, "READER", Reader(lambda test_fraction, seed, folder, colour="grey": None))
    message = refusal()
    assert message == f"{CONFIG / 'presets' / 'digits.yaml'}: dataset: missing key 'folder', which dataset digits needs"


# ---- Design spaces that are wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        (
            {"monotone": {"width": "rising"}},
            ".monotone.width: got 'rising', expected one of increasing, equal, decreasing or",
        ),
        (
            {"monotone": {"width": {"order": "rising"}}},
            ".monotone.width.order: got 'rising', expected one of increasing",
        ),
        (
            {"monotone": {"width": {"odrer": "equal"}}},
            "expected one of increasing, equal, decreasing or the keys order, stages",
        ),
        ({"monotone": {"width": {"stages": [1, 2]}}}, ".monotone.width: missing key 'order'"),
        ({"monotone": {"height": "equal"}}, ".monotone: got 'height', expected one of depth, width, bottleneck"),
        ({"monotone": {"width": {"order": "equal", "stages": [2, 2]}}}, ": got [2, 2], expected each value once"),
        (
            {"monotone": {"width": {"order": "equal", "stages": [4, 5]}}},
            ": monotone: width: stages must lie between 1 and 4",
        ),
        ({"shared": ["height"]}, ".shared.0: got 'height', expected one of depth, width, bottleneck, group_width"),
        (
            {"parameters": {"width": "wide"}},
            ".parameters.width: got 'wide', expected a number, {choice}, {per_stage}, or {distribution",
        ),
        (
            {"parameters": {"width": {"lo": 8}}},
            ".parameters.width: unknown key 'lo', expected one of distribution, low, high, step",
        ),
        ({"parameters": {"width": {"low": -8}}}, ".parameters.width.low: got -8, expected more than 0"),
        ({"parameters": {"width": {"choice": []}}}, ".parameters.width.choice: got [], expected at least 1 of them"),
        ({"parameters": {"width": {"low": 12}}}, ": parameters: width: 12 is not a multiple of step 8"),
        ({"parameters": {"width": {"low": 4096}}}, ": parameters: width: low 4096 and high "),
        ({"parameters": {"height": 3}}, ": parameters: height is unknown, expected one of depth, width"),
        ({"parameters": {"bottleneck": {"low": 1}}}, ": parameters: bottleneck: missing key 'distribution'"),
        ({"parameters": {"depth": -1}}, ": parameters: depth is -1, expected whole numbers above 0"),
        (
            {"block": "v", "parameters": {"se_ratio": 0.25}},
            "se_ratio is 0.25, expected 0, block v has no squeeze-and-exc",
        ),
        (
            {"block": "vr", "parameters": {"se_ratio": 0.25}},
            "se_ratio is 0.25, expected 0, block vr has no squeeze-and-",
        ),
        ({"block": "y"}, ".block: got 'y', expected one of mb, r, v, vr, x"),
        ({"strides": [1, 2]}, ".stages: got 4, expected at most the 2 of strides"),
        ({"tied": {"width": "height"}}, ": tied: width follows height, expected one of depth, bottleneck"),
        ({"constraints": "depth <= 3"}, ".constraints: got 'depth <= 3', expected a list"),
        (
            {"constraints": ["depth <= 3", "heigth <= 3"]},
            ": constraint 'heigth <= 3': unknown name 'heigth', expected one of",
        ),
        ({"constraints": ["block <= 3"]}, ": constraint 'block <= 3': unknown name 'block', expected one of"),
        ({"constraints": ["w_m <= 3"]}, ": constraint 'w_m <= 3': unknown name 'w_m'"),
        ({"constraints": ["depth <= 1 / 0"]}, ": constraint 'depth <= 1 / 0': cannot be computed"),
        ({"constraints": ["import os"]}, ": constraint 'import os': not a valid expression"),
        ({"constraints": ["__import__('os').system('true') < depth"]}, ": expected a comparison such as "),
        ({"extends": "Nothing"}, ".extends: unknown design space 'Nothing'"),
        ({"extends": "Own"}, ".extends: goes round in a circle (Own -> Own)"),
    ],
)
def test_a_wrong_space_is_named_with_what_was_expected(config_folder, space, expected):
    change(config_folder / "design_spaces.yaml", Own={"extends": "AnyNetX_A"} | space)
    message = refusal(folder=config_folder)
    assert message.startswith(f"{config_folder / 'design_spaces.yaml'}: Own")
    assert expected in message


def test_a_circle_of_spaces_is_shown(config_folder):
    change(config_folder / "design_spaces.yaml", A={"extends": "B"}, B={"extends": "C"}, C={"extends": "A"})
    assert refusal(folder=config_folder).endswith("A.extends: goes round in a circle (A -> B -> C -> A)")


@pytest.mark.parametrize("key", ["family", "parameters"])
def test_a_space_needs_a_family_and_parameters(config_folder, key):
    space = {"family": "anynet", "parameters": {"depth": 1}}
    change(config_folder / "design_spaces.yaml", Own={name: value for name, value in space.items() if name != key})
    assert refusal(folder=config_folder).endswith(
        f"Own: missing key {key!r}, stated neither here nor in a space it extends"
    )


def test_a_space_changed_by_the_preset_names_both_files(config_folder):
    preset = config_folder / "presets" / "digits.yaml"
    change(preset, design_spaces={"RegNetX": {"parameters": {"w_0": {"low": 8192}}}})
    message = refusal(folder=config_folder)
    assert message.startswith(
        f"{config_folder / 'design_spaces.yaml'}, changed by {preset}: RegNetX: parameters: w_0: "
    )


def test_a_space_of_the_command_line_names_the_command_line():
    message = refusal({"design_spaces": {"Own": {"extends": "Nothing"}}})
    assert message == f"{COMMAND_LINE}: design_spaces: Own.extends: unknown design space 'Nothing'"
