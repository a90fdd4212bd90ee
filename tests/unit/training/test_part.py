"""Parts of a recipe and their options: what is accepted, what is refused in one line, and what enters keys."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.training.part import Part, made
from netspaces.training.recipe import ADDED_LATER, REGISTRIES, Recipe
from netspaces.training.schedules import SCHEDULES
from netspaces.training.store import plugin_digests

SCRIPTS = Path(__file__).parents[3] / "scripts"
OPTIONS = """
from netspaces.training.part import Interval
from typing import Annotated


def SCHEDULE(progress, epochs, *, low: Annotated[float, Interval(-1, 1)] = 0.5, turns: int = 2, wild: bool = False,
             mode: str = "up", at: tuple[float, ...] = (1.0, 2.0)):
    return low
"""


@pytest.fixture
def own(tmp_path):
    """A schedule of a user's with an option of every type."""
    path = tmp_path / "own.py"
    path.write_text(OPTIONS)
    load_plugins([path])
    yield "own"
    forget_plugins()


def recipe(**values) -> Recipe:
    return Recipe.from_dict({"epochs": 1} | values)


def test_a_recipe_without_options_is_written_as_it_always_was():
    written = recipe(augmentation=["flip", "crop"]).to_dict()
    assert written["augmentation"] == ["crop", "flip"]
    assert not set(ADDED_LATER) & set(written)
    assert written == recipe(**ADDED_LATER, augmentation=["crop", "flip"]).to_dict()


def test_an_option_that_has_its_defaults_value_is_left_out():
    assert recipe(optimiser={"name": "adamw"}) == recipe(optimiser="adamw")
    assert recipe(optimiser={"name": "adamw", "beta_1": 0.9, "epsilon": 1e-8}) == recipe(optimiser="adamw")
    assert recipe(schedule={"name": "cosine", "final": 0}).to_dict() == recipe().to_dict()


def test_an_option_enters_the_record_and_comes_back_from_it():
    stated = {"optimiser": {"name": "adamw", "beta_2": 0.95}, "schedule": {"name": "milestones", "at": [1, 2]}}
    written = recipe(**stated).to_dict()
    assert written["optimiser"] == {"name": "adamw", "beta_2": 0.95}
    assert written["schedule"] == {"name": "milestones", "at": [1.0, 2.0]}
    assert Recipe.from_record(json.loads(json.dumps(written))) == recipe(**stated)
    other = {"optimiser": {"beta_2": 0.95, "name": "adamw"}, "schedule": {"at": [1.0, 2.0], "name": "milestones"}}
    assert json.dumps(recipe(**other).to_dict()) == json.dumps(written)
    hash(recipe(**stated))


def test_equal_options_have_equal_keys_whatever_they_are_written_as(own):
    one = recipe(schedule={"name": own, "low": 1, "turns": 3.0, "at": [1, 5]}).to_dict()
    other = recipe(schedule={"name": own, "low": 1.0, "turns": 3, "at": [1.0, 5.0]}).to_dict()
    assert json.dumps(one) == json.dumps(other)
    zeros = [json.dumps(recipe(schedule={"name": own, "low": zero}).to_dict()) for zero in (0, 0.0, -0.0)]
    assert len(set(zeros)) == 1


def test_a_part_has_its_options(own):
    part = recipe(schedule={"name": own, "low": 0.25}).schedule
    assert made(SCHEDULES, part)(0.0, 1) == 0.25 and made(SCHEDULES, "own")(0.0, 1) == 0.5
    assert part == Part("own", (("low", 0.25),)) and str(part) == "own"


def test_the_digest_of_a_users_part_enters_keys_with_options_or_without(own):
    for schedule in (own, {"name": own, "low": 0.1}):
        assert set(plugin_digests("x", {"schedule": schedule})) == {own}
        assert set(plugin_digests("x", vars(recipe(schedule=schedule)))) == {own}
    assert plugin_digests("x", {"augmentation": [{"name": "flip"}, "crop"]}) == {}


WRONG = {
    "low": ([1.5, -2, math.nan, math.inf, True, "1", None, [1], {"a": 1}], "a number from -1 to 1"),
    "turns": ([1.5, True, "2", math.nan, None], "a whole number"),
    "wild": ([1, "true", None], "true or false"),
    "mode": ([1, None, ["up"]], "text"),
    "at": ([1, "12", [1, "2"], [math.nan], [[1]], {"a": 1}], "a list of numbers"),
}


