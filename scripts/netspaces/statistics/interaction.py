"""Does a finding about networks hold in another setting: other labels, another recipe, other data?

The same networks are trained in several settings, whose errors live on scales of their own (guessing errs in 75 % of
rotations and in 90 % of ten classes). So everything here rests on ranks or signs within a setting, and stays as it is
if the errors of a setting are stretched in any monotone way.

Two-way layout of networks by settings: with ranks within each setting, the setting itself explains nothing, the
network explains a share r of the variance, r being the mean rank correlation of two settings, and network x setting
interaction with the noise of seeds the rest, 1 - r (M. Friedman 1937, M. G. Kendall 1939: r = (S W - 1) / (S - 1) for
S settings and the coefficient of concordance W). Repeats of one setting with other seeds tell the noise: it is 1 - r of
the seeds, and what is left is interaction. Intervals are percentile bootstrap intervals over networks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from netspaces.statistics.intervals import DEFAULT, Interval, Resampling, clopper_pearson_slack, percentile_interval
from netspaces.statistics.ranks import FEWEST, bootstrap_counts, draw_counts, measurements, placed
from netspaces.studies.study import Curve, Study

SEEDS = "seed"  # panels whose names begin so hold repetitions of the first setting


# ---- Network x setting -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interaction:
    """Shares of the variance of ranks within a setting that are not the network's own."""

    n: int  # networks with runs in all settings
    changed: Interval  # interaction and seed noise: 1 - mean rank correlation of two settings
    n_repeated: int = 0  # those with runs of all seeds as well, of which the following are
    noise: Interval | None = None  # 1 - mean rank correlation of two seeds; None without repeats
    net: Interval | None = None  # interaction alone: changed - noise; may fall below 0 by chance


def interaction(
    errors: ArrayLike,
    seeds: ArrayLike | None = None,
    resampling: Resampling = DEFAULT,
) -> Interaction:
    """Network x setting interaction, and what of it seeds explain.

    The noise is taken to be the same share in all settings, though it is known for one only. Settings that train with
    the same seed share some of it (first weights, order of images): the net share is then a little too small.

    Parameters
    ----------
    errors : (n, settings), two settings or more; NaN where there is no run.
    seeds : (n, seeds), one setting with two seeds or more; None if there are no repeats.

    Raises
    ------
    ValueError : for fewer than two settings, or fewer than four networks with runs in all of them.
    """
    errors = np.asarray(errors, float)
    whole = np.isfinite(errors).all(1)
    if errors.ndim != 2 or errors.shape[1] < 2 or whole.sum() < FEWEST:
        found = f"{errors.shape}, {whole.sum()} of them"
        raise ValueError(f"errors: expected {FEWEST} networks or more with runs in two settings or more, got {found}")
    n = int(whole.sum())
    (changed,) = bootstrap_counts(lambda counts: (1 - concord(errors[whole], counts),), n, resampling)
    if seeds is None or np.shape(seeds)[1] < 2:
        return Interaction(n, changed)
    seeds = np.asarray(seeds, float)
    both = whole & np.isfinite(seeds).all(1)
    if both.sum() < FEWEST:
        return Interaction(n, changed, int(both.sum()))

    def parts(counts: np.ndarray) -> tuple[np.ndarray, ...]:
        noise = 1 - concord(seeds[both], counts)
        return noise, 1 - concord(errors[both], counts) - noise

    return Interaction(n, changed, int(both.sum()), *bootstrap_counts(parts, int(both.sum()), resampling))


