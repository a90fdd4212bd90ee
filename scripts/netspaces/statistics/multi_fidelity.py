"""Few long trainings and many short ones: how many of each give the mean error after long trainings best?

The mean of the networks that were trained for long is corrected by a control: a number that is known of them and of
many more networks, such as their errors after short trainings, or errors predicted from structure. The correction is
their mean over all networks minus that over the long ones, times a coefficient. It is right on average for long
trainings, whatever short ones do; how closely both follow each other decides what it gains.

Sources: Peherstorfer, Willcox and Gunzburger 2016 (multifidelity Monte Carlo: estimator, best numbers, gain); Cochran
1977, section 12.6 (the same as double sampling with regression: the standard error); Fisher 1921 (intervals of
correlations).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import Interval, check_level, satterthwaite, t_reach
from netspaces.statistics.samples import finite_sample

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

FEWEST = 4  # networks with both trainings, of which a correlation and its interval can be computed
FEWEST_LONG = 8  # long trainings of a plan: from fewer, its coefficient is a guess
ROUNDING = 1e-9  # of a number of trainings


def correlation_needed(cost_ratio: float) -> float:
    """The correlation above which short trainings make a mean surer at the same cost.

    Parameters: `cost_ratio` of a short to a long training, from 0 (free) to below 1.

    >>> [round(correlation_needed(ratio), 2) for ratio in (0, 0.02, 0.05, 0.1, 0.2, 0.4)]
    [0.0, 0.28, 0.43, 0.57, 0.75, 0.9]
    """
    return 2 * np.sqrt(_checked(cost_ratio)) / (1 + cost_ratio)


def variance_multiplier(correlation: float, cost_ratio: float) -> float:
    """What the best numbers multiply the variance of a mean by, against long trainings alone of the same cost.

    It is 1 where short trainings gain nothing, and the best numbers have none. Numbers count as continuous.

    >>> [round(variance_multiplier(r, 10 / 200), 2) for r in (0.4, 0.5, 0.7, 0.9)]
    [1.0, 0.95, 0.76, 0.41]
    """
    if correlation <= correlation_needed(cost_ratio):
        return 1.0
    return float((np.sqrt(1 - correlation**2) + np.sqrt(cost_ratio) * correlation) ** 2)


@dataclass(frozen=True)
class Split:
    """How many networks to train.

    `variance` is that of the mean, over that of the errors of long trainings; `n_short` is 0 or counts the long
    networks too, each of which has a short training of its own.
    """

    n_long: int
    n_short: int
    variance: float


def best_split(correlation: float, cost_ratio: float, budget: float, fewest: int = FEWEST_LONG) -> Split:
    """The numbers of long and short trainings with the smallest variance of the mean after long ones.

    Parameters
    ----------
    correlation : Pearson's, between errors after short and after long trainings; below 0 counts as 0.
    cost_ratio : of a short to a long training, above 0 and below 1.
    budget : what all trainings may cost, in long trainings.
    fewest : long trainings at least.

    Raises
    ------
    ValueError : for a value out of its range, or a budget below `fewest`.

    Examples
    --------
    Instead of 50 trainings for 200 epochs, some of them and many for 10 epochs:

    >>> best_split(0.8, 10 / 200, 50)
    Split(n_long=39, n_short=220, variance=0.012139860139860138)
    """
    if _checked(cost_ratio) == 0 or not -1 <= correlation <= 1:
        wrong = f"got {cost_ratio} and {correlation}"
        raise ValueError(f"cost_ratio, correlation: expected above 0 and within [-1, 1], {wrong}")
    if fewest < 1 or budget < fewest:
        raise ValueError(f"budget: expected {max(fewest, 1)} long trainings or more, got {budget}")
    alone = int(budget + ROUNDING)
    n_long = np.arange(fewest, alone + 1)
    n_short = np.floor((budget - n_long) / cost_ratio + ROUNDING).astype(int)
    n_long, n_short = n_long[n_short >= n_long], n_short[n_short >= n_long]
    explained = max(correlation, 0.0) ** 2
    variance = (1 - explained) / n_long + explained / n_short
    if not variance.size or variance.min() >= 1 / alone:
        return Split(alone, 0, 1 / alone)
    best = int(variance.argmin())
    return Split(int(n_long[best]), int(n_short[best]), float(variance[best]))


def pearson(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Interval:
    """Pearson's correlation of two numbers of the same networks, with Fisher's interval.

    It is right for normal numbers; where a few bad networks make the correlation, it is too short. Unknown for fewer
    than `FEWEST` networks, or numbers that do not vary.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.size < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Interval.unknown(level)
    from scipy.special import ndtri  # here as in `intervals`

    estimate = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    if abs(estimate) == 1:
        return Interval.point(estimate, check_level(level))
    reach = ndtri((1 + check_level(level)) / 2) / np.sqrt(x.size - 3)
    low, high = np.tanh(np.arctanh(estimate) + np.array([-reach, reach]))
    return Interval(estimate, float(low), float(high), level)


@dataclass(frozen=True)
class ControlledMean:
    """A mean error after long trainings; `estimate` and `error`, its standard error, in the unit of errors.

    `n` networks were trained for long, `others` have the control alone; `coefficient` is what the control is multiplied
    by, 0 where there is nothing to correct with.
    """

    estimate: float
    error: float
    freedom: float
    coefficient: float
    n: int
    others: int

    def interval(self, level: float) -> Interval:
        """Student's t interval."""
        reach = t_reach(self.error, self.freedom, check_level(level))
        return Interval(self.estimate, self.estimate - reach, self.estimate + reach, level)


