"""Quantities of populations that claims speak of, each with an interval by resampling networks."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from netspaces.spaces.expressions import Constraint
from netspaces.spaces.size import count
from netspaces.statistics.best import empirical_bootstrap_exact
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling
from netspaces.statistics.resampling import bca_limits
from netspaces.statistics.widths_fit import FitGrid, fit_table
from netspaces.studies.claims.claim import Claim, Measured
from netspaces.studies.study import Curve

BEST = 0.25  # share of a population whose best network counts as a best one, as in the paper's bootstrap
SEARCH = 8  # the expected best of more than n / 8 networks has no trustworthy interval (statistics.bootstrap_interval)
SMALLEST = 2  # runs of a population without which nothing is said
ENOUGH = 16  # runs of each population from which on intervals, and so verdicts, are given
ERROR, FLOPS, VALUE = 0, 1, 2  # columns of a sample; further values follow

Statistic = Callable[..., np.ndarray]


def measure(
    claim: Claim,
    curves: Sequence[Curve],
    grid: FitGrid,
    claims: int = 1,
    resampling: Resampling = DEFAULT,
    definitions: Mapping[str, Mapping] | None = None,
) -> Measured:
    """The quantity of a claim with an interval that holds for `claims` of them at once; none without enough runs.

    `grid` is for "e_fit", `definitions` (of design spaces) for sizes. Raises ValueError for a quantity that there is
    not, another number of populations, or values that cannot be computed.
    """
    quantity = quantity_of(claim, len(curves))
    each = resampling.simultaneous(claims)
    if quantity.measure is None:
        return _size_ratio(curves, definitions or {}, each.level)
    samples = [_sample(curve, claim, grid) for curve in curves]
    n = tuple(map(len, samples))
    if min(n) < SMALLEST:
        return Measured(None, _shortage(claim, curves, grid), n=n)
    found = quantity.measure(samples, claim, resampling if quantity.of_one_best else each)
    reason = ""
    if min(n) < ENOUGH:
        reason = f"fewer than {ENOUGH} runs"
    elif quantity.of_best:
        reason = _without_choice(claim, np.concatenate([sample[:, VALUE] for sample in samples]))
    if reason:
        found = replace(found, low=math.nan, high=math.nan)
    elif math.isnan(found.low):
        many = claim.draws > max(1, min(n) // SEARCH)
        reason = f"more draws than 1/{SEARCH} of the networks" if many else "no interval: the values hardly vary"
    return Measured(found, reason, n=n)


def quantity_of(claim: Claim, populations: int) -> "Quantity":
    """The quantity of a claim; raises ValueError if there is none, or it wants another number of populations."""
    if claim.quantity not in QUANTITIES:
        raise ValueError(f"{claim.name}.quantity: got {claim.quantity!r}, expected one of {', '.join(QUANTITIES)}")
    quantity = QUANTITIES[claim.quantity]
    if not quantity.fewest <= populations <= quantity.most:
        raise ValueError(f"{claim.name}.populations: got {populations}, expected {quantity.populations}")
    for key, wanted in (("weights", populations), ("against", (1, 2)), ("values", None)):
        given, uses = getattr(claim, key), key in quantity.needs
        if uses != bool(given) or (key == "weights" and uses and len(given) != wanted):
            raise ValueError(f"{claim.name}.{key}: got {len(given)}, expected {quantity.needs.get(key, 'none')}")
    return quantity


# ---- Samples ---------------------------------------------------------------------------------------------------------


def _sample(curve: Curve, claim: Claim, grid: FitGrid) -> np.ndarray:
    """Columns error, flops, value and further ones of a curve's networks, (n, 3 or more); rows without one left out."""
    flops = curve.table["flops"].to_numpy(float) if "flops" in curve.table else np.ones(len(curve.table))
    values = [values_of(curve, name, grid, claim.name) for name in (*(claim.values or [claim.value]), *claim.against)]
    sample = np.column_stack([curve.errors, flops, *values])
    return sample[np.isfinite(sample).all(axis=1)]


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
        names = Constraint(f"{value} <= 0").names  # accepts arithmetic on names, and nothing else
    except ValueError:
        raise ValueError(f"{name}.value: got {value!r}, expected error, e_fit or arithmetic on columns") from None
    if not names <= set(table):
        return np.full(len(table), np.nan)
    with np.errstate(all="ignore"):
        return table[sorted(names)].astype(float).eval(value, engine="python").to_numpy()


