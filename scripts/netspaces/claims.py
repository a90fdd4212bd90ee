"""Claims of a paper, tested on populations: each is a quantity with an interval, and a range that it should lie in.

A claim is confirmed if the interval lies wholly inside the range, contradicted if wholly outside, else undecided: no
verdict is anybody's opinion. Intervals hold for all claims of a list at once (Bonferroni), whichever of them can be
tested, so that a verdict does not depend on what else has been trained. config/README.md names the quantities.
"""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import DegenerateDataWarning, rankdata, ttest_ind

from netspaces.statistics import Interval, bootstrap_limits, empirical_bootstrap_exact, win_probabilities
from netspaces.studies import Curve
from netspaces.widths_fit import FitGrid, fit_table

CONFIRMED, CONTRADICTED, UNDECIDED, NO_RUNS = "confirmed", "contradicted", "undecided", "no runs"
BEST = 0.25  # share of a population whose best network counts as a best one, as in the paper's bootstrap
SEARCH = 8  # the expected best of more than n / 8 networks has no trustworthy interval (statistics.bootstrap_interval)
SMALLEST = 2  # runs of a population without which nothing is said
ENOUGH = 16  # runs of each population from which on intervals, and so verdicts, are given

Statistic = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Claim:
    """What a paper says of populations, and the range of the quantity that would bear it out.

    `low` and `high` bound that range, infinite where it is open. `value` is what a quantity is of: "error", a column of
    population tables, or "e_fit". `draws` is the number of networks that a search tries; 0: an eighth of the smallest
    population. `published` is the paper's own number, as text.
    """

    name: str
    statement: str
    source: str
    quantity: str
    low: float = -math.inf
    high: float = math.inf
    value: str = "error"
    draws: int = 0
    published: str = ""

    @classmethod
    def from_settings(cls, name: str, settings: Mapping) -> "Claim":
        """From an entry of config/claims.yaml; `null` is an open end of `range`."""
        low, high = settings["range"]
        ends = {"low": -math.inf if low is None else float(low), "high": math.inf if high is None else float(high)}
        optional = {key: settings[key] for key in ("value", "draws") if key in settings}
        optional["published"] = str(settings.get("published", ""))
        return cls(name, settings["claim"], settings["source"], settings["quantity"], **ends, **optional)


def verdict(claim: Claim, interval: Interval | None) -> str:
    """What an interval says of a claim; None says that there are no runs to tell, NaN limits that nothing is sure."""
    if interval is None:
        return NO_RUNS
    if claim.low <= interval.low and interval.high <= claim.high:
        return CONFIRMED
    return CONTRADICTED if interval.high < claim.low or interval.low > claim.high else UNDECIDED


def measure(
    claim: Claim,
    curves: Sequence[Curve],
    grid: FitGrid,
    level: float = 0.95,
    claims: int = 1,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval | None:
    """The quantity of a claim with an interval that holds for `claims` of them at once; None without enough runs.

    `grid` is for "e_fit". Raises ValueError for a quantity that there is not, or another number of populations.
    """
    if claim.quantity not in QUANTITIES:
        raise ValueError(f"{claim.name}.quantity: got {claim.quantity!r}, expected one of {', '.join(QUANTITIES)}")
    quantity = QUANTITIES[claim.quantity]
    if not quantity.fewest <= len(curves) <= quantity.most:
        raise ValueError(f"{claim.name}.populations: got {len(curves)}, expected {quantity.populations}")
    samples = [_sample(curve, claim.value, grid) for curve in curves]
    if min(len(sample) for sample in samples) < SMALLEST:
        return None
    if claim.quantity == "best_value":
        values, errors = samples[0][:, :2].T
        best = empirical_bootstrap_exact(values, errors, BEST, level)
        found = Interval(best.median, best.low, best.high, level)
    else:
        found = quantity.measure(samples, claim, 1 - (1 - level) / claims, resamples, seed)
    enough = min(map(len, samples)) >= ENOUGH
    return found if enough else replace(found, low=math.nan, high=math.nan)


def _sample(curve: Curve, value: str, grid: FitGrid) -> np.ndarray:
    """Columns value, error and, where known, flops of a curve's networks, (n, 2 or 3); rows without one left out."""
    table, errors = curve.table, curve.errors
    if value == "error":
        values = errors
    elif value == "e_fit":
        depths, widths = (table.filter(regex=rf"^{name}_\d+$").to_numpy() for name in ("depth", "width"))
        values = np.array([fit.e_fit for fit in fit_table(depths, widths, grid)]) if len(table) else errors
    elif value in table:
        values = table[value].to_numpy(float)
    else:
        values = np.full(len(table), np.nan)
    columns = [values, errors] + ([table["flops"].to_numpy(float)] if "flops" in table else [])
    sample = np.column_stack(columns)
    return sample[np.isfinite(sample).all(axis=1)]


# ---- Quantities: statistics of resampled rows, vectorised over the leading axes --------------------------------------


def _bootstrapped(samples: Sequence[np.ndarray], statistic: Statistic, level: float, resamples: int, seed: int):
    """Interval of a statistic of arrays (..., n, columns), one per population, by resampling networks."""
    rows = tuple(np.arange(len(sample)) for sample in samples)

    def of_rows(*drawn: np.ndarray, axis: int) -> np.ndarray:
        return statistic(*(sample[index] for sample, index in zip(samples, drawn, strict=True)))

    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)  # its limits are NaN
        estimate = float(of_rows(*rows, axis=-1))
        ((low, high),) = bootstrap_limits(rows, of_rows, [level], resamples, seed)
    if math.isnan(low) and all(np.ptp(sample[:, 0]) == 0 for sample in samples):
        low = high = estimate  # every resample gives the same
    return Interval(estimate, low, high, level)