def concord(columns: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean rank correlation of all pairs of columns (n, k), k >= 2, in resamples given as counts (r, n); (r,)."""
    middle, scaled = (counts.sum(1, keepdims=True) + 1) / 2, []
    for column in columns.T:
        below, tied = placed(column, counts)
        ranks = below + (tied + 1) / 2 - middle
        size = np.sqrt((counts * ranks**2).sum(1, keepdims=True))
        scaled.append(np.divide(ranks, size, out=np.full_like(ranks, np.nan), where=size > 0))
    return np.mean([(counts * x * y).sum(1) for x, y in combinations(scaled, 2)], axis=0)


# ---- Order of design spaces ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """How often an order of design spaces by mean error holds when networks are drawn anew; shares of resamples."""

    holds: float  # each space better than the one before it
    first_worst: float  # the first worse than every other
    n: tuple[int, ...]
    resamples: int


def order(spaces: Sequence[ArrayLike], resampling: Resampling = DEFAULT) -> Order:
    """The bootstrap's probability that mean errors stand in the given order, the worst first.

    It is near 1 for spaces that surely stand so, near 1/k! for k equal ones, and not a p value: for two equal spaces it
    may lie anywhere between 0 and 1, evenly.

    Parameters
    ----------
    spaces : two or more of (n_i,) errors, each of two networks or more.
    """
    spaces = [np.asarray(errors, float) for errors in spaces]
    if len(spaces) < 2 or min(map(len, spaces)) < 2:
        raise ValueError(f"spaces: expected two or more, of two networks or more, got {[len(s) for s in spaces]}")
    seeds = np.random.SeedSequence(resampling.seed).spawn(len(spaces))
    counts = [draw_counts(len(s), resampling.resamples, own) for s, own in zip(spaces, seeds, strict=True)]
    means = np.array([drawn @ errors / len(errors) for drawn, errors in zip(counts, spaces, strict=True)])
    steps, first = means[:-1] > means[1:], means[0] > means[1:]
    return Order(float(steps.all(0).mean()), float(first.all(0).mean()), tuple(map(len, spaces)), resampling.resamples)


@dataclass(frozen=True)
class Gap:
    """How far apart two design spaces are in one setting, and how much nearer or farther than in the first."""

    superiority: Interval  # probability that a network of b has a smaller error than one of a, ties counting half
    change: Interval | None  # from the first setting; None for that itself
    n_a: int
    n_b: int


def gaps(a: ArrayLike, b: ArrayLike, resampling: Resampling = DEFAULT) -> list[Gap]:
    """The gap between spaces a and b in each setting: space x setting interaction, free of the settings' scales.

    A resample draws networks, each with its errors in all settings, so that a change is one of the same networks.

    Parameters
    ----------
    a, b : (n_a, settings), (n_b, settings) errors; networks without a run in every setting are left out.
    """
    a, b = (values[np.isfinite(values).all(1)] for values in (np.asarray(a, float), np.asarray(b, float)))
    if min(len(a), len(b)) < FEWEST:
        raise ValueError(f"a, b: expected {FEWEST} networks or more with all runs, got {len(a)} and {len(b)}")
    seeds = np.random.SeedSequence(resampling.seed).spawn(2)
    drawn = [draw_counts(len(x), resampling.resamples, own) for x, own in zip((a, b), seeds, strict=True)]
    resampled = [_superiority(a[:, s], b[:, s], *drawn) for s in range(a.shape[1])]
    estimates = [
        float(_superiority(a[:, s], b[:, s], *(np.ones((1, len(x))) for x in (a, b)))[0]) for s in range(a.shape[1])
    ]
    found = []
    for s, (estimate, values) in enumerate(zip(estimates, resampled, strict=True)):
        change = percentile_interval(estimate - estimates[0], values - resampled[0], resampling.level) if s else None
        interval = _not_a_point(percentile_interval(estimate, values, resampling.level), min(len(a), len(b)))
        found.append(Gap(interval, change, len(a), len(b)))
    return found


def _superiority(a: np.ndarray, b: np.ndarray, counts_a: np.ndarray, counts_b: np.ndarray) -> np.ndarray:
    wins = (np.sign(a[:, None] - b) + 1) / 2
    return ((counts_a @ wins) * counts_b).sum(1) / (counts_a.sum(1) * counts_b.sum(1))


def _not_a_point(interval: Interval, pairs: int) -> Interval:
    """The interval, but not a point for separated spaces: as `pairs` independent pairs agree (Clopper and Pearson)."""
    slack = clopper_pearson_slack(pairs, interval.level)
    if interval.low == interval.high == 1:
        return Interval(interval.estimate, 1 - slack, 1.0, interval.level)
    return Interval(interval.estimate, 0.0, slack, interval.level) if interval.low == interval.high == 0 else interval


# ---- Settings of a study ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The populations of a study by setting: its panels, the first being the one that others are compared with."""

    names: list[str]
    labels: list[str]  # of the design spaces, in their order, the worst first
    curves: Mapping[str, Mapping[str, Curve]]  # by setting and label
    repeats: list[Curve]  # of the first setting

    @classmethod
    def of(cls, study: Study) -> "Settings":
        """Raises ValueError naming the study where settings do not hold the same design spaces."""
        curves = {p: {c.label: c for c in cs} for p, cs in study.panels.items() if not p.startswith(SEEDS)}
        repeats = [c for panel, cs in study.panels.items() if panel.startswith(SEEDS) for c in cs]
        names = list(curves)
        labels = list(curves[names[0]]) if names else []
        where = f"studies.yaml: {study.name}: panels"
        if len(names) < 2 or any(list(of) != labels for of in curves.values()):
            raise ValueError(f"{where}: expected two settings or more with the same design spaces in the same order")
        if unknown := [c.label for c in repeats if c.label not in labels]:
            raise ValueError(f"{where}: {SEEDS}s: {unknown[0]} is in no setting")
        return cls(names, labels, curves, repeats)

    def errors(self, label: str) -> pd.DataFrame:
        """Errors of a space's networks: a row per network, a column per setting."""
        table = measurements([self.curves[name][label] for name in self.names])
        return table.set_axis(self.names, axis=1)

    def seeds(self, label: str) -> pd.DataFrame | None:
        """The same with a column per seed of the first setting; None without repeats of this space."""
        repeats = [curve for curve in self.repeats if curve.label == label]
        return measurements([self.curves[self.names[0]][label], *repeats]) if repeats else None

    def changes(self, label: str, names: Sequence[str], study: Study) -> Interaction | None:
        """Interaction over some settings of one space; None where there are too few runs."""
        errors, seeds = self.errors(label)[list(names)], self.seeds(label)
        if errors.notna().all(axis=1).sum() < FEWEST:
            return None
        seeds = None if seeds is None else seeds.reindex(errors.index).to_numpy()
        return interaction(errors.to_numpy(), seeds, study.resampling)

    def gaps(self, a: str, b: str, study: Study) -> dict[str, Gap]:
        """The gap between two spaces by setting; empty where there are too few runs."""
        errors = [self.errors(label) for label in (a, b)]
        if min(table.notna().all(axis=1).sum() for table in errors) < FEWEST:
            return {}
        found = gaps(*(table.to_numpy() for table in errors), study.resampling)
        return dict(zip(self.names, found, strict=True))

    def order(self, name: str, study: Study) -> Order | None:
        """How sure the order of the spaces is in one setting, over all its runs; None where there are too few."""
        errors = [self.curves[name][label].errors for label in self.labels]
        return order(errors, study.resampling) if min(map(len, errors)) >= FEWEST else None