def _shortage(claim: Claim, curves: Sequence[Curve], grid: FitGrid) -> str:
    """Why there are too few networks: the first population, and value of it, that has too few."""
    for curve in curves:
        if len(curve.table) < SMALLEST:
            return f"fewer than {SMALLEST} runs"
        for name in (*(claim.values or [claim.value]), *claim.against):
            if np.isfinite(values_of(curve, name, grid, claim.name)).sum() < SMALLEST:
                return f"no {name} of {curve.population}"
    return "too few networks with all values"


def _without_choice(claim: Claim, values: np.ndarray) -> str:
    """Why the best could not have been other than it is; empty if it could."""
    inside = (claim.low <= values) & (values <= claim.high)
    if inside.all():
        return "every network lies in the range"
    return "" if inside.any() else "no network lies in the range"


# ---- Quantities: statistics of how often each network is drawn, (..., n), vectorised over the leading axes -----------


def _bootstrapped(samples: Sequence[np.ndarray], statistic: Statistic, resampling: Resampling):
    """Interval of a statistic of counts (..., n), one array per population, by resampling networks."""
    rows = tuple(np.arange(len(sample)) for sample in samples)

    def of_rows(*drawn: np.ndarray, axis: int) -> np.ndarray:
        return statistic(*(_counts(index, len(sample)) for sample, index in zip(samples, drawn, strict=True)))

    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # its limits are NaN
        estimate = float(of_rows(*rows, axis=-1))
        ((low, high),) = bca_limits(rows, of_rows, [resampling.level], resampling)
    if math.isnan(low) and all(np.ptp(sample[:, VALUE]) == 0 for sample in samples):
        low = high = estimate  # every resample gives the same
    return Interval(estimate, low, high, resampling.level)


def _counts(drawn: np.ndarray, n: int) -> np.ndarray:
    """How often each of n networks is among those drawn (..., draws): (..., n)."""
    rows = drawn.reshape(-1, drawn.shape[-1])
    flat = rows + n * np.arange(len(rows))[:, None]
    return np.bincount(flat.ravel(), minlength=n * len(rows)).astype(float).reshape(*drawn.shape[:-1], n)