@pytest.mark.parametrize("option, value, expected", [(k, v, e) for k, (values, e) in WRONG.items() for v in values])
def test_a_wrong_value_of_an_option_is_refused_with_what_was_expected(own, option, value, expected):
    with pytest.raises(ValueError) as error:
        recipe(schedule={"name": own, option: value})
    assert str(error.value) == f"recipe: schedule.{option} of own is {value!r}, expected {expected}"


@pytest.mark.parametrize(
    "values, message",
    [
        (
            {"optimiser": {"name": "adamw", "beta": 0.9}},
            "optimiser adamw has no option 'beta', expected beta_1, beta_2",
        ),
        ({"optimiser": {"name": "sgd", "beta": 0.9}}, "optimiser sgd has no option 'beta', expected none"),
        ({"optimiser": {"beta_1": 0.9}}, "optimiser is None, expected adamw or "),
        ({"optimiser": {"name": ["adamw"]}}, "optimiser is "),
        ({"optimiser": None}, "optimiser is None, expected adamw or "),
        ({"loss": ["cross_entropy"]}, "loss is "),
        ({"schedule": {"name": "step", "every": 0}}, "schedule.every of step is 0, expected a number from 0.001"),
        (
            {"optimiser": {"name": "adamw", "beta_1": 1}},
            "optimiser.beta_1 of adamw is 1, expected a number from 0 to below 1",
        ),
        (
            {"optimiser": {"name": "rmsprop", "epsilon": 0}},
            "optimiser.epsilon of rmsprop is 0, expected ",
        ),
        (
            {"augmentation": [{"name": "rand_augment", "operations": 10**9}]},
            "augmentation.operations of ",
        ),
        ({"optimiser": "adamw", "momentum": 0.8}, "momentum is 0.8, expected none: adamw has no use for it"),
        ({"optimiser": "lamb", "nesterov": False}, "nesterov is False, expected none: lamb has no use for it"),
        ({"weight_decay_on": "norms"}, "weight_decay_on is 'norms', expected all or weights"),
        ({"augmentation": [{"name": "flip", "p": 1}]}, "augmentation flip has no option 'p', expected none"),
        ({"augmentation": [{"p": 1}]}, "augmentation has 'None', expected some of "),
        ({"augmentation": [3]}, "augmentation has "),
        ({"augmentation": "flip"}, "augmentation is 'flip', expected a list of colour, "),
        ({"mixing": ["blend"]}, "mixing has 'blend', expected some of cutmix, mixup"),
        (
            {"mixing": [{"name": "mixup", "alpha": 0}]},
            "mixing.alpha of mixup is 0, expected a number from 0.001 ",
        ),
    ],
)
def test_a_wrong_part_is_refused_in_one_line(values, message):
    with pytest.raises(ValueError) as error:
        recipe(**values)
    assert str(error.value).startswith(f"recipe: {message}") and "\n" not in str(error.value)


def test_names_of_all_registries_may_stand_in_a_mapping():
    for field, registry in REGISTRIES.items():
        for name in registry.modules:
            several = field in ("augmentation", "mixing")
            one, other = ([name], [{"name": name}]) if several else (name, {"name": name})
            assert recipe(**{field: one}) == recipe(**{field: other})


def test_recipes_with_options_of_every_kind_need_no_torch():
    code = """
from netspaces.training.part import options_of
from netspaces.training.recipe import REGISTRIES, SINGLE, Recipe
print([name for name in sys.modules if name == "torch"])
for field, registry in REGISTRIES.items():
    for name in registry.modules:
        part = {"name": name} | {option: each.default for option, each in options_of(registry[name]).items()}
        recipe = Recipe.from_dict({"epochs": 2, field: part if field in SINGLE else [part]})
        recipe.rate(1.5)
        recipe.to_dict()
        if field != "target" and "torch" in sys.modules:
            print(field, name)
            break
"""
    preamble = "import sys\nsys.path.insert(0, sys.argv[1])\n"
    done = subprocess.run([sys.executable, "-c", preamble + code, SCRIPTS], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
