"""How often 95 % intervals of means hold the mean of a space in which a few networks are bad.

    python benchmarks/coverage_means.py               # a minute
    python benchmarks/coverage_means.py --samples 300

No interval can see networks that were not drawn: where a twentieth of a space errs five times as much as all others,
samples of 32 hold none of it in one of five. The last column is the coverage of samples without the warning that the
table `populations` prints (n < 50, or a skewness above 2). docs/explanation/statistics.md has the numbers.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from netspaces.statistics.bootstrap_tails import weighted_means
from netspaces.statistics.confidence import student
from netspaces.statistics.means import careful, sum_of_means

SIZES = (16, 32, 100, 500)
Draw = Callable[[np.random.Generator, int], np.ndarray]


def mixture(share: float, bad: float, spread: float) -> Draw:
    """Errors of 7.3 +- 2.1 % (gamma), and a share of networks that err by about `bad`; at most 90 %."""

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        good = 4.3 + rng.gamma(2.04, 1.47, n)
        return np.where(rng.random(n) < share, np.clip(rng.normal(bad, spread, n), 15, 90), good)

    return draw


SPACES: dict[str, Draw] = {
    "skewed, none bad": mixture(0, 0, 0),
    "5 % err by 36": mixture(0.049, 36, 12),
    "10 % err by 30": mixture(0.1, 30, 12),
    "4 % diverge": mixture(0.04, 90, 0.1),
}


def coverage(draw: Draw, n: int, samples: int, seed: int = 0) -> dict[str, float]:
    """Shares of samples whose interval holds the mean, by kind of interval, and of those that say "careful"."""
    rng = np.random.default_rng([seed, n])
    truth = float(draw(np.random.default_rng(seed + 1), 4_000_000).mean())
    held = {"BCa": 0, "t": 0, "wider": 0}
    calm = calm_held = 0
    for _ in range(samples):
        errors = draw(rng, n)
        of = sum_of_means([errors], [1.0])
        each = {"BCa": weighted_means([errors], [1.0]), "wider": of}
        each["t"] = student(float(errors.mean()), float(errors.std(ddof=1) / np.sqrt(n)), n - 1)
        inside = {kind: (c.interval(0.95).low <= truth <= c.interval(0.95).high) for kind, c in each.items()}
        for kind, holds in inside.items():
            held[kind] += holds
        if not careful(errors):
            calm, calm_held = calm + 1, calm_held + inside["wider"]
    found = {kind: count / samples for kind, count in held.items()}
    return found | {"warned": 1 - calm / samples, "without warning": calm_held / calm if calm else np.nan}


def main() -> None:
    """A line per space and number of networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    samples = parser.parse_args().samples
    for name, draw in SPACES.items():
        for n in SIZES:
            found = coverage(draw, n, samples)
            print(f"{name:18} n = {n:3}: " + ", ".join(f"{k} {100 * v:.1f} %" for k, v in found.items()), flush=True)


if __name__ == "__main__":
    main()
