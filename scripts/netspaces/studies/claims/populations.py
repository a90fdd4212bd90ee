"""Claims on populations: which networks a quantity is measured on, and when it has an interval."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from netspaces.spaces.expressions import Expression
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling
from netspaces.statistics.widths_fit import FitGrid, fit_table
from netspaces.studies.claims.bootstrap import SEARCH
from netspaces.studies.claims.claim import Claim, Finding
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.claims.quantity import Networks, PopulationQuantity, SpaceQuantity, populations_text
from netspaces.studies.study import Curve

SMALLEST = 2  # runs of a population without which nothing is said
ENOUGH = 16  # runs of each population from which on intervals, and so verdicts, are given


def measure(
    claim: Claim,
    curves: Sequence[Curve],
    grid: FitGrid,
    claims: int = 1,
    resampling: Resampling = DEFAULT,
    definitions: Mapping[str, Mapping] | None = None,
) -> Finding:
    """The quantity of a claim with an interval that holds for `claims` of them at once; none without enough runs.

    `grid` is for "e_fit", `definitions` (of design spaces) for sizes. Raises ValueError for a quantity that there is
    not, another number of populations, or values that cannot be computed.
    """
    quantity = quantity_of(claim, len(curves))
    each = resampling.simultaneous(claims)
    if isinstance(quantity, SpaceQuantity):
        exact = quantity.measure([(definitions or {})[curve.space] for curve in curves])
        return Finding(Interval.point(exact, each.level), quantity.reason)
    samples = [networks_of(curve, claim, grid) for curve in curves]
    n = tuple(map(len, samples))
    if min(n) < SMALLEST:
        return Finding(None, _shortage(claim, curves, grid), n=n)
    interval = quantity.measure(samples, claim, resampling if quantity.of_one_best else each)
    reason = ""
    if min(n) < ENOUGH:
        reason = f"fewer than {ENOUGH} runs"
    elif quantity.of_best:
        reason = _without_choice(claim, np.concatenate([networks.value for networks in samples]))
    if reason:
        interval = replace(interval, low=math.nan, high=math.nan)
    elif math.isnan(interval.low):
        many = claim.draws > max(1, min(n) // SEARCH)
        reason = f"more draws than 1/{SEARCH} of the networks" if many else "no interval: the values hardly vary"
    return Finding(interval, reason, n=n)


def quantity_of(claim: Claim, populations: int) -> PopulationQuantity | SpaceQuantity:
    """The quantity of a claim; raises ValueError if there is none, or it wants another number of populations."""
    quantity = QUANTITIES.get(claim.quantity)
    if not isinstance(quantity, PopulationQuantity | SpaceQuantity):
        names = [name for name, q in QUANTITIES.items() if isinstance(q, PopulationQuantity | SpaceQuantity)]
        raise ValueError(f"{claim.name}.quantity: got {claim.quantity!r}, expected one of {', '.join(names)}")
    if not quantity.fewest <= populations <= quantity.most:
        raise ValueError(f"{claim.name}.populations: got {populations}, expected {populations_text(quantity)}")
    for key in ("weights", "against", "values"):
        given, uses = getattr(claim, key), key in quantity.needs
        if uses != bool(given) or (key == "weights" and uses and len(given) != populations):
            raise ValueError(f"{claim.name}.{key}: got {len(given)}, expected {quantity.needs.get(key, 'none')}")
    return quantity


# ---- Networks --------------------------------------------------------------------------------------------------------


def networks_of(curve: Curve, claim: Claim, grid: FitGrid) -> Networks:
    """The networks of a curve that have all values of a claim."""
    flops = curve.table["flops"].to_numpy(float) if "flops" in curve.table else np.ones(len(curve.table))
    values = [values_of(curve, name, grid, claim.name) for name in _value_names(claim)]
    table = np.column_stack([curve.errors, flops, *values])
    table = table[np.isfinite(table).all(axis=1)]
    # Columns of one table: how values lie in memory decides in which order they are summed, and so the last digits
    return Networks(errors=table[:, 0], flops=table[:, 1], values=table[:, 2:])


def values_of(curve: Curve, value: str, grid: FitGrid, name: str = "claim") -> np.ndarray:
    """What a claim is of, for each network, (n,); NaN where a column is not there.

    `value` is "error", "e_fit" or arithmetic on columns, as in constraints of design spaces; `name` is that of the
    claim. Raises ValueError for anything else.
    """
    table = curve.table
    if value == "error":
        return curve.errors
    if value == "e_fit":
        depths, widths = (table.filter(regex=rf"^{name}_\d+$").to_numpy() for name in ("depth", "width"))
        return np.array([fit.e_fit for fit in fit_table(depths, widths, grid)]) if len(table) else curve.errors
    try:
        expression = Expression(value)
    except ValueError:
        raise ValueError(f"{name}.value: got {value!r}, expected error, e_fit or arithmetic on columns") from None
    if not expression.names <= set(table):
        return np.full(len(table), np.nan)
    return expression.evaluate({column: table[column].to_numpy(float) for column in expression.names})


def _value_names(claim: Claim) -> tuple[str, ...]:
    """The values that a claim is of, then those that it compares with."""
    return (*(claim.values or (claim.value,)), *claim.against)


def _shortage(claim: Claim, curves: Sequence[Curve], grid: FitGrid) -> str:
    """Why there are too few networks: the first population, and value of it, that has too few."""
    for curve in curves:
        if len(curve.table) < SMALLEST:
            return f"fewer than {SMALLEST} runs"
        for name in _value_names(claim):
            if np.isfinite(values_of(curve, name, grid, claim.name)).sum() < SMALLEST:
                return f"no {name} of {curve.population}"
    return "too few networks with all values"


def _without_choice(claim: Claim, values: np.ndarray) -> str:
    """Why the best could not have been other than it is; empty if it could."""
    inside = (claim.low <= values) & (values <= claim.high)
    if inside.all():
        return "every network lies in the range"
    return "" if inside.any() else "no network lies in the range"
