"""Names and paths of the configuration are checked for what they will become: rules, files, folders, targets."""

import pytest
from helpers.configurations import CONFIG, change, refusal
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load

STUDY = {"title": "Own", "figure": "error_distributions", "panels": {"a": ["RegNetX"]}}
LONG = "x" * 300


def study(**keys) -> dict:
    """Settings with a study that has other keys."""
    return {"studies": {"own": STUDY | keys}}


WRONG_NAMES = ["a\n", "a b", "a/b", "../a", "{a}", "é", "Ａ", "", LONG]


@pytest.mark.parametrize("name", WRONG_NAMES)
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("studies", STUDY),
        ("design_spaces", {"extends": "RegNetX"}),
        ("claims", {"claim": "a", "source": "b", "chapter": "d", "unmeasured": "c"}),
        ("regimes", {"flops": [1, 2]}),
        ("recipes", {"epochs": 1}),
        ("imported", {"format": "csv", "file": "x.csv"}),
    ],
)
def test_a_name_that_cannot_be_one_of_a_file_is_refused(kind, content, name):
    message = refusal({kind: {name: content}})
    assert message.startswith(f"{COMMAND_LINE}: {kind}: got ") and len(message) < 250


@pytest.mark.parametrize("name", [*WRONG_NAMES, 3, None, ["digits"]])
def test_a_preset_that_cannot_be_a_folder_is_refused(name):
    assert refusal({"preset": name}).startswith(f"{COMMAND_LINE}: preset: got ")
    assert "preset: got " in refusal(dict(load({}, CONFIG).settings) | {"preset": name})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (study(chapter="my chapter"), "own.chapter: got 'my chapter', expected a name that matches"),
        (study(chapter="own\n"), "own.chapter: got 'own\\n', expected a name that matches"),
        (study(figure="../configuration"), "own.figure: got '../configuration', expected one of"),
        (study(figure="error_distributions\n"), "own.figure: got 'error_distributions\\n', expected one of"),
        (study(published="nothere.csv"), "own.published: got 'nothere.csv', expected a file of "),
        (study(published="../config.yaml"), "own.published: got '../config.yaml', expected a name that matches"),
        (study(published=["models.csv", "x{y}.csv"]), "own.published.1: got 'x{y}.csv', expected a name that matches"),
        (study(inputs={"a": "x{y}.csv"}), "own.inputs.a: got 'x{y}.csv', expected a name that matches"),
        (study(inputs={"a": "../../x.csv"}), "own.inputs.a: got '../../x.csv', expected a name that matches"),
        (study(inputs={"a": "/x.csv"}), "own.inputs.a: got '/x.csv', expected a name that matches"),
        (study(title="a\nb"), "own.title: got 'a\\nb', expected "),
        (study(title=LONG + "x"), "expected at most 300 characters"),
        (
            study(panels={"a": [{"space": "RegNetX", "repeat": 10**30}]}),
            "repeat: got 1000000000000000000000000000000, ",
        ),
        (study(panels={"a": [{"space": True}]}), "space: got True, expected text"),
        (study(panels={"a": ["RegNetX\n"]}), "unknown space 'RegNetX\\n'"),
        (study(figure="error_distributions", table="order_holds"), "has both figure and table, expected one of them"),
        (study(times=True, inputs={"RegNetX-base-short": "x.csv"}), "inputs has 'RegNetX-base-short', the name of a"),
        (study(finals=True, inputs={"RegNetX-base-short": "x.csv"}), "inputs has 'RegNetX-base-short', the name of a"),
        (study(times=True, finals=True), "has both times and finals, expected one of them"),
        ({"population_size": 10**9}, "population_size: got 1000000000, expected at most 100000"),
        ({"population_sizes": {"*": 10**9}}, "population_sizes.*: got 1000000000, expected at most 100000"),
        ({"models_per_job": 10**30}, "models_per_job: got 1000000000000000000000000000000, expected at most 100000"),
        ({"recipes": {"short": {"epochs": 10**9}}}, "recipes.short.epochs: got 1000000000, expected at most 100000"),
        ({"dataset": {"resolution": 10**9}}, "dataset.resolution: got 1000000000, expected at most 4096"),
        ({"design_spaces": {"A": {"parameters": {"depth": 1e9}}}}, "parameters.depth: got 1000000000.0, expected"),
        ({"threads_per_network": 10**9}, "threads_per_network: got 1000000000, expected at most 1024"),
        ({"plugins": [LONG + ".py"]}, f"plugins: {'x' * 77}...: no such file, expected a file of Python"),
        ({"imported": {"own": {"format": "csv", "file": "x{y}.csv"}}}, "imported.own.file: got 'x{y}.csv', expected "),
    ],
)
def test_what_becomes_a_rule_a_file_or_a_loop_is_bounded(settings, expected):
    message = refusal(settings)
    assert message.startswith(COMMAND_LINE) and expected in message


def test_a_name_that_is_no_text_is_taken_as_it_is_written(config_folder):
    with open(config_folder / "presets" / "digits.yaml", "a") as file:
        file.write("\nimported:\n  yes: {format: csv, file: x.csv}\n")
    assert list(load({}, config_folder).settings["imported"]) == ["yes"]


def test_a_study_with_published_numbers_of_its_own_names_its_file(config_folder):
    change(config_folder / "studies.yaml", fig04_x_block={"published": "nothere.csv"})
    folder = config_folder / "published"
    expected = (
        f"{config_folder / 'studies.yaml'}: fig04_x_block.published: got 'nothere.csv', expected a file of {folder}"
    )
    assert refusal(folder=config_folder) == expected
