"""How often intervals hold the truth and tests of true hypotheses reject, in simulations where the truth is known.

    python benchmarks/coverage_sharing.py                              # all estimators, tens of minutes on one core
    python benchmarks/coverage_sharing.py quantile_bands --repetitions 100

An estimator is a function (rng, repetitions) that returns rows: what was measured (coverage of an interval, or size of
a test), in which case, at which n, the nominal value, what was seen, and its own 95 % interval (Wilson). Add an
estimator of your own to ESTIMATORS. docs/explanation/statistics.md quotes the results.
"""

import argparse
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.statistics import patterns  # noqa: E402
from netspaces.statistics.equivalence import BOTH, DIFFERENT, EQUIVALENT, SHARES, compare_means, quantile_differences  # noqa: E402
from netspaces.statistics.intervals import Resampling  # noqa: E402

Rows = list[dict]
Estimator = Callable[[np.random.Generator, int], Rows]
IMAGE = 100 / 899  # percent: errors on the digits are whole numbers of test images
RESAMPLES = 400
SIZES = (32, 100, 500)


def row(estimator: str, case: str, n: int, measured: str, nominal: float, seen: np.ndarray) -> dict:
    """A row of the table; `seen` (repetitions,) says in which of them it was so."""
    low, high = proportion_confint(int(np.sum(seen)), len(seen), method="wilson")
    result = {"estimator": estimator, "case": case, "n": n, "measured": measured, "nominal": nominal}
    return result | {"seen": np.mean(seen), "low": low, "high": high, "repetitions": len(seen)}


# ---- Equivalence -----------------------------------------------------------------------------------------------------


def skewed(rng: np.random.Generator, n: int) -> np.ndarray:
    """Errors with a long right tail, tied as those of a small test set are."""
    return np.round((5 + rng.gamma(1.2, 12, n)) / IMAGE).clip(max=90 / IMAGE) * IMAGE


def some_diverge(rng: np.random.Generator, n: int) -> np.ndarray:
    """A tenth of the networks at chance error, the others good."""
    good = np.round((5 + rng.gamma(1.5, 4, n)) / IMAGE) * IMAGE
    return np.where(rng.random(n) < 0.1, 90.0, good)


def normal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Errors without a tail."""
    return rng.normal(30, 8, n).clip(1, 99)


POPULATIONS = ((skewed, skewed), (some_diverge, skewed), (some_diverge, some_diverge), (normal, normal))


def mean_tests(rng: np.random.Generator, repetitions: int) -> Rows:
    """Size of the difference test at equal means, and of TOST on both edges of the margin."""
    rows, margin = [], 10.0
    for n, (draw_a, draw_b) in product((16, *SIZES), POPULATIONS):
        case = f"{draw_a.__name__}, {draw_b.__name__}"
        shift = np.mean(draw_b(rng, 1_000_000)) - np.mean(draw_a(rng, 1_000_000))
        for measured, edge, verdicts in (
            ("size of the difference test", 0, (DIFFERENT, BOTH)),
            ("size of TOST, a worse", margin, (EQUIVALENT, BOTH)),
            ("size of TOST, b worse", -margin, (EQUIVALENT, BOTH)),
        ):
            seen = []
            for _ in range(repetitions):
                a, b = draw_a(rng, n) + shift + edge, draw_b(rng, n)
                seen.append(compare_means(a, b, margin).verdict in verdicts)
            rows.append(row("compare_means", case, n, measured, 0.05, seen))
    return rows


def quantile_bands(rng: np.random.Generator, repetitions: int) -> Rows:
    """Coverage of the simultaneous bands of quantile differences."""
    rows, of = [], lambda x: np.quantile(x, SHARES, method="inverted_cdf")
    for n, (draw_a, draw_b) in product((24, *SIZES), POPULATIONS):
        truth, seen = of(draw_a(rng, 1_000_000)) - of(draw_b(rng, 1_000_000)), []
        for seed in range(repetitions):
            found = quantile_differences(
                draw_a(rng, n), draw_b(rng, n), resampling=Resampling(resamples=RESAMPLES, seed=seed)
            )
            seen.append(np.all((found.low <= truth + 1e-9) & (truth <= found.high + 1e-9)))
        case = f"{draw_a.__name__}, {draw_b.__name__}"
        rows.append(row("quantile_differences", case, n, "coverage of the band", 0.95, seen))
    return rows


# ---- Patterns --------------------------------------------------------------------------------------------------------


def pattern_gains(rng: np.random.Generator, repetitions: int) -> Rows:
    """Coverage of the gain of patterns, without any and with one (error rises with the slope of bottlenecks)."""
    rows = []
    for model, n, slope in product((patterns.REGRESSION, patterns.SHALLOW_TREE), SIZES[:2], (0, 8)):
        held, found = [], []
        for seed in range(repetitions):
            table = networks(rng, n)
            features = patterns.pattern_features(patterns.stage_values(table, "bottleneck"))
            effect = slope * features["slope"].to_numpy()
            last = np.log2(table["width_4"].to_numpy(float))
            errors = 5 + 40 / (1 + np.exp(2 * (last - 5))) + effect + rng.gamma(1.2, 8, n)
            x = patterns.baseline_features(table, "bottleneck")
            expected, _, liked = patterns.cross_fitted(x, features.to_numpy(), errors, model, seed)
            gain, _ = patterns._gain(errors - expected, liked, 0.95)
            truth = effect[~liked].mean() - effect[liked].mean()
            held.append(gain.low <= truth <= gain.high)
            found.append(gain.low > 0)
        case = f"{model}, {slope} points per doubling and stage"
        rows.append(row("patterns.search", case, n, "coverage of the gain", 0.95, held))
        share = "share called a pattern" if slope == 0 else "power"
        rows.append(row("patterns.search", case, n, share, 0.025 if slope == 0 else np.nan, found))
    return rows


def networks(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Networks of four stages whose values are all free."""
    table = pd.DataFrame({"flops": rng.uniform(8e5, 1e6, n)})
    for name, values in (("depth", [1, 2, 3, 4]), ("width", [8, 16, 32, 64, 128]), ("bottleneck", [1, 2, 4])):
        for stage in range(1, 5):
            table[f"{name}_{stage}"] = rng.choice(values, n)
    return table


ESTIMATORS: dict[str, tuple[Estimator, int]] = {  # and repetitions
    "mean_tests": (mean_tests, 1000),
    "quantile_bands": (quantile_bands, 1000),
    "pattern_gains": (pattern_gains, 200),
}


def main() -> None:
    """Simulate and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("estimators", nargs="*", help=f"of {', '.join(ESTIMATORS)}; all if none is named")
    parser.add_argument("--repetitions", type=int, help="simulated populations per case")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    unknown = set(chosen.estimators) - set(ESTIMATORS)
    if unknown:
        parser.error(f"unknown estimator {sorted(unknown)}, expected some of {', '.join(ESTIMATORS)}")
    rows = []
    for name in chosen.estimators or ESTIMATORS:
        simulate, repetitions = ESTIMATORS[name]
        rows += simulate(np.random.default_rng(chosen.seed), chosen.repetitions or repetitions)
    print(pd.DataFrame(rows).to_string(index=False, float_format="%.3f"))


if __name__ == "__main__":
    main()
