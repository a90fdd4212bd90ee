"""Coverage and variance of the regression estimate on populations like a preset's own, where the truth is known.

    python benchmarks/regression_estimate.py results/digits                     # after `make`: half an hour on one core
    python benchmarks/regression_estimate.py results/digits --repetitions 20    # a first look

The truth is made of the trained populations of a folder of results: a model (randomised trees and a quadratic ridge,
not the boosted trees of the estimate) is fitted to all of their networks, and each network of a large sample of a space
errs by what it predicts plus a residual, drawn from networks of similar predictions, out of fold. So spaces have rare
bad networks as real ones do. Populations are then drawn again and again.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.configuration.loading import load  # noqa: E402
from netspaces.populations.table import read_collected  # noqa: E402
from netspaces.spaces.untrained import sample_untrained  # noqa: E402
from netspaces.statistics.cross_fitting import cross_fit  # noqa: E402
from netspaces.statistics.regression_estimate import (  # noqa: E402
    RegressionMean,
    difference,
    factor_of,
    regression_mean,
)
from netspaces.studies.regression import features_of  # noqa: E402
from netspaces.studies.study import Curve, Study  # noqa: E402

POOL = 8000  # networks per space that stand for the whole of it
NEIGHBOURS = 60  # residuals that a network's own is drawn from
LEVELS = {"95 %": 0.95, "99.9 %": 0.999, "claims (99.954 %)": 1 - 0.05 / 108}


def study_of(results: Path, preset: str) -> Study:
    """All populations of a folder of results that a preset declares, with a pool of networks of each space."""
    configuration = load({"preset": preset}, ROOT / "config")
    curves, untrained = [], {}
    for path in sorted((results / "populations").glob("*.parquet")):
        of = configuration.populations.get(path.stem)
        if of is None:
            continue
        table = read_collected(path)
        table = table[table["error_min"].notna()].reset_index(drop=True)
        recipe = of.name.split("-")[2]
        curves.append(Curve(of.space, of.space, of.name, table, of.n, recipe=recipe))
        untrained[of.name] = pd.DataFrame(sample_untrained(of.definition, of.regime, of.seed, of.n, POOL))
    panels = {"all": curves}
    return Study("benchmark", "Benchmark", panels, untrained=untrained, covariates=("structure", "sampled_recipe"))


def truths(study: Study, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """By population the features of the pool (N, p), and the errors (N,) that its networks have."""
    curves = study.curves
    trained, pool = features_of(study, curves)
    x = np.concatenate([trained[curve.population] for curve in curves])
    y = np.concatenate([curve.errors for curve in curves])
    trees = ExtraTreesRegressor(100, min_samples_leaf=2, max_features=0.5, random_state=1)
    ridge = make_pipeline(StandardScaler(), PolynomialFeatures(2), RidgeCV(np.logspace(0, 5, 6)))
    out_of_fold = sum(cross_val_predict(model, x, y, cv=8) for model in (trees, ridge)) / 2
    order = np.argsort(out_of_fold)
    sorted_predictions, residuals = out_of_fold[order], (y - out_of_fold)[order]
    errors = {}
    for model in (trees, ridge):
        model.fit(x, y)
    for name, features in pool.items():
        predicted = sum(model.predict(features).clip(0, 100) for model in (trees, ridge)) / 2
        place = np.searchsorted(sorted_predictions, predicted)
        drawn = place + rng.integers(-NEIGHBOURS // 2, NEIGHBOURS // 2, place.size)
        errors[name] = (predicted + residuals[drawn.clip(0, residuals.size - 1)]).clip(0, 100)
    return pool, errors


def draw(pool: Mapping, errors: Mapping, n: int, untrained: int, rng: np.random.Generator) -> dict[str, dict]:
    """Populations of n trained networks of each space, and untrained ones: what `cross_fit` takes."""
    given: dict[str, dict] = {"errors": {}, "features": {}, "groups": {}, "untrained": {}}
    for name, features in pool.items():
        rows = rng.choice(len(features), n + untrained, replace=False)
        given["errors"][name], given["features"][name] = errors[name][rows[:n]], features[rows[:n]]
        given["groups"][name], given["untrained"][name] = list(rows[:n]), features[rows[n:]]
    # a row of one space is another network in another one
    given["groups"] = {name: [f"{name} {row}" for row in rows] for name, rows in given["groups"].items()}
    return given


def estimates(found: RegressionMean, tuned: RegressionMean) -> Iterator[tuple[str, float, float]]:
    """Each estimator of a mean with its estimate and standard error."""
    yield "plain mean", found.plain, found.plain_error
    yield "regression, factor 1", found.estimate, found.error
    yield "regression, tuned", tuned.estimate, tuned.error


def simulate(study: Study, n: int, untrained: int, repetitions: int) -> pd.DataFrame:
    """A row per repetition, population (or pair of them) and estimator."""
    pool, errors = truths(study, np.random.default_rng(0))
    truth = {name: values.mean() for name, values in errors.items()}
    rows = []
    for seed in range(repetitions):
        predicted = cross_fit(**draw(pool, errors, n, untrained, np.random.default_rng([1, seed])))
        means = {name: regression_mean(of, 1.0) for name, of in predicted.items()}
        tuned = {name: regression_mean(of, factor_of(of, 0)) for name, of in predicted.items()}
        for name, mean in means.items():
            for estimator, estimate, error in estimates(mean, tuned[name]):
                row = {"question": "mean", "of": name, "estimator": estimator, "off": estimate - truth[name]}
                reaches = {level: stats.t.ppf((1 + share) / 2, mean.freedom) * error for level, share in LEVELS.items()}
                rows.append(row | {level: abs(row["off"]) <= reach for level, reach in reaches.items()})
        names = list(means)
        for a, b in zip(names, names[1:], strict=False):
            for estimator, of in (("regression, factor 1", means), ("regression, tuned", tuned)):
                rows.append(_difference(estimator, of[a], of[b], truth[a] - truth[b], f"{a} - {b}"))
            rows.append(_difference("plain mean", *map(plain, (means[a], means[b])), truth[a] - truth[b], f"{a} - {b}"))
    return pd.DataFrame(rows)


def plain(mean: RegressionMean) -> RegressionMean:
    """The plain mean in the form of the other estimate."""
    return RegressionMean(mean.plain, mean.plain_error, mean.plain, mean.plain_error, mean.n, mean.untrained, 0.0, 0.0)


def _difference(estimator: str, a: RegressionMean, b: RegressionMean, truth: float, of: str) -> dict:
    found = {level: difference(a, b, share) for level, share in LEVELS.items()}
    off = a.estimate - b.estimate - truth
    row = {"question": "difference", "of": of, "estimator": estimator, "off": off}
    return row | {level: interval.low <= truth <= interval.high for level, interval in found.items()}


def report(rows: pd.DataFrame) -> None:
    """Print coverage by estimator, that of the worst population, and variances against the plain mean's."""
    print(rows.groupby(["question", "estimator"])[list(LEVELS)].mean().mul(100).round(2).to_string())
    by = rows.groupby(["question", "of", "estimator"])
    coverage = by["95 %"].mean().mul(100).unstack()
    print("\nworst at 95 %\n", coverage.groupby("question").min().round(1).to_string())
    squares = by["off"].agg(lambda off: np.mean(np.square(off))).unstack()
    smaller = {name: squares["plain mean"] / squares[name] for name in squares if name != "plain mean"}
    ratios = pd.DataFrame(smaller).add_prefix("times smaller: ")
    print("\n", pd.concat([ratios, coverage.add_prefix("95 %: ")], axis=1).round(2).to_string())
    print("\nhow many times smaller the mean squared error is, median over populations")
    print(ratios.groupby("question").median().round(2).to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="a folder of results, results/digits")
    parser.add_argument("--preset", default="digits")
    parser.add_argument("--n", type=int, default=32, help="trained networks per space")
    parser.add_argument("--untrained", type=int, default=4000)
    parser.add_argument("--repetitions", type=int, default=150)
    given = parser.parse_args()
    report(simulate(study_of(given.results, given.preset), given.n, given.untrained, given.repetitions))


if __name__ == "__main__":
    main()
