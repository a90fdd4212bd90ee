"""Claims on populations: which networks a quantity is measured on, and when it has an interval."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import DEFAULT, Resampling
from netspaces.studies.claims.bootstrap import SEARCH, resamples_of
from netspaces.studies.claims.claim import NO_CHOICE, NO_RUNS, NOT_COMPUTABLE, UNDECIDED, Claim, Finding
from netspaces.studies.claims.quantity import (
    Networks,
    PopulationQuantity,
    SpaceQuantity,
    confidence_of,
    counted,
    quantity_of,
)
from netspaces.studies.claims.values import ERROR, lacking, value_names, values_of

if TYPE_CHECKING:
    from netspaces.statistics.widths_fit import FitGrid
    from netspaces.studies.regression import Regression
    from netspaces.studies.study import Curve

SMALLEST = 2  # runs of a population without which nothing is said
ENOUGH = 16  # runs of each population from which on intervals, and so verdicts, are given
NONE_GIVEN = {"value": ERROR, "values": (), "against": (), "weights": (), "draws": 0}
"""The keys of claims on populations that not every quantity takes, and what they are where they are not stated."""


def measure(
    claim: Claim,
    curves: "Sequence[Curve]",
    grid: "FitGrid",
    resampling: Resampling = DEFAULT,
    definitions: Mapping[str, Mapping] | None = None,
    regression: "Regression | None" = None,
) -> Finding:
    """The quantity of a claim with limits; none without enough runs.

    `grid` is for "e_fit", `definitions` (of design spaces) for sizes, `regression` for means of errors. Raises
    ValueError for a quantity that there is not, another number of populations, or values that cannot be computed.
    """
    quantity = population_quantity(claim, len(curves))
    if isinstance(quantity, SpaceQuantity):
        exact = quantity.measure([(definitions or {})[curve.space] for curve in curves])
        return Finding(Confidence.point(exact), quantity.reason)
    samples = [networks_of(curve, claim, grid) for curve in curves]
    n = tuple(map(len, samples))
    if min(n) < SMALLEST:
        reason, absent = _shortage(claim, curves, grid)
        return Finding(None, reason, absent, n=n)
    weighed = [networks for networks in samples if networks.is_weighed]
    if weighed and not _of_mean_errors(claim, quantity):
        return Finding(None, "a quantity that does not weigh networks", NOT_COMPUTABLE, n=n)
    if any(networks.phases is None for networks in weighed):
        return Finding(None, f"fewer than {SMALLEST} runs of a stratum", NO_RUNS, n=n)
    confidence = confidence_of(quantity, samples, claim, resampling)
    if why := _without_limits(claim, quantity, samples, confidence):
        reason, absent, least = why
        return Finding(Confidence.unknown(confidence.estimate), reason, absent, n=n, least=least)
    found = Finding(confidence, n=n, resamples=resamples_of(n, resampling) if quantity.resampled else 0)
    with_predictions = None if regression is None else _predicted(claim, quantity, curves, samples, regression)
    if regression is None or with_predictions is None:
        return found
    other = confidence_of(quantity, with_predictions, claim, resampling)
    random = [of.population for of, networks in zip(curves, samples, strict=True) if not networks.is_weighed]
    decides = regression.decides(random)
    return replace(found, confidence=other if decides else confidence, plain=confidence, regression=other)


def _predicted(
    claim: Claim,
    quantity: PopulationQuantity,
    curves: "Sequence[Curve]",
    samples: Sequence[Networks],
    regression: "Regression",
) -> list[Networks] | None:
    """The networks with their predictions, which weighted ones go without.

    None for a claim that is not about means of errors, and where predictions are missing, or none is of use.
    """
    if all(networks.is_weighed for networks in samples) or not _of_mean_errors(claim, quantity):
        return None
    found = []
    for networks, curve in zip(samples, curves, strict=True):
        if networks.is_weighed:
            found.append(networks)
            continue
        predicted = regression.predicted.get(curve.population)
        if predicted is None or predicted.n != len(networks):
            return None
        found.append(replace(networks, predicted=predicted))
    return found


def _of_mean_errors(claim: Claim, quantity: PopulationQuantity) -> bool:
    """Whether a claim is about means of errors, of which there are other estimates than plain means."""
    return not quantity.resampled and claim.value == ERROR and not claim.values and not claim.against


def _without_limits(
    claim: Claim, quantity: PopulationQuantity, samples: Sequence[Networks], confidence: Confidence
) -> tuple[str, str, int] | None:
    """Why there are no limits, the verdict without them, and how many networks they need; None if there are."""
    smallest = min(map(len, samples))
    if smallest < ENOUGH:
        return f"fewer than {ENOUGH} runs", UNDECIDED, max(ENOUGH, SEARCH * claim.draws)
    if claim.draws > max(1, smallest // SEARCH):
        needed = SEARCH * claim.draws
        return f"{claim.draws} draws are more than 1/{SEARCH} of the networks", UNDECIDED, needed
    if quantity.of_best:
        reason = _without_choice(claim, np.concatenate([networks.value for networks in samples]))
        if reason:
            return reason, NO_CHOICE, 0
    return None if confidence.is_known else ("no interval: the values hardly vary", NOT_COMPUTABLE, 0)


def population_quantity(claim: Claim, populations: int) -> PopulationQuantity | SpaceQuantity:
    """The quantity of a claim on a number of populations.

    Raises ValueError if there is none of that name, or it takes another number of them, or other keys.
    """
    quantity = quantity_of(claim, (PopulationQuantity, SpaceQuantity))
    assert isinstance(quantity, PopulationQuantity | SpaceQuantity)
    if not quantity.fewest <= populations <= quantity.most:
        raise ValueError(f"{claim.name}.populations: got {populations}, expected {counted(quantity)}")
    if isinstance(quantity, PopulationQuantity) and quantity.paired and populations % 2:
        raise ValueError(f"{claim.name}.populations: got {populations}, expected an even number")
    for key, nothing in NONE_GIVEN.items():
        given, needed = getattr(claim, key), key in quantity.needs
        has = given != nothing
        wrong = has != needed and not (has and key in quantity.takes)
        if wrong or (key == "weights" and needed and len(given) != populations):
            got = len(given) if isinstance(given, tuple) else given
            raise ValueError(f"{claim.name}.{key}: got {got}, expected {quantity.needs.get(key, 'none')}")
    return quantity


# ---- Networks --------------------------------------------------------------------------------------------------------


def networks_of(curve: "Curve", claim: Claim, grid: "FitGrid") -> Networks:
    """The networks of a curve that have all values of a claim."""
    has_flops = "flops" in curve.table
    flops = curve.table["flops"].to_numpy(float) if has_flops else np.full(len(curve.table), np.nan)
    values = [values_of(curve, name, grid, claim.name) for name in value_names(claim)]
    table = np.column_stack([curve.errors, flops, *values])
    table = table[np.isfinite(table[:, [0, *range(1 if has_flops else 2, table.shape[1])]]).all(axis=1)]
    # Columns of one table: how values lie in memory decides in which order they are summed, and so the last digits
    networks = Networks(errors=table[:, 0], flops=table[:, 1], values=table[:, 2:])
    if "stratum" not in curve.table:
        return networks
    from netspaces.studies.two_phase import population_of  # here: the check at the start reads no tables

    return replace(networks, is_weighed=True, phases=population_of(curve))


def _shortage(claim: Claim, curves: "Sequence[Curve]", grid: "FitGrid") -> tuple[str, str]:
    """Why there are too few networks: the first population, and value of it, that has too few; and the verdict."""
    for curve in curves:
        if len(curve.table) < SMALLEST:
            return f"fewer than {SMALLEST} runs", NO_RUNS
        for name in value_names(claim):
            if np.isfinite(values_of(curve, name, grid, claim.name)).sum() < SMALLEST:
                verdict = NOT_COMPUTABLE if lacking(curve, name, claim.name) else NO_RUNS
                return f"no {name} of {curve.population}", verdict
    return "too few networks with all values", NO_RUNS


def _without_choice(claim: Claim, values: np.ndarray) -> str:
    """Why the best could not have been other than it is; empty if it could."""
    inside = (claim.low <= values) & (values <= claim.high)
    if inside.all():
        return "every network lies in the range"
    return "" if inside.any() else "no network lies in the range"
