"""Search a space in which each stage has its own value for a pattern of these values that does better.

A smaller space that shares one value still chooses its level. What it gives up are the deviations of the stages from
that level; only in them can a pattern lie that sharing costs. So the errors are explained first without them (depths,
widths, levels, flops), and what remains by them, with a regression and with a small tree. Both steps predict networks
that they have not seen (nested cross-validation), and a pattern is worth what the half of these networks that it
prefers is better than the other half.

Sources: Robinson 1988 and Chernozhukov et al. 2018 (residuals, cross-fitting); Varma and Simon 2006 (nested
cross-validation); Nadeau and Bengio 2003 (standard error).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from netspaces.statistics.equivalence import POWER, detectable_difference
from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, percentile_limits, t_reach
from netspaces.statistics.resampling import drawn_counts

ENOUGH = 24  # networks without which nothing is searched
FOLDS, INNER_FOLDS = 8, 4
SHARED = math.sqrt(1 + FOLDS / (FOLDS - 1))  # Nadeau and Bengio: of a standard error over folds that share networks
PENALTIES = np.logspace(-1, 4, 11)  # of the regression, of standardised features
TREE = {"max_leaf_nodes": [2, 3, 4]}
SMALLEST_LEAF = 0.15  # share of the networks
REGRESSION, SHALLOW_TREE = "regression", "tree"
PER_STAGE = ("depth", "width", "bottleneck", "group_width")


@dataclass(frozen=True)
class Pattern:
    """What a search for a better pattern found; errors in percent."""

    model: str
    gain: Interval  # by which networks that follow the pattern are better than the others, out of sample
    r2_baseline: float  # share of the variance of errors that depths, widths, levels and flops predict, out of sample
    r2_gain: Interval  # what the pattern adds to it
    detectable: float  # true gain that would have been found with probability POWER
    words: str  # the pattern of a fit to all networks
    n: int
    folds: int

    @property
    def found(self) -> bool:
        """Whether the interval of the gain lies above 0."""
        return self.gain.low > 0


def stage_values(table: pd.DataFrame, parameter: str) -> np.ndarray:
    """log2 of a parameter's values, (n, stages), from a population table; raises ValueError where it has none."""
    columns = [name for name in (f"{parameter}_{stage}" for stage in range(1, 17)) if name in table]
    values = table[columns].dropna(axis=1, how="all").to_numpy(float)
    if not values.size or not (values > 0).all():
        raise ValueError(f"{parameter}: expected a value above 0 for each stage of each network")
    return np.log2(values)


def pattern_features(values: np.ndarray) -> pd.DataFrame:
    """How the stages deviate from their level: log2 values (n, stages) minus their mean, their slope and spread."""
    deviations, stages = values - values.mean(axis=1, keepdims=True), values.shape[1]
    at = np.arange(stages) - (stages - 1) / 2
    features = {f"stage {stage + 1}": deviations[:, stage] for stage in range(stages)}
    features["slope"] = deviations @ at / (at @ at)  # doublings per stage
    features["spread"] = np.ptp(values, axis=1)
    return pd.DataFrame(features)


def baseline_features(table: pd.DataFrame, parameter: str) -> np.ndarray:
    """What explains errors without the pattern, (n, k): log2 of flops, depths, widths; levels of the other two."""
    columns = [np.log2(table[["flops"]].to_numpy(float))]
    for name in PER_STAGE:
        if f"{name}_1" not in table or table[f"{name}_1"].isna().all():
            continue
        values = stage_values(table, name)
        columns.append(values if name in ("depth", "width") and name != parameter else values.mean(1, keepdims=True))
    features = np.column_stack(columns)
    return features[:, np.ptp(features, axis=0) > 0]


