"""The configuration: what ships, how settings and spaces merge, and files that cannot be read."""

import pytest
from helpers.configurations import CONFIG, PRESETS, change, refusal
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.configuration.design_spaces import complete, resolve
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.configuration.merging import merge, merge_space
from netspaces.configuration.yaml_files import read_yaml
from netspaces.spaces.space import Space

laws = settings(deadline=None, derandomize=True, max_examples=100)
RANGE = {"distribution": "log_uniform", "low": 8, "high": 1024, "step": 8}
scalars = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
trees = st.dictionaries(
    st.sampled_from("abc"), st.recursive(scalars, lambda t: st.dictionaries(st.sampled_from("abc"), t))
)


# ---- What ships ------------------------------------------------------------------------------------------------------


def test_untrained_networks_follow_the_largest_population():
    configuration = load({"preset": "digits", "population_sizes": {"RegNetX-base-long": 64}}, CONFIG)
    largest = configuration.largest_population("RegNetX", "base")
    assert (largest.space, largest.n) == (
        "RegNetX",
        max(of.n for of in configuration.populations.values() if of.space == "RegNetX"),
    )
    with pytest.raises(ConfigError, match="no study has a population of RegNetX in regime nowhere"):
        configuration.largest_population("RegNetX", "nowhere")


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
    assert {p.n for name, p in populations.items() if name.endswith("-base-short")} == {8, 9}  # over the preset's
    others = {name: p.n for name, p in populations.items() if not name.endswith("-base-short")}
    assert set(others.values()) <= {7, 8, 16}  # 8 and 16: the preset's own patterns of repetitions
    assert all(n == 16 for name, n in others.items() if "-sweep_" in name)  # the preset's own pattern


def test_studies_to_run_are_named_or_named_by_chapter():
    own = {"studies": {"fig_own": {"title": "Own", "panels": {"a": ["RegNetX"]}}}}
    assert "fig_own" in load(own, CONFIG).run_studies
    assert load(own | {"run_studies": ["own"]}, CONFIG).run_studies == ["fig_own"]
    everything = load(own | {"run_studies": "all"}, CONFIG)
    assert everything.run_studies == list(everything.studies)
    assert list(load(own | {"run_studies": ["fig_own"]}, CONFIG).run_populations) == ["RegNetX-base-short"]


@pytest.mark.parametrize("preset", ["cifar10", "cifar10_cpu", "imagenet"])
def test_chapters_leave_out_studies_that_need_a_setting_which_the_preset_lacks(preset):
    shipped = read_yaml(CONFIG / "presets" / f"{preset}.yaml")
    second = ["second_data", "order_holds_second_data"]
    for named in ("all", ["critics"]):
        configuration = load(shipped | {"run_studies": named}, CONFIG)
        assert "labels_and_recipe" in configuration.run_studies and configuration.left_out() == second
        assert not {*second}.intersection(configuration.run_studies)
    assert load(shipped, CONFIG).left_out() == []
    assert load(shipped, CONFIG).left_out({"critics", "train"}) == second
    assert load({"run_studies": "all"}, CONFIG).left_out({"critics"}) == []
    with pytest.raises(ConfigError, match="second_data: unknown recipe 'second_data'"):
        load(shipped | {"run_studies": ["critics", "second_data"]}, CONFIG)


def test_a_study_that_a_preset_has_no_regime_for_is_no_target():
    panels = {"a": [{"space": "RegNetX", "regime": "nowhere"}]}
    own = {"studies": {"fig_own": {"title": "Own", "chapter": "far", "panels": panels}}}
    assert "fig_own" not in load(own, CONFIG).available_studies
    with pytest.raises(ConfigError, match="unknown regime 'nowhere'"):
        load(own | {"run_studies": ["far"]}, CONFIG)


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


def test_the_command_line_wins_over_the_preset_and_that_over_the_general_settings(config_folder):
    change(config_folder / "config.yaml", seed=1, population_size=11, models_per_job=2)
    change(config_folder / "presets" / "digits.yaml", seed=2, population_size=12)
    loaded = load({"seed": 3}, config_folder).settings
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


def test_the_command_line_re_ranges_what_the_preset_re_ranged(config_folder):
    width = {"AnyNetX_A": {"parameters": {"width": {"high": 512}, "depth": {"choice": [1, 2]}}}}
    preset = config_folder / "presets" / "digits.yaml"
    change(preset, design_spaces={"AnyNetX_A": {"parameters": {"width": {"high": 128}}}})
    spaces = load({"design_spaces": width}, config_folder).spaces
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
def test_a_missing_file_is_named(config_folder, name):
    (config_folder / name).unlink()
    assert refusal(folder=config_folder) == f"{config_folder / name}: No such file or directory"


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
def test_a_file_that_is_not_yaml_is_named_with_the_line(config_folder, content, expected):
    file = config_folder / "design_spaces.yaml"
    file.write_bytes(content)
    assert refusal(folder=config_folder).startswith(f"{file}: {expected}")


def test_keys_are_text_and_may_come_from_an_anchor(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text("base: &base {a: 1, b: 2}\n400: {<<: *base, a: 3}\n")
    assert read_yaml(file) == {"base": {"a": 1, "b": 2}, "400": {"a": 3, "b": 2}}
