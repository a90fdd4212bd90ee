"""Coverage of intervals and size of tests in simulations where the truth is known.

    python benchmarks/coverage_measures.py                              # all estimators, some minutes on one core
    python benchmarks/coverage_measures.py --only shares --repetitions 2000

A row per estimator and number of networks: how often the interval held the truth, against what it promises, or how
often a test rejected what is true. Populations have gamma errors, skewed as real ones are.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.statistics.anova import effects  # noqa: E402
from netspaces.statistics.attribution import factor, polynomial, shares  # noqa: E402
from netspaces.statistics.intervals import Resampling  # noqa: E402
from netspaces.statistics.matching import match, unmatched, weighted_difference, weighted_steps  # noqa: E402

RESAMPLES = 500
SKEW = np.sqrt(1.5) * 0.8  # deviation of the noise below


def noise(rng: np.random.Generator, n: int) -> np.ndarray:
    """Skewed, of mean 0 and variance 1."""
    return (rng.gamma(1.5, 0.8, n) - 1.2) / SKEW


def row(estimator: str, n: int, hits: float, repetitions: int, nominal: float = 0.95) -> dict:
    """A line of the table: the observed rate beside the nominal one, with an interval for chance (Wilson)."""
    found = stats.binomtest(int(hits), repetitions).proportion_ci(0.95, method="wilson")
    rates = {"nominal": nominal, "rate": hits / repetitions, "low": found.low, "high": found.high}
    return {"estimator": estimator, "n": n, **rates, "repetitions": repetitions}


# ---- Attribution of variance -----------------------------------------------------------------------------------------


def _experiment(rng: np.random.Generator, n: int) -> tuple[dict, np.ndarray, np.ndarray]:
    """A factor, two correlated numbers and one that does nothing, in six populations."""
    cell = np.arange(n) % 6
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], n)
    y = 0.5 * (cell % 3 == 2) + 0.6 * z[:, 0] + 0.2 * z[:, 1] + noise(rng, n)
    groups = {"factor": factor(cell % 3), "strong": z[:, :1], "correlated": z[:, 1:]}
    return groups | {"nothing": polynomial(rng.normal(size=n))}, y, cell


def coverage_of_shares(rng: np.random.Generator, repetitions: int) -> Iterator[dict]:
    """Shapley shares of R^2."""
    truth = shares(*_experiment(rng, 400_000), resampling=Resampling(resamples=1))
    for n in (90, 180, 360):
        held = np.zeros(len(truth))
        for seed in range(repetitions):
            found = shares(*_experiment(rng, n), resampling=Resampling(resamples=RESAMPLES, seed=seed))
            held += (found["low"] <= truth["share"]) & (truth["share"] <= found["high"])
        yield from (
            row(f"share: {name}", n, hits, repetitions) for name, hits in zip(truth["group"], held, strict=True)
        )


def coverage_of_effects(rng: np.random.Generator, repetitions: int) -> Iterator[dict]:
    """Partial omega^2, and the size of the F test for a factor that does nothing."""
    for n in (90, 180, 360):
        a, b = np.arange(n) % 3, np.arange(n) // 3 % 2
        variance = 0.3**2 * 2 / 3
        held, rejected = np.zeros(2), 0
        for seed in range(repetitions):
            y = 0.3 * (a - 1) + noise(rng, n)
            found = effects(
                {"a": factor(a), "b": factor(b)}, y, 2 * a + b, resampling=Resampling(resamples=RESAMPLES, seed=seed)
            )
            truth = np.array([variance / (variance + 1), 0.0])
            held += (found["low"] <= truth) & (truth <= found["high"])
            rejected += found["p"][1] < 0.05
        yield row("omega^2: factor", n, held[0], repetitions)
        yield row("omega^2: nothing", n, held[1], repetitions)
        yield row("F test: nothing", n, rejected, repetitions, nominal=0.05)


# ---- Comparisons at equal complexity ---------------------------------------------------------------------------------


def coverage_of_matching(rng: np.random.Generator, repetitions: int) -> Iterator[dict]:
    """Weighted differences of two spaces whose errors differ by their complexity alone."""
    for n in (24, 32, 100, 500):
        held = without = used = 0
        for seed in range(repetitions):
            logs = {space: rng.normal(shift, 0.5, n) for space, shift in (("a", 0.0), ("b", 0.4))}
            errors = {space: 10 - 2 * log + (1 + 0.3 * np.tanh(log)) * noise(rng, n) for space, log in logs.items()}
            matched = match({space: np.exp(log) for space, log in logs.items()})
            if matched is None:
                continue
            truth = np.subtract(*(matched.weights[space] @ (10 - 2 * logs[space]) for space in "ab"))
            found = weighted_difference(errors, matched, "ab", resampling=Resampling(resamples=RESAMPLES, seed=seed))
            crude = weighted_difference(
                errors, unmatched(errors), "ab", resampling=Resampling(resamples=RESAMPLES, seed=seed)
            )
            held += found.low <= truth <= found.high
            without += crude.low <= 0 <= crude.high
            used += 1
        yield row("equal complexity: difference of means", n, held, used)
        yield row("equal complexity: no difference, without weights", n, without, used)


def coverage_of_best(rng: np.random.Generator, repetitions: int) -> Iterator[dict]:
    """Weighted differences of the best of n'/8 networks."""
    for n in (32, 100, 500):
        draws, bins = max(2, n // 8), np.arange(n) % 4
        truth = 0.0
        for scale, sign in ((1.0, 1), (2.0, -1)):
            pool = scale * rng.gamma(1.5, 0.8, (40_000, draws)) + rng.integers(4, size=(40_000, draws))
            truth += sign * pool.min(1).mean()
        matched, held = match(dict.fromkeys("ab", bins + 1.0), most_bins=4), 0
        for seed in range(repetitions):
            errors = {space: scale * rng.gamma(1.5, 0.8, n) + bins for space, scale in (("a", 1.0), ("b", 2.0))}
            found = weighted_difference(
                errors, matched, "ab", draws, resampling=Resampling(resamples=RESAMPLES, seed=seed)
            )
            held += found.low <= truth <= found.high
        yield row(f"equal complexity: difference of the best of {draws}", n, held, repetitions)


def coverage_of_weighted_bands(rng: np.random.Generator, repetitions: int) -> Iterator[dict]:
    """The band of a weighted EDF, of uniform errors."""
    for n in (32, 100):
        weights = rng.gamma(1, size=n)
        weights /= weights.sum()
        held = 0
        for _ in range(repetitions):
            x, _, lower, upper = weighted_steps(rng.random(n), weights)
            held += np.all((lower <= x + 1e-9) & (x <= upper + 1e-9))
        yield row("weighted EDF: band", n, held, repetitions)


ESTIMATORS: dict[str, Callable[[np.random.Generator, int], Iterator[dict]]] = {
    "shares": coverage_of_shares,
    "effects": coverage_of_effects,
    "matching": coverage_of_matching,
    "best": coverage_of_best,
    "bands": coverage_of_weighted_bands,
}


def main() -> None:
    """Print the table, estimator by estimator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=ESTIMATORS, nargs="*", default=list(ESTIMATORS))
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name in given.only:
        table = pd.DataFrame(ESTIMATORS[name](np.random.default_rng(given.seed), given.repetitions))
        print(table.to_string(index=False, float_format=lambda value: f"{value:.3f}"), flush=True)


if __name__ == "__main__":
    main()
