"""Values: whole numbers are made whole where settings are read, and what no setting can mean is refused there."""

import json

import pytest
from helpers.configurations import CONFIG, change, refusal
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load
from netspaces.configuration.yaml_files import LONGEST, read_yaml

NAN, INFINITY = float("nan"), float("inf")

# ---- Whole numbers ---------------------------------------------------------------------------------------------------


def exactly(content: object) -> str:
    """Contents as text, in which 2 and 2.0 differ."""
    return json.dumps(content, sort_keys=True)


@pytest.mark.parametrize(
    "settings",
    [
        {"seed": 1, "population_size": 4, "models_per_job": 2, "final_repetitions": 3},
        {"population_sizes": {"RegNetX-base-short": 5}},
        {"recipes": {"short": {"epochs": 1, "batch_size": 32}}},
        {"dataset": {"resolution": 8, "channels": 1, "classes": 10, "seed": 3, "validation_seed": 1}},
        {"skeleton": {"stem_width": 8, "strides": [1, 2, 2, 2, 1]}},
        {"timing": {"batch": 8, "settings": [{"batch": 1, "repeats": 2}]}},
        {"statistics": {"resamples": 100, "seed": 1}},
        {"design_spaces": {"Own": {"extends": "RegNetX", "stages": 4, "strides": [1, 2, 2, 1]}}},
        {"design_spaces": {"AnyNetX_D": {"monotone": {"width": {"order": "equal", "stages": [1, 2]}}}}},
        {"studies": {"fig04_x_block": {"panels": {"a": [{"space": "RegNetX", "repeat": 1}]}}}},
        {"claims": {"own": {"claim": "a", "source": "b", "chapter": "d", "unmeasured": "c", "resolution": 8}}},
    ],
)
def test_a_whole_number_may_be_written_as_a_float(settings):
    def with_floats(content):
        if isinstance(content, dict):
            return {key: with_floats(value) for key, value in content.items()}
        if isinstance(content, list):
            return [with_floats(value) for value in content]
        return float(content) if isinstance(content, int) else content

    expected, got = (load(given, CONFIG) for given in (settings, with_floats(settings)))
    for part in ("settings", "spaces", "studies", "claims"):
        assert exactly(getattr(got, part)) == exactly(getattr(expected, part))
    assert list(got.populations) == list(expected.populations)


def test_a_whole_number_may_be_written_as_a_float_in_every_file(config_folder):
    change(config_folder / "config.yaml", models_per_job=8.0)
    change(config_folder / "presets" / "digits.yaml", seed=1.0)
    change(config_folder / "design_spaces.yaml", RegNetX={"stages": 3.0})
    configuration = load({}, config_folder)
    values = (configuration.settings["models_per_job"], configuration.settings["seed"])
    assert exactly([*values, configuration.spaces["RegNetX"]["stages"]]) == "[8, 1, 3]"


def test_a_number_that_need_not_be_whole_stays_as_it_is_written():
    regimes = {"base": {"flops": [800000.0, 1000000.0]}}
    assert exactly(load({"regimes": regimes}, CONFIG).settings["regimes"]["base"]) == exactly(regimes["base"])


@pytest.mark.parametrize("value", [1.5, "1", True, None])
def test_what_is_no_whole_number_is_refused(value):
    assert f"{COMMAND_LINE}: seed: got " in refusal({"seed": value})


# ---- NaN and infinity ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [NAN, INFINITY, -INFINITY, 10**400])
@pytest.mark.parametrize(
    ("place", "path"),
    [
        (lambda value: {"checkpoint_seconds": value}, "checkpoint_seconds"),
        (lambda value: {"recipes": {"short": {"learning_rate": value}}}, "recipes.short.learning_rate"),
        (lambda value: {"statistics": {"level": value}}, "statistics.level"),
        (lambda value: {"cost": {"per_flop": value}}, "cost.per_flop"),
        (lambda value: {"regimes": {"base": {"flops": [1, value]}}}, "regimes.base.flops.1"),
        (lambda value: {"dataset": {"test_fraction": value}}, "dataset.test_fraction"),
        (lambda value: {"seed": value}, "seed"),
        (
            lambda value: {"design_spaces": {"A": {"parameters": {"w_m": {"choice": [value]}}}}},
            "design_spaces.A.parameters.w_m.choice.0",
        ),
        (lambda value: {"claims": {"own": {"range": [None, value]}}}, "claims.own.range.1"),
        (lambda value: {"claims": {"own": {"weights": [1, value]}}}, "claims.own.weights.1"),
    ],
)
def test_a_number_that_is_not_finite_is_refused(place, path, value):
    message = refusal(place(value))
    assert message.startswith(f"{COMMAND_LINE}: {path}: got ") and message.endswith(", expected a finite number")