@threadpool_limits.wrap(limits=1)  # so small that threads only wait for one another
def search(
    table: pd.DataFrame,
    errors: np.ndarray,
    parameter: str,
    model: str,
    resampling: Resampling = DEFAULT,
) -> Pattern:
    """Search for a pattern of a parameter over the stages; whole procedure inside the cross-validation.

    The gain is the mean of what the baseline does not explain, of the networks of each fold that the model likes less,
    minus that of those that it likes better; its interval is Welch's t, with a standard error for folds that share
    networks.

    Parameters
    ----------
    table : (n) rows of a population table with per-stage columns and flops; errors : (n,) percent.
    parameter : such as "bottleneck"; its stages must differ in some network.
    model : "regression" (ridge) or "tree"; level : of both intervals.

    Raises
    ------
    ValueError : for fewer than `ENOUGH` networks, a parameter that all stages share, an unknown model.
    """
    errors = np.asarray(errors, float)
    if len(errors) < ENOUGH:
        raise ValueError(f"errors: expected {ENOUGH} networks or more, got {len(errors)}")
    features = pattern_features(stage_values(table, parameter))
    if not (features["spread"] > 0).any():
        raise ValueError(f"{parameter}: all stages share one value in all networks, so that there is no pattern")
    x, z = baseline_features(table, parameter), features.to_numpy()
    expected, adjustment, liked = cross_fitted(x, z, errors, model, resampling.seed)
    residuals = errors - expected
    gain, detectable = _gain(residuals, liked, resampling.level)
    r2, r2_gain = _r2(errors, expected, adjustment, resampling)
    words = describe(features, _residuals(x, errors, resampling.seed), parameter, model, resampling.seed)
    return Pattern(model, gain, r2, r2_gain, detectable, words, len(errors), FOLDS)


