"""The configuration: what ships, how settings and spaces merge, and one telling line for everything that is wrong."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.configuration import (
    COMMAND_LINE,
    ConfigError,
    Population,
    complete,
    load,
    merge,
    merge_space,
    read_yaml,
    resolve,
)
from netspaces.readers import READERS
from netspaces.spaces import Space

CONFIG = Path(__file__).parents[2] / "config"
PRESETS = sorted(path.stem for path in (CONFIG / "presets").glob("*.yaml"))
laws = settings(deadline=None, derandomize=True, max_examples=100)
RANGE = {"distribution": "log_uniform", "low": 8, "high": 1024, "step": 8}

scalars = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
trees = st.dictionaries(
    st.sampled_from("abc"), st.recursive(scalars, lambda t: st.dictionaries(st.sampled_from("abc"), t))
)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the configuration that a test may change."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def change(path: Path, **settings) -> None:
    """Merge settings into a YAML file."""
    path.write_text(yaml.safe_dump(merge(yaml.safe_load(path.read_text()), settings)))


def refusal(given: dict | None = None, folder: Path = CONFIG) -> str:
    """The one line with which a configuration is refused."""
    with pytest.raises(ConfigError) as error:
        load(given or {}, folder)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


# ---- What ships ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_loads(preset):
    configuration = load({"preset": preset}, CONFIG)
    assert configuration.preset == preset
    assert set(configuration.run_studies) <= set(configuration.studies)
    assert set(configuration.populations) == {
        curve["population"]
        for study in configuration.available_studies
        for curves in configuration.curves(study).values()
        for curve in curves
    }
    for name, population in configuration.populations.items():
        assert name == population.name and population.n >= 2
        assert Space.from_definition(population.definition).name == population.space


@pytest.mark.parametrize("preset", PRESETS)
def test_what_was_loaded_loads_again(preset):
    configuration = load({"preset": preset}, CONFIG)
    assert load(configuration.settings, CONFIG) == configuration


def test_a_curve_is_a_space_or_says_more():
    panels = {"a": ["RegNetX", {"space": "AnyNetX_A", "regime": "double", "label": "A"}]}
    regimes = {"double": {"flops": [1.6e6, 2.0e6]}}
    extra = {"studies": {"fig_own": {"title": "Own", "panels": panels}}, "regimes": regimes, "run_studies": ["fig_own"]}
    configuration = load(extra, CONFIG)
    first, second = configuration.curves("fig_own")["a"]
    assert first == {
        "space": "RegNetX",
        "regime": "base",
        "recipe": "short",
        "repeat": 0,
        "label": "RegNetX",
        "population": "RegNetX-base-short",
    }
    assert (second["label"], second["population"]) == ("A", "AnyNetX_A-double-short")
    assert configuration.populations["AnyNetX_A-double-short"].regime == {"flops": [1.6e6, 2.0e6]}


def test_a_repetition_trains_the_same_networks_with_another_seed():
    panels = {"a": ["RegNetX", {"space": "RegNetX", "repeat": 2}]}
    configuration = load({"studies": {"fig_own": {"title": "Own", "panels": panels}}}, CONFIG)
    first, second = (configuration.populations[name] for name in ("RegNetX-base-short", "RegNetX-base-short-r2"))
    assert (first.definition, first.regime, first.seed) == (second.definition, second.regime, second.seed)
    assert second.training_seed == first.training_seed + 2


def test_sizes_of_single_populations_by_name_or_pattern():
    sizes = {"RegNetX-base-short": 9, "*-base-short": 8}
    populations = load({"population_size": 7, "population_sizes": sizes}, CONFIG).populations
    assert populations["RegNetX-base-short"].n == 9
    assert {p.n for name, p in populations.items() if name.endswith("-base-short")} == {8, 9}
    others = {name: p.n for name, p in populations.items() if not name.endswith("-base-short")}
    assert set(others.values()) <= {7, 16}
    assert all(n == 16 for name, n in others.items() if "-sweep_" in name)  # the preset's own pattern


def test_studies_to_run_are_named_or_named_by_chapter():
    own = {"studies": {"fig_own": {"title": "Own", "panels": {"a": ["RegNetX"]}}}}
    assert "fig_own" in load(own, CONFIG).run_studies
    assert load(own | {"run_studies": ["own"]}, CONFIG).run_studies == ["fig_own"]
    everything = load(own | {"run_studies": "all"}, CONFIG)
    assert everything.run_studies == list(everything.studies)
    assert list(load(own | {"run_studies": ["fig_own"]}, CONFIG).run_populations) == ["RegNetX-base-short"]


def test_a_study_that_a_preset_has_no_regime_for_is_no_target():
    panels = {"a": [{"space": "RegNetX", "regime": "nowhere"}]}
    own = {"studies": {"fig_own": {"title": "Own", "chapter": "far", "panels": panels}}}
    assert "fig_own" not in load(own, CONFIG).available_studies
    with pytest.raises(ConfigError, match="unknown regime 'nowhere'"):
        load(own | {"run_studies": ["far"]}, CONFIG)


@laws
@given(st.integers(2, 300), st.integers(1, 40))
def test_the_shards_of_a_population_hold_its_indices_in_order(n, models_per_job):
    shards = Population("p", "s", {}, {}, {}, n, 0).shards(models_per_job)
    assert [i for shard in shards.values() if shard.number == 1 for i in shard.indices] == list(range(n))
    assert len(shards) == -(-n // models_per_job)
    assert all(re.fullmatch(r"\d{5}(-\d{5}_\d+of\d+)?", name) for name in shards)


# ---- Merging ---------------------------------------------------------------------------------------------------------


@laws
@given(trees, trees)
def test_merging_keeps_what_is_not_stated_again(base, over):
    merged = merge(base, over)
    assert merge(base, {}) == merge({}, base) == merge(base, base) == base
    assert merge(merged, over) == merged
    assert {key: merged[key] for key in base if key not in over} == {key: base[key] for key in base if key not in over}
    for key, value in over.items():
        nested = isinstance(value, dict) and isinstance(base.get(key), dict)
        assert merged[key] == (merge(base[key], value) if nested else value)


def test_the_command_line_wins_over_the_preset_and_that_over_the_general_settings(folder):
    change(folder / "config.yaml", seed=1, population_size=11, models_per_job=2)
    change(folder / "presets" / "digits.yaml", seed=2, population_size=12)
    loaded = load({"seed": 3}, folder).settings
    assert (loaded["seed"], loaded["population_size"], loaded["models_per_job"]) == (3, 12, 2)


def test_part_of_a_recipe_keeps_the_rest():
    short = load({"recipes": {"short": {"epochs": 2}}}, CONFIG).settings["recipes"]["short"]
    assert short == load({}, CONFIG).settings["recipes"]["short"] | {"epochs": 2}


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        (RANGE, {"high": 256}, RANGE | {"high": 256}),
        (RANGE, {"distribution": "uniform"}, RANGE | {"distribution": "uniform"}),
        (RANGE, 64, 64),
        (RANGE, {"choice": [8, 16]}, {"choice": [8, 16]}),
        (RANGE, {"distribution": "uniform", "low": 4, "high": 9}, {"distribution": "uniform", "low": 4, "high": 9}),
        ({"choice": [1, 2]}, {"choice": [4]}, {"choice": [4]}),
        ({"choice": [1, 2]}, RANGE, RANGE),
        ({"choice": [1, 2]}, {"low": 2}, {"low": 2}),
        (3, {"low": 2}, {"low": 2}),
        ({"low": 2}, {"high": 4}, {"low": 2, "high": 4}),
    ],
)
def test_part_of_a_range_changes_a_range_and_all_else_replaces(base, over, merged):
    space = merge_space({"parameters": {"width": base, "depth": 3}}, {"parameters": {"width": over}})
    assert space == {"parameters": {"width": merged, "depth": 3}}


def test_an_order_replaces_an_order():
    base = {"monotone": {"width": {"order": "increasing", "stages": [1, 2]}, "depth": "equal"}}
    over = {"monotone": {"width": {"order": "decreasing"}}}
    assert merge_space(base, over) == {"monotone": {"width": {"order": "decreasing"}, "depth": "equal"}}


def test_a_space_follows_the_spaces_it_extends():
    declared = {
        "A": {"family": "anynet", "parameters": {"width": RANGE, "depth": 2}, "description": "a"},
        "B": {"extends": "A", "shared": ["width"]},
        "C": {"extends": "B", "parameters": {"width": {"high": 64}}, "description": "c"},
    }
    assert resolve("C", declared, "file") == {
        "name": "C",
        "description": "c",
        "family": "anynet",
        "shared": ["width"],
        "parameters": {"width": RANGE | {"high": 64}, "depth": 2},
    }
    assert resolve("B", declared, "file")["description"] == ""


def test_a_preset_that_re_ranges_a_root_re_ranges_its_children():
    spaces = load({"design_spaces": {"RegNetX": {"parameters": {"w_m": {"high": 2.8}}}}}, CONFIG).spaces
    ranges = {
        name: spaces[name]["parameters"]["w_m"] for name in ("RegNetX", "RegNetX_constrained", "RegNetY", "RegNetX_wm2")
    }
    rest = {"distribution": "log_uniform", "high": 2.8, "step": 0.001}
    assert ranges == {
        "RegNetX": rest | {"low": 1.5},
        "RegNetX_constrained": rest | {"low": 2},
        "RegNetY": rest | {"low": 2},
        "RegNetX_wm2": 2,
    }


def test_the_command_line_re_ranges_what_the_preset_re_ranged(folder):
    width = {"AnyNetX_A": {"parameters": {"width": {"high": 512}, "depth": {"choice": [1, 2]}}}}
    change(folder / "presets" / "digits.yaml", design_spaces={"AnyNetX_A": {"parameters": {"width": {"high": 128}}}})
    spaces = load({"design_spaces": width}, folder).spaces
    assert spaces["AnyNetX_E"]["parameters"]["width"]["high"] == 512
    assert spaces["AnyNetX_E"]["parameters"]["depth"] == {"choice": [1, 2]}


def test_a_space_gets_what_the_preset_says_of_all_networks():
    digits = load({}, CONFIG)
    space = digits.spaces["AnyNetX_A"]
    assert (space["stem"], space["channels"], space["classes"]) == ("cifar", 1, 10)
    assert space["parameters"]["resolution"] == 8 and space["parameters"]["stem_width"] == 16
    own = {"family": "anynet", "stem": "resnet", "parameters": {"stem_width": 64}}
    completed = complete(own, digits.settings)
    assert completed["stem"] == "resnet" and completed["parameters"]["stem_width"] == 64


# ---- Files that cannot be read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["config.yaml", "design_spaces.yaml", "studies.yaml"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert refusal(folder=folder) == f"{folder / name}: No such file or directory"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: [1, 2", "not valid YAML in line "),
        (b"a: 1\nb: 2: 3", "not valid YAML in line 2"),
        (b"a: 1\n\tb: 2", "not valid YAML in line 2"),
        (b"a: 1\nb:\n  c: 1\n  c: 2", "not valid YAML in line 4 (key 'c' is given twice)"),
        (b"a: *b", "not valid YAML in line 1"),
        (b"a: \xff", "not valid YAML"),
        (b"a: \x00", "not valid YAML"),
        (b"", "got nothing, expected a mapping"),
        (b"- a\n- b", "got ['a', 'b'], expected a mapping"),
        (b"3", "got 3, expected a mapping"),
    ],
)
def test_a_file_that_is_not_yaml_is_named_with_the_line(folder, content, expected):
    file = folder / "design_spaces.yaml"
    file.write_bytes(content)
    assert refusal(folder=folder).startswith(f"{file}: {expected}")


def test_keys_are_text_and_may_come_from_an_anchor(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text("base: &base {a: 1, b: 2}\n400: {<<: *base, a: 3}\n")
    assert read_yaml(file) == {"base": {"a": 1, "b": 2}, "400": {"a": 3, "b": 2}}


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
        ({"checkpoint_seconds": 0}, "checkpoint_seconds: got 0, expected more than 0"),
        ({"networks_at_once": 0}, "networks_at_once: got 0, expected at least 1"),
        ({"threads_per_network": 1.5}, "threads_per_network: got 1.5, expected an integer"),
        ({"data_on_device": True}, "data_on_device: got True, expected one of auto, always, never"),
        ({"dataset": {"stored_as": "png"}}, "dataset.stored_as: got 'png', expected one of uint8, jpeg"),
        ({"statistics": {"level": 1}}, "statistics.level: got 1, expected less than 1"),
        ({"statistics": 3}, "statistics: got 3, expected a mapping"),
        ({"skeleton": {"strides": 2}}, "skeleton.strides: got 2, expected a list"),
        ({"skeleton": {"strides": [3]}}, "skeleton.strides.0: got 3, expected at most 2"),
        ({"recipes": {"short": {"epoch": 3}}}, "recipes.short: unknown key 'epoch', expected one of epochs, "),
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
        ({"run_studies": ["fig99"]}, "run_studies: got 'fig99', expected of all, section_3"),
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
def test_the_file_that_is_wrong_is_named(folder, name, settings, expected):
    change(folder / name, **settings)
    assert refusal(folder=folder).startswith(f"{folder / name}: {expected}")


@pytest.mark.parametrize("key", ["dataset", "skeleton", "regimes", "recipes", "population_size", "seed"])
def test_a_preset_without_a_needed_key_is_named(folder, key):
    preset = folder / "presets" / "digits.yaml"
    preset.write_text(yaml.safe_dump({k: v for k, v in yaml.safe_load(preset.read_text()).items() if k != key}))
    assert refusal(folder=folder) == f"{preset}: top level: missing key '{key}'"


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


def test_an_option_of_the_wrong_type_names_the_file_that_states_it(folder):
    preset = folder / "presets" / "cifar10.yaml"
    change(preset, dataset={"download": "perhaps"})
    message = refusal({"preset": "cifar10", "dataset": {"folder": "elsewhere"}}, folder)
    assert message == f"{preset}: dataset.download: got 'perhaps', expected true or false"


def test_a_dataset_without_a_needed_option_is_named(monkeypatch):
    monkeypatch.setitem(READERS, "digits", lambda test_fraction, seed, folder, colour="grey": None)
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
            ".parameters.width: got {'lo': 8}, expected a number, {choice}, {per_stage}, or {dis",
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
        ({"block": "y"}, ".block: got 'y', expected one of x, r, v, vr"),
        ({"stages": 6}, ".stages: got 6, expected at most the "),
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
def test_a_wrong_space_is_named_with_what_was_expected(folder, space, expected):
    change(folder / "design_spaces.yaml", Own={"extends": "AnyNetX_A"} | space)
    message = refusal(folder=folder)
    assert message.startswith(f"{folder / 'design_spaces.yaml'}: Own")
    assert expected in message


def test_a_circle_of_spaces_is_shown(folder):
    change(folder / "design_spaces.yaml", A={"extends": "B"}, B={"extends": "C"}, C={"extends": "A"})
    assert refusal(folder=folder).endswith("A.extends: goes round in a circle (A -> B -> C -> A)")


@pytest.mark.parametrize("key", ["family", "parameters"])
def test_a_space_needs_a_family_and_parameters(folder, key):
    space = {"family": "anynet", "parameters": {"depth": 1}}
    change(folder / "design_spaces.yaml", Own={name: value for name, value in space.items() if name != key})
    assert refusal(folder=folder).endswith(f"Own: missing key {key!r}, stated neither here nor in a space it extends")


def test_a_space_changed_by_the_preset_names_both_files(folder):
    preset = folder / "presets" / "digits.yaml"
    change(preset, design_spaces={"RegNetX": {"parameters": {"w_0": {"low": 8192}}}})
    message = refusal(folder=folder)
    assert message.startswith(f"{folder / 'design_spaces.yaml'}, changed by {preset}: RegNetX: parameters: w_0: ")


def test_a_space_of_the_command_line_names_the_command_line():
    message = refusal({"design_spaces": {"Own": {"extends": "Nothing"}}})
    assert message == f"{COMMAND_LINE}: design_spaces: Own.extends: unknown design space 'Nothing'"


# ---- Studies that are wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ({"panels": {"a": ["Nothing"]}}, "fig_own.panels.a: unknown space 'Nothing', expected one of AnyNetX_A"),
        (
            {"panels": {"a": [{"space": "RegNetX", "regime": "x"}]}},
            "fig_own.panels.a: unknown regime 'x', expected one of base",
        ),
        (
            {"panels": {"a": [{"space": "RegNetX", "recipe": "x"}]}},
            "fig_own.panels.a: unknown recipe 'x', expected one of short",
        ),
        ({"panels": {"a": [{"spase": "RegNetX"}]}}, "fig_own.panels.a.0: "),
        (
            {"panels": {"a": [3]}},
            "fig_own.panels.a.0: got 3, expected a design space, or one with a regime, a recipe or",
        ),
        ({"panels": {"a": []}}, "fig_own.panels.a: got [], expected at least 1 of them"),
        ({"sizes_of": ["Nothing"]}, "fig_own.sizes_of: unknown design space 'Nothing'"),
    ],
)
def test_a_wrong_study_is_named_with_what_was_expected(folder, study, expected):
    change(folder / "studies.yaml", fig_own={"title": "Own"} | study)
    assert refusal(folder=folder).startswith(f"{folder / 'studies.yaml'}: {expected}")


def test_a_study_that_does_not_run_may_want_what_the_preset_lacks(folder):
    panels = {"a": [{"space": "RegNetX", "regime": "huge", "recipe": "long"}]}
    change(folder / "studies.yaml", fig_own={"title": "Own", "panels": panels})
    change(folder / "presets" / "digits.yaml", run_studies=["fig09_regnet"])
    assert load({}, folder).run_studies == ["fig09_regnet"]
    assert "regime 'huge'" in refusal({"run_studies": ["fig_own"]}, folder)


def test_a_study_of_the_command_line_adds_to_one_that_is_there():
    own = {"studies": {"fig01_design_space_design": {"panels": {"spaces": ["RegNetX"]}}}}
    study = load(own, CONFIG).studies["fig01_design_space_design"]
    assert study["title"] == load({}, CONFIG).studies["fig01_design_space_design"]["title"]
    assert study["panels"]["spaces"] == ["RegNetX"]


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        (
            {"title": "Own", "panels": {"a": ["Nothing"]}},
            "studies: fig_own.panels.a: unknown space 'Nothing', expected",
        ),
        ({"panels": {"a": ["RegNetX"]}}, "studies: fig_own: missing key 'title'"),
        ({"title": 3}, "studies.fig_own.title: got 3, expected text"),
    ],
)
def test_a_wrong_study_of_the_command_line_names_the_command_line(study, expected):
    assert refusal({"studies": {"fig_own": study}}).startswith(f"{COMMAND_LINE}: {expected}")


# ---- Claims ----------------------------------------------------------------------------------------------------------

CLAIM = {"claim": "x", "source": "y", "quantity": "mean_difference", "populations": ["RegNetX"], "range": [0, None]}


def test_claims_speak_of_populations_and_the_run_has_some_of_them():
    found = load(
        {"claims": {"mine": CLAIM | {"recipe": "long", "populations": ["RegNetX", {"space": "AnyNetX_A"}]}}}, CONFIG
    )
    names = [curve["population"] for curve in found.claimed_curves("mine")]
    assert names == ["RegNetX-base-long", "AnyNetX_A-base-long"]
    assert found.run_claims["mine"] == []
    assert [curve["population"] for curve in found.run_claims["best_b"]] == ["AnyNetX_B-base-short"]
    everything = load({"run_studies": "all"}, CONFIG)
    run = {curve["population"] for curves in everything.run_claims.values() for curve in curves}
    assert run <= set(everything.run_populations)


@pytest.mark.parametrize("missing", ["populations", "quantity", "range"])
def test_a_claim_of_nothing_is_refused(missing):
    claim = {key: value for key, value in CLAIM.items() if key != missing}
    assert "expected populations or models, each with quantity and range, or unmeasured" in refusal(
        {"claims": {"mine": claim}}
    )


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({"populations": ["Nowhere"]}, "mine.populations: unknown space 'Nowhere', expected one of AnyNetX_A"),
        ({"populations": [{"imported": "X"}]}, "mine.populations: unknown imported 'X', expected a key of imported"),
        ({"quantity": "luck"}, "mine.quantity: got 'luck', expected one of mean_difference"),
        ({"range": [0]}, "mine.range: got [0], expected at least 2 of them ([low, high], null for an open end)"),
        ({"margin": 2}, "mine: unknown key 'margin'"),
        ({"models": [["ResNet-50"]]}, "mine.models.0: got ['ResNet-50'], expected at least 2"),
        ({"unmeasured": ""}, "mine.unmeasured: got ''"),
    ],
)
def test_a_wrong_claim_is_named_with_what_was_expected(claim, expected):
    assert expected in refusal({"claims": {"mine": CLAIM | claim}})
