"""Coverage of intervals: how often do they hold the truth, where the truth is known?

    python benchmarks/coverage_py                             # all, half an hour on one core
    python benchmarks/coverage_py --only agreement --repetitions 1000

Every case invents populations of n networks again and again, and counts intervals that hold the true value. A case is
a function in CASES: it takes a generator and n and returns by estimator the true value and the interval. A standard
error of a coverage of 95 % is 0.7 % for 1,000 repetitions. docs/explanation/statistics.md quotes the results.
"""

import argparse
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.statistics.components import COMPONENTS, components  # noqa: E402
from netspaces.statistics.drift import drift  # noqa: E402
from netspaces.statistics.intervals import Interval, Resampling  # noqa: E402
from netspaces.statistics.orders import flips, split  # noqa: E402
from netspaces.statistics.ranks import agreement  # noqa: E402

LEVEL, RESAMPLES = 0.95, 500
Case = dict[str, tuple[float, Interval]]


# ---- Agreement of orders ---------------------------------------------------------------------------------------------


def normal_pairs(rng: np.random.Generator, n: int, rho: float) -> np.ndarray:
    """(2, n) normal with correlation rho."""
    return rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n).T


@cache
def shared_best(rho: float) -> float:
    """Share of the best quarter by one that is in the best quarter by the other, in a large population."""
    best = [values < np.quantile(values, 0.25) for values in normal_pairs(np.random.default_rng(0), 10**6, rho)]
    return float(np.mean(best[0] & best[1]) / 0.25)


def orders(rng: np.random.Generator, n: int, rho: float) -> Case:
    """Two measurements without repeats."""
    found = agreement(*normal_pairs(rng, n, rho), resampling=Resampling(level=LEVEL, resamples=RESAMPLES))
    return {
        f"Spearman, {rho}": (6 / np.pi * np.arcsin(rho / 2), found.spearman),
        f"Kendall, {rho}": (2 / np.pi * np.arcsin(rho), found.kendall),
        f"overlap of the best quarters, {rho}": (shared_best(rho), found.overlap),
    }


def repeats(rng: np.random.Generator, n: int, rho: float, reliability: float) -> list[np.ndarray]:
    """Two measurements (n, 2) with two seeds; a seed's noise is half shared by the two."""
    noise, common = np.sqrt(1 / reliability - 1), rng.normal(size=(n, 2))

    def seed():
        return noise * (common + rng.normal(size=(n, 2))) / np.sqrt(2)

    return [values[:, None] + seed() for values in normal_pairs(rng, n, rho)]


def corrected(rng: np.random.Generator, n: int, rho: float = 0.8, reliability: float = 0.8) -> Case:
    """Rank correlation without seed noise; the truth is that of the true values."""
    found = agreement(
        *repeats(rng, n, rho, reliability), resampling=Resampling(level=LEVEL, resamples=RESAMPLES)
    ).corrected
    return {f"corrected, reliability {reliability}": (6 / np.pi * np.arcsin(rho / 2), found)}


# ---- Training budgets ------------------------------------------------------------------------------------------------


def variances(rng: np.random.Generator, n: int) -> Case:
    """Components of a split plot of 4 budgets and 2 seeds."""
    sd = np.array([2, 1, 0.5, 0.7])
    values = -3.0 * np.arange(4)[:, None] + rng.normal(0, sd[0], (n, 1, 1)) + rng.normal(0, sd[1], (n, 4, 1))
    values = values + rng.normal(0, sd[2], (n, 1, 2)) + rng.normal(0, sd[3], (n, 4, 2))
    truth = dict(zip(COMPONENTS, [*sd**2, 15.0], strict=True))
    found = components(values, Resampling(LEVEL, RESAMPLES))
    both = {f"variance: {name}": (truth[name], found.variances[name]) for name in truth}
    return both | {f"share: {name}": (truth[name] / sum(truth.values()), found.shares[name]) for name in truth}


def two_spaces(rng: np.random.Generator, n: int, gap: tuple[float, float]) -> list[np.ndarray]:
    """Skewed errors (n, 2) of two spaces; b is worse by `gap` at each budget."""

    def draw():
        return 5 + rng.gamma(2, 1, (n, 1)) + rng.gamma(2, 0.5, (n, 2))

    return [draw(), draw() + np.array(gap)]


@cache
def true_flip(n: int, gap: tuple[float, float]) -> float:
    rng = np.random.default_rng(0)
    signs = [np.sign(np.subtract(*(errors.mean(0) for errors in two_spaces(rng, n, gap)))) for _ in range(10_000)]
    return float(np.mean([first != last for first, last in signs]))