@threadpool_limits.wrap(limits=1)
def cross_fitted(x: np.ndarray, z: np.ndarray, errors: np.ndarray, model: str, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Predictions for networks in turn unseen, (n,) each.

    Parameters: baseline features x (n, k), pattern features z (n, m).

    Returns: the error that the baseline expects; what the pattern adds; whether the pattern likes a network better than
    the other half of its fold (of an odd fold, or of equal predictions, the rows in a random order decide).
    """
    expected, adjustment = np.empty(len(errors)), np.empty(len(errors))
    liked = np.zeros(len(errors), bool)
    order = np.random.default_rng(seed).permutation(len(errors))
    for number, (seen, unseen) in enumerate(_folds(FOLDS, seed).split(x)):
        expected[unseen] = _regression().fit(x[seen], errors[seen]).predict(x[unseen])
        fitted = _model(model, seed).fit(z[seen], _residuals(x[seen], errors[seen], seed))
        adjustment[unseen] = fitted.predict(z[unseen])
        half = (len(unseen) + number % 2) // 2
        liked[unseen[np.lexsort([order[unseen], adjustment[unseen]])[:half]]] = True
    return expected, adjustment, liked


def _folds(number: int, seed: int) -> KFold:
    return KFold(number, shuffle=True, random_state=seed)


def _residuals(x: np.ndarray, errors: np.ndarray, seed: int) -> np.ndarray:
    """Errors minus what the baseline expects of networks that it has not seen."""
    return errors - cross_val_predict(_regression(), x, errors, cv=_folds(INNER_FOLDS, seed))


def _regression():
    return make_pipeline(StandardScaler(), RidgeCV(PENALTIES))


def _model(name: str, seed: int):
    """An estimator that chooses its own complexity by cross-validation."""
    if name == REGRESSION:
        return _regression()
    if name == SHALLOW_TREE:
        tree = DecisionTreeRegressor(min_samples_leaf=SMALLEST_LEAF, random_state=seed)
        return GridSearchCV(tree, TREE, scoring="neg_mean_squared_error", cv=_folds(INNER_FOLDS, seed))
    raise ValueError(f"model: expected {REGRESSION} or {SHALLOW_TREE}, got {name!r}")


def _gain(residuals: np.ndarray, liked: np.ndarray, level: float) -> tuple[Interval, float]:
    """Mean of what is liked less minus mean of what is liked better, with its interval, and the gain detectable.

    Welch's standard error times `SHARED`: as the folds' models learn from each other's networks, gains of the folds go
    together, above all where patterns have few dimensions.
    """
    others, better = residuals[~liked], residuals[liked]
    gain, test = float(others.mean() - better.mean()), stats.ttest_ind(others, better, equal_var=False)
    error = SHARED * math.sqrt(others.var(ddof=1) / others.size + better.var(ddof=1) / better.size)
    if error == 0:
        return Interval.point(gain, level), math.nan
    reach = t_reach(error, test.df, level)
    detectable = detectable_difference(error, test.df, 1 - level, POWER)
    return Interval(gain, gain - reach, gain + reach, level), detectable


def _r2(
    errors: np.ndarray, expected: np.ndarray, adjustment: np.ndarray, resampling: Resampling
) -> tuple[float, Interval]:
    """Out-of-sample R^2 of the baseline, and what the pattern adds, with a percentile interval over networks."""
    squares = np.column_stack([(errors - expected) ** 2, (errors - expected - adjustment) ** 2])
    n, spread = len(errors), (errors - errors.mean()) ** 2
    if not spread.any():
        return math.nan, Interval.unknown(resampling.level)
    counts = drawn_counts(n, resampling.resamples, resampling.seed)
    # of a resample the spread around its own mean
    variance = (counts @ errors**2 - (counts @ errors) ** 2 / n).clip(spread.sum() * 1e-9)
    gains = counts @ (squares[:, 0] - squares[:, 1]) / variance
    low, high = percentile_limits(gains, resampling.level)
    estimate = (squares[:, 0] - squares[:, 1]).sum() / spread.sum()
    return float(1 - squares[:, 0].sum() / spread.sum()), Interval(
        float(estimate), float(low), float(high), resampling.level
    )


# ---- In words --------------------------------------------------------------------------------------------------------


def describe(features: pd.DataFrame, residuals: np.ndarray, parameter: str, model: str, seed: int = 0) -> str:
    """The pattern of a fit to all networks: the features that a regression weighs most, or the best leaf of a tree."""
    fitted = _model(model, seed).fit(features.to_numpy(), residuals)
    name = parameter.replace("_", " ")
    return _of_regression(fitted, features, name) if model == REGRESSION else _of_tree(fitted, features.columns, name)


def _of_regression(fitted, features: pd.DataFrame, name: str) -> str:
    """The two largest effects, in points of error per standard deviation of the feature."""
    effects = pd.Series(fitted[-1].coef_, features.columns)
    effects = effects[effects.abs().sort_values(ascending=False, kind="stable").index].head(2)
    high = {"slope": "growing over the stages", "spread": "uneven"}
    low = {"slope": "falling over the stages", "spread": "even"}
    said = []
    for feature, effect in effects.items():
        words = (low if effect > 0 else high).get(feature)
        words = words or f"{'low' if effect > 0 else 'high'} in {feature}"
        said.append(f"{words} ({-abs(effect):+.2f})")
    return f"{name} " + ", ".join(said)


def _of_tree(fitted, columns: Sequence[str], name: str) -> str:
    """The way to the leaf of the smallest residual, its mean, and how many networks it holds."""
    tree = fitted.best_estimator_.tree_
    ways: dict[int, list[str]] = {0: []}
    best = 0
    for node in range(tree.node_count):
        left, right = tree.children_left[node], tree.children_right[node]
        if left == right:
            best = node if best == 0 or tree.value[node].item() < tree.value[best].item() else best
            continue
        where = f"{columns[tree.feature[node]]} {{}} {tree.threshold[node]:.2g}"
        ways[left], ways[right] = ways[node] + [where.format("≤")], ways[node] + [where.format(">")]
    way = " and ".join(ways[best]) or "no split"
    return f"{name}: {way} ({tree.value[best].item():+.2f}, {tree.n_node_samples[best]} networks)"