def _mean(sample: np.ndarray) -> np.ndarray:
    return sample[..., 0].mean(-1)


def _expected_best(sample: np.ndarray, draws: int) -> np.ndarray:
    """Expected error of the best of some random networks."""
    return np.sort(sample[..., 1], -1) @ win_probabilities(sample.shape[-2], draws)


def _of_best(sample: np.ndarray, column: int) -> np.ndarray:
    """Expected log2 of a column for the best of a quarter of the networks, drawn at random."""
    n = sample.shape[-2]
    order = np.argsort(sample[..., 1], -1, kind="stable")
    values = np.take_along_axis(np.log2(sample[..., column]), order, -1)
    return values @ win_probabilities(n, max(1, int(BEST * n)))


def _mean_difference(samples, claim, level, resamples, seed) -> Interval:
    """The wider of the bootstrap's interval, which is fair to skewed errors, and Welch's t, fair to few networks."""
    found = _bootstrapped(samples, lambda a, b: _mean(a) - _mean(b), level, resamples, seed)
    a, b = (sample[:, 0] for sample in samples)
    if np.ptp(a) == np.ptp(b) == 0:
        return found
    welch = ttest_ind(a, b, equal_var=False).confidence_interval(level)
    low, high = float(np.fmin(found.low, welch.low)), float(np.fmax(found.high, welch.high))
    return Interval(found.estimate, low, high, level)


def _smallest_step(samples, claim, level, resamples, seed) -> Interval:
    """The smallest of the steps from one population to the next; limits of the smallest are the smallest limits."""
    level_of_each = 1 - (1 - level) / (len(samples) - 1)
    pairs = zip(samples, samples[1:], strict=False)
    steps = [_mean_difference(pair, claim, level_of_each, resamples, seed) for pair in pairs]
    ends = [[getattr(step, end) for step in steps] for end in ("estimate", "low", "high")]
    return Interval(*(float(np.min(values)) for values in ends), level)


def _without_limits(statistic: Statistic, samples, draws: int, level: float, resamples: int, seed: int) -> Interval:
    """As `_bootstrapped`; NaN limits where more draws are asked for than populations of that size can tell."""
    if draws > max(1, min(map(len, samples)) // SEARCH):
        possible = draws <= min(map(len, samples))
        return Interval(float(statistic(*samples)) if possible else math.nan, math.nan, math.nan, level)
    return _bootstrapped(samples, statistic, level, resamples, seed)


def _search_difference(samples, claim, level, resamples, seed) -> Interval:
    draws = claim.draws or max(1, min(map(len, samples)) // SEARCH)
    difference = lambda a, b: _expected_best(a, draws) - _expected_best(b, draws)
    return _without_limits(difference, samples, draws, level, resamples, seed)


def _spread_difference(samples, claim, level, resamples, seed) -> Interval:
    draws = claim.draws or max(1, min(map(len, samples)) // SEARCH)
    spread = lambda sample: _mean(sample) - _expected_best(sample, draws)
    return _without_limits(lambda a, b: spread(a) - spread(b), samples, draws, level, resamples, seed)


def _rank_correlation(samples, claim, level, resamples, seed) -> Interval:
    def spearman(sample: np.ndarray) -> np.ndarray:
        ranks = rankdata(sample[..., :2], axis=-2)
        centred = ranks - ranks.mean(-2, keepdims=True)
        x, y = centred[..., 0], centred[..., 1]
        return (x * y).sum(-1) / np.sqrt((x * x).sum(-1) * (y * y).sum(-1))

    return _bootstrapped(samples, spearman, level, resamples, seed)


def _best_mean(samples, claim, level, resamples, seed) -> Interval:
    statistic = lambda *several: 2 ** np.mean([_of_best(sample, 0) for sample in several], axis=0)
    return _bootstrapped(samples, statistic, level, resamples, seed)


def _best_exponent(samples, claim, level, resamples, seed) -> Interval:
    def slope(*several: np.ndarray) -> np.ndarray:
        y, x = (np.stack(np.broadcast_arrays(*(_of_best(s, column) for s in several))) for column in (0, 2))
        x = x - x.mean(0)
        return (x * y).sum(0) / (x * x).sum(0)

    return _bootstrapped(samples, slope, level, resamples, seed)


@dataclass(frozen=True)
class Quantity:
    """How a quantity is measured, and of how many populations."""

    measure: Callable[..., Interval] | None
    fewest: int
    most: float

    @property
    def populations(self) -> str:
        """The number of populations in words."""
        return str(self.fewest) if self.fewest == self.most else f"at least {self.fewest}"


QUANTITIES = {
    "mean_difference": Quantity(_mean_difference, 2, 2),
    "smallest_step": Quantity(_smallest_step, 2, math.inf),
    "search_difference": Quantity(_search_difference, 2, 2),
    "spread_difference": Quantity(_spread_difference, 2, 2),
    "rank_correlation": Quantity(_rank_correlation, 1, 1),
    "best_value": Quantity(None, 1, 1),
    "best_mean": Quantity(_best_mean, 1, math.inf),
    "best_exponent": Quantity(_best_exponent, 2, math.inf),
}
