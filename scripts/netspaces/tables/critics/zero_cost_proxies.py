"""What zero-cost proxies, computed before any training, tell of errors beyond what structure tells.

For any design spaces: a panel's curves are populations whose proxies were measured.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from netspaces.statistics.beyond import TOGETHER, Beyond, beyond
from netspaces.statistics.cross_fitting import FEWEST, FOLDS
from netspaces.studies.regression import FEWEST_RUNS, features_of
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import RESAMPLING, Column, present

COLUMNS = {
    "space": Column("label of the design space, or `all` for all of the recipe's populations together", "space"),
    "proxy": Column("the proxy, or `all` for all of them together", "proxy"),
    "n": Column("networks with a run and with all proxies", "n", "integer"),
    "correlation": Column("Spearman's correlation of proxy and error; of `all` the mean over spaces", "ρ", "share"),
    "correlation_low": Column("lower end of its interval", "low", "share"),
    "correlation_high": Column("upper end of its interval", "high", "share"),
    "partial": Column(
        "the same of what structure predicts of neither, out of fold: the partial correlation", "ρ | structure", "share"
    ),
    "partial_low": Column("lower end of its interval", "low ", "share"),
    "partial_high": Column("upper end of its interval", "high ", "share"),
    "r2": Column(
        "share of the variance of errors within the population that structure predicts, out of fold", "R²", "share"
    ),
    "r2_with": Column("the same of structure and the proxy", "R² with", "share"),
    "gain": Column("how much larger that is", "gain", "share"),
    "gain_low": Column("lower end of its interval", "low  ", "share"),
    "gain_high": Column("upper end of its interval", "high  ", "share"),
    "verdict": Column(
        "`tells more`: the interval of the gain lies above 0; `nothing seen`; `too few networks`", "verdict"
    ),
    "recipe": Column("name of the recipe"),
    "population": Column("name of the population; empty for all together"),
    "planned": Column("networks in all"),
    "without_proxy": Column("networks with a run of which some proxy is no finite number; they are left out"),
    "spaces": Column("rows of a proxy for which its intervals hold at once"),
} | RESAMPLING
MORE, NOT_SEEN, TOO_FEW = "tells more", "nothing seen", "too few networks"
WANTS: dict = {"*": {"trained": True}}
UNTRAINED = True


def make(study: Study) -> pd.DataFrame:
    """A row per design space and proxy, and of all spaces together, for each recipe."""
    recipes = dict.fromkeys(curve.recipe for curve in study.curves)
    rows = [
        row for recipe in recipes for row in _rows(study, [curve for curve in study.curves if curve.recipe == recipe])
    ]
    table = pd.DataFrame(rows).assign(resamples=study.resamples, seed=study.seed)
    note = (
        "Proxies are numbers of networks with their initial weights, before any training: gradient norm (Abdelfattah "
        "and others 2021), synflow (Tanaka and others 2020, log10), Jacobian covariance (Mellor and others 2020). ρ: "
        "Spearman's correlation of proxy and error (below 0: large proxies go with small errors). ρ | structure: of "
        "what a model of structure, which has not seen the network, leaves of both. R²: share of the variance of "
        f"errors within populations that is predicted of unseen networks ({FOLDS} folds, networks of one architecture "
        "in one, all spaces of a recipe fitted together); gain: what the proxy adds. Intervals of a proxy hold for "
        f"all rows of it at once (Bonferroni) at {100 * study.level:g} %: {study.resamples:,} resamples of networks "
        f"with predictions as they are, seed {study.seed}; those of gains are wider, as folds share networks. "
        f"Tells more: the interval of the gain lies above 0. No predictions below {FEWEST} networks in all."
        + _left_out(table)
    )
    return present(table, study.title, note, COLUMNS)


def _left_out(table: pd.DataFrame) -> str:
    """A sentence if networks are left out."""
    counted = int(table.drop_duplicates("population")["without_proxy"].sum())
    return f" {counted} networks without a finite number for some proxy are left out." if counted else ""


def _proxies(study: Study, curve: Curve) -> pd.DataFrame:
    """The proxies of a population's networks with a run, a row each; raises ValueError where none were measured."""
    measured = study.inputs.get(curve.population)
    if not isinstance(measured, pd.DataFrame):
        raise ValueError(f"studies.yaml: {study.name}: no proxies of {curve.population}, expected proxies: true")
    return measured.set_index("index").reindex(curve.table["index"]).astype(float)


def _rows(study: Study, curves: Sequence[Curve]) -> list[Row]:
    """The rows of the populations of one recipe."""
    proxies = {curve.population: _proxies(study, curve) for curve in curves}
    complete = {name: np.isfinite(table.to_numpy()).all(axis=1) for name, table in proxies.items()}
    names = [*next(iter(proxies.values())), TOGETHER]
    usable = [
        curve
        for curve in curves
        if curve.population in study.untrained and complete[curve.population].sum() >= FEWEST_RUNS
    ]
    resampling = study.resampling.simultaneous(len(usable) + 1)
    found: dict[tuple[str, str], Beyond] = {}
    if sum(complete[curve.population].sum() for curve in usable) >= FEWEST:
        known, _ = features_of(study, usable)
        rows = {curve.population: complete[curve.population] for curve in usable}
        found = beyond(
            errors={curve.population: curve.errors[rows[curve.population]] for curve in usable},
            known={name: known[name][chosen] for name, chosen in rows.items()},
            measured={
                name: {proxy: values.to_numpy()[chosen] for proxy, values in proxies[name].items()}
                for name, chosen in rows.items()
            },
            groups={c.population: list(c.table["architecture"][rows[c.population]]) for c in usable},
            resampling=resampling,
        )
    common = {"recipe": curves[0].recipe, "spaces": len(usable) + 1, "level": resampling.level}
    result: list[Row] = []
    for curve in curves:
        left_out = int((~complete[curve.population]).sum())
        of = {"space": curve.label, "population": curve.population, "planned": curve.planned}
        of |= {"n": len(curve.table) - left_out, "without_proxy": left_out}
        result += [common | of | _row(name, found.get((curve.population, name))) for name in names]
    together = {"space": TOGETHER, "population": "", "planned": sum(curve.planned for curve in curves)}
    together |= {"n": sum(int(each.sum()) for each in complete.values()), "without_proxy": 0}
    return [*result, *(common | together | _row(name, found.get((TOGETHER, name))) for name in names)]


def _row(proxy: str, of: Beyond | None) -> Row:
    """What was found of one proxy in one population."""
    row: Row = {"proxy": proxy.replace("_", " "), "verdict": TOO_FEW}
    if of is None:
        return row
    for name, interval in (("correlation", of.correlation), ("partial", of.partial), ("gain", of.gain)):
        if interval is not None:
            row |= {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return row | {"r2": of.r2, "r2_with": of.r2_with, "verdict": MORE if of.gain.low > 0 else NOT_SEEN}
