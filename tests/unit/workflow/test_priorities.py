"""Which jobs run first: checks, then drawings, then trainings in the order of the figures that show them."""

from types import SimpleNamespace

from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.workflow.priorities import CHECKING, DRAWING, FIRST, priorities_of, priority_by_wildcards


def test_populations_of_the_first_picture_come_first_and_then_those_of_each_figure_in_turn():
    configuration = load({}, CONFIG)
    priorities = priorities_of(configuration)
    ordered = sorted(priorities, key=priorities.get, reverse=True)
    assert set(priorities) == set(configuration.run_populations) and len(set(priorities.values())) == len(priorities)
    first = [curve["population"] for curve in configuration.own_curves(FIRST)]
    assert ordered[:3] == first == [f"{space}-base-short" for space in ("AnyNetX_A", "AnyNetX_E", "RegNetX")]
    curves = [curve for study in configuration.run_studies for curve in configuration.own_curves(study)]
    seen = list(dict.fromkeys(curve["population"] for curve in curves))
    assert ordered[3:] == [name for name in seen if name not in first]


def test_without_the_first_picture_the_order_is_that_of_the_studies():
    configuration = load({"run_studies": ["fig23_block_types", "fig05_shared_bottleneck_group_width"]}, CONFIG)
    ordered = sorted(priorities_of(configuration).items(), key=lambda pair: -pair[1])
    assert [name for name, _ in ordered][:2] == ["AnyNetX_A-base-short", "AnyNetX_B-base-short"]


def test_drawing_comes_before_any_training_and_checks_before_that():
    everything = priorities_of(load({"run_studies": "all"}, CONFIG))
    assert max(everything.values()) < DRAWING < CHECKING


def test_all_that_the_first_picture_needs_comes_before_other_trainings():
    configuration = load({}, CONFIG)
    priority_of = priority_by_wildcards(configuration)
    of = {name: priority_of(SimpleNamespace(population=name, shard="00000")) for name in configuration.run_populations}
    first = configuration.own_curves(FIRST)
    needed = [SimpleNamespace(space=curve["space"], regime=curve["regime"]) for curve in first]
    others = max(priority for name, priority in of.items() if name not in [curve["population"] for curve in first])
    for curve, untrained in zip(first, needed, strict=True):
        assert priority_of(untrained) == of[curve["population"]] + 1 > others + 1
    assert priority_of(SimpleNamespace(space="NoSuch", regime="base")) == 0