@pytest.mark.parametrize("name", ["config.yaml", "presets/digits.yaml", "design_spaces.yaml", "claims.yaml"])
def test_a_number_that_is_not_finite_is_refused_in_every_file(config_folder, name):
    change(config_folder / name, Own={"range": [1, NAN]})
    expected = "Own.range.1: got nan, expected a finite number"
    assert refusal(folder=config_folder) == f"{config_folder / name}: {expected}"


# ---- What no setting can mean ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 2020-01-01", "a: got 2020-01-01, expected text, which YAML takes for a date unless it is in quotes"),
        ("a: !!binary aGk=", "a: got b'hi', expected text, a number, a list or a mapping"),
        ('a: "x\\0y"', "a: got 'x\\x00y', expected text without control characters"),
        ('"x\\0y": 1', "got 'x\\x00y', expected text without control characters"),
        ('a: "\\ud800"', "not valid YAML in line 1 (found invalid Unicode character escape code)"),
        ("a: &a {b: *a}", "expected at most 40 levels"),
        ("a: " + "[" * 100 + "]" * 100, "expected at most 40 levels"),
        ("a: " + "[" * 200_000, "not valid YAML"),
        ("a: 2020-13-45", "not valid YAML (month must be in 1..12)"),
        ("a: 1" + "0" * 5000, "not valid YAML in line 1 (a number of 5,001 characters, expected at most 400)"),
        ("a: [1, 010]", "not valid YAML in line 1 (010 is 8 for YAML, expected 8, or '010' in quotes for text)"),
        ("a:\n  b: 1:30", "not valid YAML in line 2 (1:30 is 90 for YAML, expected 90, or '1:30' in quotes for text)"),
        (
            "a: 1:30.5",
            "not valid YAML in line 1 (1:30.5 is 90.5 for YAML, expected 90.5, or '1:30.5' in quotes for text)",
        ),
        ("a: !!float []", "not valid YAML in line 1 (expected a scalar node, but found sequence)"),
        ("a: !!int x", "not valid YAML (invalid literal for int()"),
        ("#" * 3_000_000, "3,000,000 bytes, expected at most 2,000,000"),
        (
            "\n".join(["a0: &a0 {b: 1}", *(f"a{i}: &a{i} {{<<: [{f'*a{i - 1}, ' * 9}]}}" for i in range(1, 12))]),
            "(more than 100,000 keys, with those that are merged)",
        ),
        ("a: {[1]: 2}", "not valid YAML"),
        (
            "\n".join(["a0: &a0 [1]", *(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}]" for i in range(1, 9))]),
            "more than 100,000 values, expected fewer",
        ),
    ],
)
def test_what_no_setting_can_mean_is_refused_in_one_line(tmp_path, text, expected):
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_yaml(file)
    message = str(error.value)
    assert message.startswith(f"{file}: ") and expected in message and len(message.splitlines()) == 1


def test_a_key_is_what_is_written(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text("yes: 1\n1.0: 2\n400: {on: 3}\n2020-01-01: 4\nshared: &s {off: 5}\nmore: {<<: *s, ~: 6}\n")
    expected = {"yes": 1, "1.0": 2, "400": {"on": 3}, "2020-01-01": 4, "shared": {"off": 5}}
    assert read_yaml(file) == expected | {"more": {"off": 5, "~": 6}}


def test_numbers_that_look_like_what_they_are_stay(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text("a: [0, -0, 1_000, 0x1F, 0b11, 0.5, 1.0e+3, 00.5]\n0: 1\n010: 2\n")
    assert read_yaml(file) == {"a": [0, 0, 1000, 31, 3, 0.5, 1000.0, 0.5], "0": 1, "010": 2}


# ---- Messages --------------------------------------------------------------------------------------------------------


def test_a_long_value_is_shortened_in_a_message():
    message = refusal({"run_studies": ["x" * 10_000]})
    assert f"run_studies: got '{'x' * 76}..., expected one of all, " in message and len(message) < 2000
    message = refusal({"seed": "x" * 1000})
    assert "xxx..., expected an integer" in message and len(message) < 2 * LONGEST + 20
    curve = {"space": "RegNetX", "regims": ["base"], "label": "x" * 200}
    message = refusal({"studies": {"fig_own": {"title": "x", "panels": {"a": [curve]}}}})
    assert message.endswith(
        "fig_own.panels.a.0: unknown key 'regims', expected one of space, regime, regimes, recipe, repeat, label; "
        "did you mean 'regimes'?"
    )