def _mean(sample: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return counts @ sample[:, VALUE] / _draws(counts)


def _draws(counts: np.ndarray) -> int:
    """How many networks a resample holds, which is the same for all of them."""
    return int(counts.reshape(-1, counts.shape[-1])[0].sum())


def _wins(counts: np.ndarray, draws: int) -> np.ndarray:
    """Probability that the best of some draws is this network; networks and counts in ascending order of errors."""
    counts, n = counts.astype(int), _draws(counts)
    none_better = (np.arange(n + 1) / n) ** draws  # of all draws, by how many networks are not better
    left = n - counts.cumsum(-1)
    return none_better[left + counts] - none_better[left]


def _expected_best(sample: np.ndarray, counts: np.ndarray, draws: int) -> np.ndarray:
    """Expected error of the best of some random networks."""
    order = np.argsort(sample[:, ERROR], kind="stable")
    return _wins(counts[..., order], draws) @ sample[order, ERROR]


def _of_best(sample: np.ndarray, counts: np.ndarray, column: int) -> np.ndarray:
    """Expected log2 of a column for the best of a quarter of the networks, drawn at random; of tied ones any."""
    order = np.lexsort([sample[:, column], sample[:, ERROR]])
    counts, errors, values = counts[..., order], sample[order, ERROR], np.log2(sample[order, column])
    ties = np.flatnonzero(np.append(True, np.diff(errors) > 0))
    held, of_values, wins = (
        np.add.reduceat(x, ties, -1)
        for x in (counts, counts * values, _wins(counts, max(1, int(BEST * counts.shape[-1]))))
    )
    return (wins * of_values / np.maximum(held, 1)).sum(-1)


def _ranks(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Ranks of networks among those drawn, the mean rank of ties: (..., n)."""
    _, tie = np.unique(values, return_inverse=True)
    order = np.argsort(tie, kind="stable")
    held = np.add.reduceat(counts[..., order], np.flatnonzero(np.diff(tie[order], prepend=-1)), -1)
    return (held.cumsum(-1) - held / 2)[..., tie]


def _pearson(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pearson's correlation of values (n,) or (..., n), each as often as it is drawn."""
    n = counts.sum(-1)
    x, y = (v - ((counts * v).sum(-1) / n)[..., None] for v in (x, y))
    return (counts * x * y).sum(-1) / np.sqrt((counts * x * x).sum(-1) * (counts * y * y).sum(-1))


def _contrast(samples, claim, resampling) -> Interval:
    """The wider of the bootstrap's interval, which is fair to skewed errors, and Welch's t, fair to few networks."""
    weights = np.array(claim.weights or (1.0, -1.0))
    statistic = lambda *drawn: sum(w * _mean(s, c) for w, s, c in zip(weights, samples, drawn, strict=True))
    found = _bootstrapped(samples, statistic, resampling)
    n = np.array([len(sample) for sample in samples])
    variances = weights**2 * [sample[:, VALUE].var(ddof=1) for sample in samples] / n
    if not variances.any():
        return found
    freedom = variances.sum() ** 2 / (variances**2 / (n - 1)).sum()  # Welch and Satterthwaite
    reach = stats.t.ppf((1 + resampling.level) / 2, freedom) * math.sqrt(variances.sum())
    low, high = np.fmin(found.low, found.estimate - reach), np.fmax(found.high, found.estimate + reach)
    return Interval(found.estimate, float(low), float(high), resampling.level)


def _smallest_step(samples, claim, resampling) -> Interval:
    """The smallest of the steps from one population to the next; limits of the smallest are the smallest limits."""
    each = resampling.simultaneous(len(samples) - 1)
    pairs = zip(samples, samples[1:], strict=False)
    steps = [_contrast(pair, claim, each) for pair in pairs]
    ends = [[getattr(step, end) for step in steps] for end in ("estimate", "low", "high")]
    return Interval(*(float(np.min(values)) for values in ends), resampling.level)


def _of_search(of_draws: Callable[..., Statistic]) -> Callable[..., Interval]:
    """A statistic of searches; NaN limits where more draws are asked for than populations of that size can tell."""

    def measure(samples, claim, resampling) -> Interval:
        trusted = max(1, min(map(len, samples)) // SEARCH)
        draws = claim.draws or trusted
        statistic = of_draws(samples, draws)
        if draws > trusted:
            possible = draws <= min(map(len, samples))
            whole = [np.ones(len(sample)) for sample in samples]
            return Interval(float(statistic(*whole)) if possible else math.nan, math.nan, math.nan, resampling.level)
        return _bootstrapped(samples, statistic, resampling)

    return measure


def _search_difference(samples: Sequence[np.ndarray], draws: int) -> Statistic:
    return lambda a, b: _expected_best(samples[0], a, draws) - _expected_best(samples[1], b, draws)


def _search_gain(samples: Sequence[np.ndarray], draws: int) -> Statistic:
    best = lambda counts, of: _expected_best(samples[0], counts, of)
    return lambda counts: best(counts, max(1, draws // 2)) - best(counts, draws)


def _spread_difference(samples: Sequence[np.ndarray], draws: int) -> Statistic:
    spread = lambda sample, counts: _mean(sample, counts) - _expected_best(sample, counts, draws)
    return lambda a, b: spread(samples[0], a) - spread(samples[1], b)


def _rank_correlation(samples, claim, resampling, column: int = VALUE) -> Interval:
    x, y = samples[0][:, column], samples[0][:, ERROR]
    spearman = lambda counts: _pearson(_ranks(x, counts), _ranks(y, counts), counts)
    return _bootstrapped(samples, spearman, resampling)


def _strongest_correlation(samples, claim, resampling) -> Interval:
    """The largest of several correlations, without sign; limits of the largest are the largest limits."""
    each = resampling.simultaneous(len(claim.values))
    columns = range(VALUE, VALUE + len(claim.values))
    found = [_rank_correlation(samples, claim, each, column) for column in columns]
    sizes = [(abs(f.estimate), max(0.0, f.low, -f.high), max(abs(f.low), abs(f.high))) for f in found]
    return Interval(*map(float, np.max(sizes, axis=0)), resampling.level)


def _correlation(samples, claim, resampling) -> Interval:
    """Pearson's, over the networks of all populations; resamples keep each population's size."""
    x, *others = np.concatenate(samples)[:, VALUE:].T

    def statistic(*drawn: np.ndarray) -> np.ndarray:
        leading = np.broadcast_shapes(*(counts.shape[:-1] for counts in drawn))
        counts = np.concatenate([np.broadcast_to(c, (*leading, c.shape[-1])) for c in drawn], axis=-1)
        with_each = [_pearson(x, y, counts) for y in others]
        return with_each[0] - with_each[1] if len(with_each) == 2 else with_each[0]

    return _bootstrapped(samples, statistic, resampling)


def _best_value(samples, claim, resampling) -> Interval:
    best = empirical_bootstrap_exact(samples[0][:, VALUE], samples[0][:, ERROR], BEST, resampling.level)
    return Interval(best.median, best.low, best.high, resampling.level)


def _best_mean(samples, claim, resampling) -> Interval:
    best = lambda drawn: (_of_best(sample, counts, VALUE) for sample, counts in zip(samples, drawn, strict=True))
    return _bootstrapped(samples, lambda *drawn: 2 ** (sum(best(drawn)) / len(samples)), resampling)


def _best_exponent(samples, claim, resampling) -> Interval:
    def slope(*drawn: np.ndarray) -> np.ndarray:
        best = lambda column: [_of_best(s, c, column) for s, c in zip(samples, drawn, strict=True)]
        y, x = (np.stack(np.broadcast_arrays(*best(column))) for column in (VALUE, FLOPS))
        x = x - x.mean(0)
        return (x * y).sum(0) / (x * x).sum(0)

    return _bootstrapped(samples, slope, resampling)


def _size_ratio(curves: Sequence[Curve], definitions: Mapping[str, Mapping], level: float) -> Measured:
    first, second = (math.log10(count(definitions[curve.space]).paper_count) for curve in curves)
    exact = first - second
    return Measured(Interval(exact, exact, exact, level), "counted in the steps that are sampled")


@dataclass(frozen=True)
class Quantity:
    """How a quantity is measured, of how many populations, and which further keys of a claim it needs, in words.

    `of_best` are quantities of best networks, which say nothing where all networks are alike in them; `of_one_best`
    has the paper's bootstrap range at the plain level.
    """

    measure: Callable[..., Interval] | None
    fewest: int
    most: float
    needs: Mapping[str, str]
    of_best: bool = False
    of_one_best: bool = False

    @property
    def populations(self) -> str:
        """The number of populations in words."""
        return str(self.fewest) if self.fewest == self.most else f"at least {self.fewest}"


QUANTITIES = {
    "mean_difference": Quantity(_contrast, 2, 2, {}),
    "contrast": Quantity(_contrast, 2, math.inf, {"weights": "one per population"}),
    "smallest_step": Quantity(_smallest_step, 2, math.inf, {}),
    "search_difference": Quantity(_of_search(_search_difference), 2, 2, {}),
    "search_gain": Quantity(_of_search(_search_gain), 1, 1, {}),
    "spread_difference": Quantity(_of_search(_spread_difference), 2, 2, {}),
    "rank_correlation": Quantity(_rank_correlation, 1, 1, {}),
    "strongest_correlation": Quantity(_strongest_correlation, 1, 1, {"values": "at least 1"}),
    "correlation": Quantity(_correlation, 1, math.inf, {"against": "1 or 2"}),
    "best_value": Quantity(_best_value, 1, 1, {}, of_best=True, of_one_best=True),
    "best_mean": Quantity(_best_mean, 1, math.inf, {}, of_best=True),
    "best_exponent": Quantity(_best_exponent, 2, math.inf, {}),
    "size_ratio": Quantity(None, 2, 2, {}),
}
