"""The name that was probably meant."""

import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.files.suggestions import did_you_mean, one_of

STUDIES = list(load({}, CONFIG).studies)
SPACES = list(load({}, CONFIG).spaces)


@pytest.mark.parametrize(
    "name, known, meant",
    [
        ("my_studdy", ["my_study", "my_other", "all"], "my_study"),
        ("fig9", STUDIES, "fig09_regnet"),
        ("fig09", STUDIES, "fig09_regnet"),
        ("fig9_regnet", STUDIES, "fig09_regnet"),
        ("fig1", STUDIES, "fig01_design_space_design"),
        ("table1", STUDIES, "table01_design_spaces"),
        ("budget-split", STUDIES, "budget_split"),
        ("regnetx", SPACES, "RegNetX"),
        ("AnyNetA", SPACES, "AnyNetX_A"),
        ("ReNgetX", SPACES, "RegNetX"),
        ("widht_4", ["depth_4", "width_4"], "width_4"),
    ],
)
def test_what_is_nearly_a_name_or_begins_like_it_is_meant(name, known, meant):
    assert did_you_mean(name, known) == f"; did you mean {meant!r}?"


@pytest.mark.parametrize("name", ["", "a", "q", "something_else", "x" * 400, 7, ["RegNetX"]])
def test_nothing_is_guessed_of_what_is_like_no_name(name):
    assert did_you_mean(name, ["all", "r", "v", "x_block", "fig09_regnet"]) == ""


def test_all_that_there_are_are_named_first():
    assert one_of("bse", ["base", "short"]) == "one of base, short; did you mean 'base'?"
    assert one_of("bse", []) == "one of "