def controlled_mean(long: ArrayLike, control: ArrayLike, others: ArrayLike) -> ControlledMean:
    """The mean error after long trainings, corrected by a control.

    Parameters
    ----------
    long : (n,) errors after long trainings of networks drawn at random, not chosen by their errors; four or more.
    control : (n,) what is known of the same networks: their errors after short trainings, or predicted ones.
    others : (m,) the same of other networks of the space, drawn as these; empty for none.

    Notes
    -----
    The standard error counts that the coefficient is estimated: the further the long networks lie from the others in
    the control, the more that costs.
    """
    y, x = finite_sample(long, "long", at_least=FEWEST), finite_sample(control, "control", at_least=FEWEST)
    free = np.asarray(others, float)
    if x.size != y.size or free.ndim != 1 or not np.isfinite(free).all():
        raise ValueError(f"control, others: expected finite ({y.size},) and (m,), got {x.shape} and {free.shape}")
    everywhere = np.concatenate([x, free])
    square = float(((x - x.mean()) ** 2).sum())
    if not free.size or square == 0:
        return ControlledMean(float(y.mean()), float(y.std(ddof=1) / np.sqrt(y.size)), y.size - 1, 0.0, y.size, 0)
    coefficient = float(((x - x.mean()) * y).sum() / square)
    away = float(everywhere.mean() - x.mean())
    left = y - y.mean() - coefficient * (x - x.mean())
    of_long = float((left**2).sum() / (y.size - 2)) * (1 / y.size + away**2 / square)
    of_control = coefficient**2 * float(everywhere.var(ddof=1)) / everywhere.size
    error, freedom = satterthwaite([of_long, of_control], [y.size - 2, everywhere.size - 1])
    return ControlledMean(float(y.mean() + coefficient * away), error, freedom, coefficient, y.size, free.size)


@dataclass(frozen=True, eq=False)
class Levels:
    """A space whose networks are known the better the fewer they are: predicted, trained briefly, trained for long.

    Parameters
    ----------
    long : (n,) errors after long trainings of networks drawn at random; five or more.
    predicted : (N,) predicted errors of the networks with a short training, of which the first n are those above.
    short : (N,) errors of the same networks after short trainings.
    free : (M,) predicted errors of many networks of the space; two or more.
    """

    long: np.ndarray
    predicted: np.ndarray
    short: np.ndarray
    free: np.ndarray

    def __post_init__(self) -> None:
        for name, least in (("long", FEWEST + 1), ("predicted", FEWEST + 1), ("short", FEWEST + 1), ("free", 2)):
            finite_sample(getattr(self, name), name, at_least=least)
        if not self.long.size <= self.predicted.size == self.short.size:
            shapes = f"{self.long.shape}, {self.predicted.shape} and {self.short.shape}"
            raise ValueError(f"long, predicted, short: expected (n,), (N,) and (N,) with N of n or more, got {shapes}")

    def beyond_predictions(self) -> tuple[np.ndarray, np.ndarray]:
        """What predictions do not explain of the errors (n,) after short and after long trainings of the long networks.

        Their correlation is the partial one: what short trainings tell beside predictions.
        """
        n = self.long.size
        on = self.predicted[:n, None]
        return _regression(self.short[:n], on).resid, _regression(self.long, on).resid

    def mean(self) -> ControlledMean:
        """The mean error after long trainings, corrected by predictions and by short trainings at once.

        It is the regression of long errors on both, at the mean prediction and at the mean short error of the space;
        the latter is the regression of short errors on predictions, at the mean prediction. `coefficient` is that of
        short errors. The standard error has a term for each level (Cochran 1977, section 12.6, twice).
        """
        n, whole, mean = self.long.size, self.short.size, float(self.free.mean())
        of_short = _regression(self.short, self.predicted[:, None])
        at_short = np.array([1.0, mean])
        of_long = _regression(self.long, np.column_stack([self.predicted, self.short])[:n])
        at_long = np.array([1.0, mean, at_short @ of_short.params])
        _, by_prediction, by_short = of_long.params
        slope = by_prediction + by_short * of_short.params[1]
        variances = [
            float(at_long @ of_long.cov_params() @ at_long),
            float(by_short**2 * (at_short @ of_short.cov_params() @ at_short)),
            slope**2 * float(self.free.var(ddof=1)) / self.free.size,
        ]
        error, freedom = satterthwaite(variances, [n - 3, whole - 2, self.free.size - 1])
        return ControlledMean(float(at_long @ of_long.params), error, freedom, float(by_short), n, whole - n)


def _regression(y: np.ndarray, x: np.ndarray) -> "RegressionResults":
    """The linear regression of y (n,) on 1 and the columns of x (n, k); the smallest coefficients if several fit."""
    from statsmodels.regression.linear_model import OLS  # here, as a plan before a pilot needs none

    return OLS(y, np.column_stack([np.ones(y.size), x])).fit()


def _checked(cost_ratio: float) -> float:
    """The cost ratio, if it lies in [0, 1); raises ValueError otherwise."""
    if not 0 <= cost_ratio < 1:
        raise ValueError(f"cost_ratio: expected a number from 0 to below 1, got {cost_ratio}")
    return cost_ratio
