"""Populations that are drawn in two phases, as the configuration states them."""

from dataclasses import replace

import pytest
from helpers.configurations import refusal
from helpers.small_spaces import DIGITS
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.configuration.two_phase import check_two_phase

NAME = "RegNetX_w0_wa-base-short"
STRATA = [{"from": 5.0, "free": 90, "indices": [40, 33, 36]}, {"from": 12.5, "free": 10, "indices": [39, 34]}]


def two_phase(of: dict) -> tuple:
    """A configuration with these populations, and the layers that state it."""
    given = {"two_phase": of}
    return replace(DIGITS, settings=DIGITS.settings | given), Layers({"my.yaml": given}, "digits.yaml")


def test_a_population_of_the_networks_that_are_named_stands_beside_its_pilot():
    configuration, layers = two_phase({NAME: STRATA})
    check_two_phase(configuration, layers)
    chosen, ordinary = configuration.populations[f"{NAME}-two_phase"], DIGITS.populations[NAME]
    assert chosen.indices == [33, 34, 36, 39, 40] and chosen.n == 5 and list(chosen.strata) == STRATA
    assert (chosen.definition, chosen.recipe, chosen.seed) == (ordinary.definition, ordinary.recipe, ordinary.seed)
    assert configuration.populations == DIGITS.populations | {chosen.name: chosen}
    assert configuration.run_populations == DIGITS.run_populations
    assert configuration.largest_population("RegNetX_w0_wa", "base") == ordinary and ordinary.indices == range(32)
    (curve,) = configuration.two_phase_curves
    assert (curve["space"], curve["label"], curve["population"]) == ("RegNetX_w0_wa", "RegNetX_w0_wa", chosen.name)
    assert DIGITS.two_phase_curves == []


def test_claims_speak_of_it_in_place_of_its_pilot():
    configuration, _ = two_phase({NAME: STRATA})
    assert DIGITS.two_phase_claims == {} and configuration.run_claims == DIGITS.run_claims
    own = {name: DIGITS.run_claims[name] for name in configuration.two_phase_claims}
    assert own and all(NAME in [curve["population"] for curve in curves] for curves in own.values())
    for name, curves in configuration.two_phase_claims.items():
        populations = [curve["population"].removesuffix("-two_phase") for curve in curves]
        assert populations == [curve["population"] for curve in own[name]]
        assert {f"{NAME}-two_phase"} <= {curve["population"] for curve in curves} - {NAME}


@pytest.mark.parametrize(
    "of, expected",
    [
        ({"RegNetX_w0-base-short": STRATA}, ": 'RegNetX_w0-base-short' is the name of no population"),
        ({NAME: STRATA[::-1]}, f".{NAME}: got a stratum from 5 after one from 12.5, expected them ascending"),
        ({NAME: [STRATA[1], {**STRATA[1], "from": 99}]}, f".{NAME}: got network 39 twice, expected each index once"),
        ({NAME: [{**STRATA[0], "free": 2}]}, f".{NAME}: from 5: got 3 indices of 2 free draws, expected no more"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(of, expected):
    with pytest.raises(ConfigError) as refused:
        check_two_phase(*two_phase(of))
    assert str(refused.value).startswith(f"my.yaml: two_phase{expected}") and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "given, expected",
    [
        ({"two_phase": {NAME: [{**STRATA[0], "indices": [1]}]}}, f"two_phase.{NAME}.0.indices: got [1], expected"),
        (
            {"two_phase": {NAME: STRATA}, "population_sizes": {f"{NAME}-two_phase": 9}},
            f"population_sizes: '{NAME}-two_phase' is the name of no population",
        ),
        (
            {"two_phase": {NAME: STRATA}, "studies": {"mine": {"title": "", "panels": {"all": [f"{NAME}-two_phase"]}}}},
            f"mine.panels.all: {NAME}-two_phase is drawn in two phases, whose networks only `make two_phase` weighs",
        ),
    ],
)
def test_what_says_more_of_such_a_population_is_refused(given, expected):
    assert expected in refusal(given)