def order_flips(rng: np.random.Generator, n: int, gap: tuple[float, float]) -> Case:
    """Probability that two populations contradict each other between two"""
    found = flips(*two_spaces(rng, n, gap), Resampling(LEVEL, RESAMPLES, int(rng.integers(2**31))))[0]
    return {f"flip, differences {gap[0]} and {gap[1]}": (true_flip(n, gap), found)}


@cache
def true_risk(networks: int, gap: float) -> float:
    rng = np.random.default_rng(0)
    wrong = [np.subtract(*(e[:, 0].mean() for e in two_spaces(rng, networks, (gap, gap)))) > 0 for _ in range(10_000)]
    return float(np.mean(wrong))


def split_risk(rng: np.random.Generator, n: int, gap: float = 0.8) -> Case:
    """Risk that 10 networks per space order two spaces wrongly, from populations of n."""
    found = split(*two_spaces(rng, n, (gap, gap)), [5, 10], Resampling(LEVEL, 200, int(rng.integers(2**31)))).risks
    row = found[(found["epochs"] == 5) & (found["networks"] == 10)].iloc[0]
    return {
        f"risk of 10 networks, difference {gap}": (true_risk(10, gap), Interval(*row[["risk", "low", "high"]], LEVEL))
    }


def best_moves(rng: np.random.Generator, n: int, by: float = 4.0) -> Case:
    """Drift of the mean best value between three"""
    found = drift(*_moving(rng, n, by), resampling=Resampling(level=LEVEL, resamples=RESAMPLES))
    return {f"drift by {by:g}": (true_move(n, by), found.change)}


@cache
def true_move(n: int, by: float) -> float:
    rng = np.random.default_rng(0)
    return float(
        np.mean([drift(*_moving(rng, n, by), resampling=Resampling(resamples=1)).change.estimate for _ in range(3000)])
    )


def _moving(rng: np.random.Generator, n: int, by: float) -> tuple[np.ndarray, np.ndarray]:
    x, optimum = rng.uniform(0, 20, n), 8 + by * np.linspace(0, 1, 3)
    errors = 10 + 0.05 * (x[:, None] - optimum) ** 2 + rng.gamma(2, 0.7, (n, 1)) + rng.gamma(2, 0.3, (n, 3))
    return x, errors


CASES: dict[str, list[tuple[Callable[[np.random.Generator, int], Case], tuple[int, ...]]]] = {
    "agreement": [
        (lambda rng, n: orders(rng, n, 0.5), (16, 32, 100)),
        (lambda rng, n: orders(rng, n, 0.9), (16, 32, 100)),
        (corrected, (16, 32, 100)),
        (lambda rng, n: corrected(rng, n, reliability=0.95), (16, 32, 100)),
    ],
    "components": [(variances, (16, 32, 100))],
    "budgets": [
        (lambda rng, n: order_flips(rng, n, (0.3, 0.5)), (32, 100)),
        (lambda rng, n: order_flips(rng, n, (-0.4, 0.5)), (32, 100)),
        (split_risk, (32, 100)),
        (best_moves, (16, 32, 100)),
    ],
}


def coverage(case: Callable, n: int, repetitions: int) -> dict[str, tuple[float, float]]:
    """By estimator, the share of intervals that hold the truth, and their median width; one without limits holds it."""
    rng = np.random.default_rng(n)
    held: dict[str, list[bool]] = {}
    widths: dict[str, list[float]] = {}
    for _ in range(repetitions):
        for name, (truth, found) in case(rng, n).items():
            held.setdefault(name, []).append(not (truth < found.low - 1e-9 or truth > found.high + 1e-9))
            widths.setdefault(name, []).append(np.nan_to_num(found.high - found.low, nan=np.inf))
    return {name: (float(np.mean(held[name])), float(np.median(widths[name]))) for name in held}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=CASES, nargs="+", default=list(CASES))
    parser.add_argument("--repetitions", type=int, default=400)
    arguments = parser.parse_args()
    print("| estimator | n | nominal | coverage | median width | repetitions |\n|---|---|---|---|---|---|")
    for group in arguments.only:
        for case, sizes in CASES[group]:
            for n in sizes:
                for name, (share, width) in coverage(case, n, arguments.repetitions).items():
                    cells = name, n, f"{LEVEL:.0%}", f"{share:.1%}", f"{width:.2g}", arguments.repetitions
                    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
