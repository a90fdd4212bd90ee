"""What training budgets decide, in numbers: agreement, components, drift, flips, and the split of a fixed budget."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from netspaces.statistics.comparisons import compare
from netspaces.statistics.components import components
from netspaces.statistics.equivalence import detectable
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.orders import INNER, OUTER, RISK, Split, flips, split
from netspaces.statistics.ranks import Agreement
from netspaces.statistics.samples import log_errors
from netspaces.studies.pairing import Budgets, agreement_of, by_space, drift_of
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import RESAMPLING, Column, present

COLUMNS = {
    "quantity": Column("what was measured; networks and epochs of a recommended split stand here too", "quantity"),
    "space": Column("the design space, or the two that are compared", "space"),
    "epochs": Column("the budget, the pair of budgets, or all budgets that the number is of", "epochs"),
    "unit": Column("`%`, `blocks`, `factor`, or none for shares, correlations and probabilities", "unit"),
    "estimate": Column("the number, in its unit; empty where there are too few runs", "estimate", "share"),
    "low": Column("lower end of its interval; empty where there is none", "low", "share"),
    "high": Column("upper end of its interval; empty where there is none", "high", "share"),
    "n": Column("networks with all runs that the number needs", "n"),
} | RESAMPLING
PARAMETERS = {"depth": ("depth", False), "w_a": ("slope w_a", True)}
PARAMETERS |= {"bottleneck_1": ("bottleneck ratio", True), "group_width_1": ("group width", True)}
NOTHING = Interval(np.nan, np.nan, np.nan, np.nan)
WANTS: dict = {"budgets": {"trained": True, "budgets": True}}


def make(study: Study) -> pd.DataFrame:
    """A row per quantity, space and budget or pair of budgets; empty cells where there are too few runs."""
    curves = study.panels["budgets"]
    spaces = by_space(curves)
    resampling = study.resampling
    rows = [row for space in spaces for row in _agreements(space, resampling)]
    rows += [row for space in spaces for row in _components(space, resampling)]
    rows += [row for space in spaces for row in _drifts(space, curves, resampling)]
    if len(spaces) > 1:
        rows += _orders(spaces[0], spaces[1], resampling)
    table = pd.DataFrame(rows).assign(**resampling.columns())
    diverged = sum(curve.diverged for curve in study.curves)
    note = (
        f"Intervals at {100 * study.level:g} %, seed {study.seed}: percentiles of {study.resamples:,} resamples of the "
        f"networks; of differences of means the wider of Welch's and BCa; of flips and risks {OUTER} times new "
        f"populations with {INNER} draws each. n: networks with all runs that a row needs, of both spaces where it "
        "compares two. Without seed noise: corrected for attenuation (Spearman), over the networks trained with "
        "several seeds. Shares: variance components by analysis of variance. Drift: mean best value at the last "
        "budget less, or over, that at the first. Detectable: difference of means that a t test finds with a power "
        "of 80 %. Errors in percent, top-1; "
        f"diverged runs, counted at chance error: {diverged}."
    )
    return present(table, study.title, note, COLUMNS)


def _row(quantity: str, space: str, epochs: object, unit: str, interval: Interval | None, n: object) -> dict:
    interval = interval or NOTHING
    row: Row = {"quantity": quantity, "space": space, "epochs": str(epochs), "unit": unit}
    return row | {"estimate": interval.estimate, "low": interval.low, "high": interval.high, "n": str(n)}


def _agreements(space: Budgets, resampling: Resampling) -> Iterator[dict]:
    reliable: dict[int, tuple[Interval | None, int]] = {}
    for one, other in combinations(space.epochs, 2):
        ranks, epochs = agreement_of(space, one, other, resampling), f"{one}–{other}"
        if ranks is None:
            yield _row("Spearman correlation", space.label, epochs, "", NOTHING, len(space.complete))
            continue
        yield _row("Spearman correlation", space.label, epochs, "", ranks.spearman, ranks.n)
        yield _row("Kendall's tau-b", space.label, epochs, "", ranks.kendall, ranks.n)
        yield _row("overlap of the best quarters", space.label, epochs, "", ranks.overlap, ranks.n)
        yield from _corrected(space, epochs, ranks)
        if ranks.corrected:
            reliable.setdefault(one, (ranks.reliability_x, ranks.n_repeated))
            reliable.setdefault(other, (ranks.reliability_y, ranks.n_repeated))
    for budget, (interval, n) in sorted(reliable.items()):
        yield _row("Spearman correlation of two seeds", space.label, budget, "", interval, n)


def _corrected(space: Budgets, epochs: str, ranks: Agreement) -> Iterator[dict]:
    if ranks.corrected:
        n = ranks.n_repeated
        yield _row("Spearman correlation, other seeds", space.label, epochs, "", ranks.between, n)
        yield _row("Spearman correlation without seed noise", space.label, epochs, "", ranks.corrected, n)


def _components(space: Budgets, resampling: Resampling) -> Iterator[dict]:
    errors = space.crossed
    if errors.shape[2] < 2:
        return
    epochs = ", ".join(map(str, space.epochs))
    for unit, values in (("of log error", log_errors), ("of error", np.asarray)):
        variance = components(values(errors), resampling) if min(errors.shape) > 1 else None
        n = f"{errors.shape[0]} × {errors.shape[2]} seeds"
        for name, share in variance.shares.items() if variance else [("architecture", NOTHING)]:
            yield _row(f"share of variance {unit}: {name}", space.label, epochs, "", share, n)


def _drifts(space: Budgets, curves: Sequence[Curve], resampling: Resampling) -> Iterator[dict]:
    own = [curve for curve in curves if curve.label == space.label and curve.repeat == 0]
    for column, (name, log2) in PARAMETERS.items():
        if any(column not in curve.table or curve.table[column].isna().any() for curve in own):
            continue  # the space has no such parameter
        moved = drift_of(own, column, log2, resampling)
        unit, epochs = "factor" if log2 else "blocks", f"{space.epochs[0]}–{space.epochs[-1]}"
        drift, n = (moved[1].change, moved[1].n) if moved else (NOTHING, len(space.complete))
        yield _row(f"drift of the best {name}", space.label, epochs, unit, drift, n)


def _orders(one: Budgets, other: Budgets, resampling: Resampling) -> Iterator[dict]:
    a, b, pair = one.complete, other.complete, f"{one.label} − {other.label}"
    n = f"{len(a)}, {len(b)}"
    if min(len(a), len(b)) < 2 or one.epochs != other.epochs:
        yield _row("difference of mean errors", pair, ", ".join(map(str, one.epochs)), "%", NOTHING, n)
        return
    last = one.epochs[-1]
    for k, epochs in enumerate(one.epochs):
        compared = compare({"a": a[:, k], "b": b[:, k]}, resampling=resampling).iloc[0]
        interval = Interval(compared["difference"], compared["low"], compared["high"], resampling.level)
        yield _row("difference of mean errors", pair, epochs, "%", interval, n)
        least = Interval(detectable(a[:, k], b[:, k], resampling.level), np.nan, np.nan, resampling.level)
        yield _row("detectable difference", pair, epochs, "%", least, n)
    for epochs, interval in zip(one.epochs[:-1], flips(a, b, resampling), strict=False):
        yield _row("probability that the order flips", pair, f"{epochs}–{last}", "", interval, n)
    yield from _split(split(a, b, one.epochs, resampling), pair, last)


def _split(splits: Split, pair: str, last: int) -> Iterator[dict]:
    again = Interval(splits.reversed, np.nan, np.nan, np.nan)
    yield _row("share of redrawn populations with the other order", pair, last, "", again, "")
    for words, row in (("a risk", splits.recommended), ("an upper limit of it", splits.safe)):
        quantity = f"risk of the cheapest split with {words} below {100 * RISK:g} %"
        if row is None:
            yield _row(f"{quantity}: none", pair, "", "", NOTHING, "")
            continue
        networks, epochs = int(row["networks"]), int(row["epochs"])
        interval = Interval(row["risk"], row["low"], row["high"], np.nan)
        yield _row(
            f"{quantity}: {networks} × {epochs} epochs per space", pair, epochs, "", interval, f"{networks} each"
        )
