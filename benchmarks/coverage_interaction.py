"""Coverage of the intervals of interactions with data and recipe: how often do they hold the truth, where it is known?

    python benchmarks/coverage_interaction.py                      # some minutes on one core
    python benchmarks/coverage_interaction.py --repetitions 200

Normal networks, interactions and seeds in two settings, of which all true shares follow; two spaces whose gap changes
from the one setting to the other. Each row counts 95 % intervals (500 resamples) that hold the true value, in percent.
A standard error is 0.7 for 1,000 repetitions. docs/explanation/statistics.md quotes the results.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy import stats

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.statistics.interaction import gaps, interaction  # noqa: E402
from netspaces.statistics.intervals import Resampling  # noqa: E402

RESAMPLES = 500
SIZES = (16, 32, 100)
SHARES = ((0.0, 0.3), (0.3, 0.1), (0.5, 0.3))  # of interaction and of seed noise


def rank_correlation(r: float) -> float:
    """Spearman's correlation of a binormal distribution with Pearson's correlation r."""
    return 6 / np.pi * np.arcsin(r / 2)


def networks(rng: np.random.Generator, n: int, changed: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Errors (n, 2) in two settings, and (n, 3) of three seeds in the first."""
    own, of_setting = rng.normal(size=(n, 1)), rng.normal(size=(n, 2))

    def seed(k):
        return np.sqrt(noise) * rng.normal(size=(n, k))

    true = np.sqrt(1 - changed - noise) * own + np.sqrt(changed) * of_setting
    errors = true + seed(2)
    return errors, np.column_stack([errors[:, 0], true[:, :1] + seed(2)])


def shares(n: int, changed: float, noise: float, repetitions: int) -> dict[str, float]:
    """Coverage of the changed share, the noise, and the share without it."""
    truth = {"changed": 1 - rank_correlation(1 - changed - noise), "noise": 1 - rank_correlation(1 - noise)}
    truth["net"] = truth["changed"] - truth["noise"]
    held = dict.fromkeys(truth, 0)
    for i in range(repetitions):
        drawn = networks(np.random.default_rng([i, n]), n, changed, noise)
        found = interaction(*drawn, resampling=Resampling(resamples=RESAMPLES, seed=i))
        for name, true in truth.items():
            held[name] += getattr(found, name).low <= true <= getattr(found, name).high
    return {name: count / repetitions for name, count in held.items()}


def gap(n: int, change: float, repetitions: int) -> dict[str, float]:
    """Coverage of the gap between two spaces in the second setting, and of its change."""
    first, second = stats.norm.cdf(np.array([1, 1 + change]) / np.sqrt(2))
    held = {"gap": 0, "change of the gap": 0}
    for i in range(repetitions):
        rng = np.random.default_rng([i, n])
        a, b = np.sqrt(0.7) * rng.normal(size=(2, n, 1)) + np.sqrt(0.3) * rng.normal(size=(2, n, 2))
        found = gaps(a + [1, 1 + change], b, resampling=Resampling(resamples=RESAMPLES, seed=i))[1]
        held["gap"] += found.superiority.low <= second <= found.superiority.high
        held["change of the gap"] += found.change.low <= second - first <= found.change.high
    return {name: count / repetitions for name, count in held.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    repetitions = parser.parse_args().repetitions
    print(f"{'n':>4}  {'case':34}  coverage of 95 % intervals, {repetitions:,} repetitions")
    for n in SIZES:
        for changed, noise in SHARES:
            case = f"interaction {changed:.0%}, noise {noise:.0%}"
            print_row(n, case, shares(n, changed, noise, repetitions))
        for change in (0.0, 0.7):
            print_row(n, f"two spaces, gap grows by {change} sd", gap(n, change, repetitions))


def print_row(n: int, case: str, coverage: dict[str, float]) -> None:
    """One line of the table."""
    shown = ", ".join(f"{name} {100 * value:.1f}" for name, value in coverage.items())
    print(f"{n:4}  {case:34}  {shown}", flush=True)


if __name__ == "__main__":
    main()
