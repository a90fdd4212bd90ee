"""What the paper fixed and what it searched: shares in the variance of error, and the analysis of variance."""

import pandas as pd

from netspaces.statistics.intervals import Resampling
from netspaces.studies.choices import FIXED, SUMS, choice_effects, choice_shares, enough, pooled, words
from netspaces.studies.study import Study
from netspaces.tables.style import RESAMPLING, Column, present

COLUMNS = {
    "choice": Column("what was fixed or searched, a sum of shares, or a pair of fixed choices", "choice"),
    "kind": Column("`fixed`, `searched`, `sum` or `pair of fixed`", "kind"),
    "columns": Column("columns of its group in the linear model: degrees of freedom", "columns", "integer"),
    "share": Column("share of the variance of log error, %: Shapley value of the adjusted R²", "share, %", "percent"),
    "low": Column("lower end of the share's interval, %", "low", "percent"),
    "high": Column("upper end of the share's interval, %", "high", "percent"),
    "share_of_ranks": Column("the same share of the variance of ranks of errors, %", "share (ranks), %", "percent"),
    "partial_r2": Column(
        "partial η² in the analysis of variance (type II) of the fixed choices and their pairs, %",
        "partial η², %",
        "percent",
    ),
    "omega2": Column("partial ω², %", "partial ω², %", "percent"),
    "omega2_low": Column("lower end of its interval, %", "ω² low", "percent"),
    "omega2_high": Column("upper end of its interval, %", "ω² high", "percent"),
    "f": Column("F statistic", "F", "share"),
    "p": Column("p value of the F test", "p", "p"),
    "df_residual": Column("residual degrees of freedom of the analysis of variance"),
    "sum_of_squares": Column("sum of squares of the analysis of variance"),
    "omega2_of_ranks": Column("partial ω² of ranks of errors, %"),
    "n": Column("networks with a run"),
    "populations": Column("populations that have some"),
} | RESAMPLING
SHARES = ["share", "low", "high", "share_of_ranks", "partial_r2", "omega2", "omega2_low", "omega2_high"]
WANTS: dict = {"*": {"trained": True}}


def make(study: Study) -> pd.DataFrame:
    """A row per choice, per sum of choices and per pair of fixed ones; empty where runs do not suffice."""
    pool = pooled(study)
    table = _rows(pool, study.resampling) if enough(pool) else pd.DataFrame()
    table = table.reindex(columns=list(COLUMNS))
    table[[*SHARES, "omega2_of_ranks"]] *= 100
    table = table.assign(n=len(pool), populations=pool["population"].nunique() if len(pool) else 0)
    table = table.assign(**study.resampling.columns())
    note = (
        f"{len(pool)} networks with a run, pooled over populations that cross the fixed choices. Shares: Shapley "
        "values of the adjusted R² of a linear model of log error (of its ranks, for comparison); they add up to the "
        "total and may be a little below 0. η² and ω²: analysis of variance of the fixed choices and their pairs, "
        f"type II; ω² is η² without what chance explains; F tests. {100 * study.level:g} % intervals: "
        f"{study.resamples:,} resamples of networks within populations, seed {study.seed}."
    )
    return present(table, study.title, note, COLUMNS)


def _rows(pool: pd.DataFrame, resampling: Resampling) -> pd.DataFrame:
    once = resampling.estimates_only()  # no intervals of ranks are shown
    shares, effects = choice_shares(pool, "log", resampling), choice_effects(pool, "log", resampling)
    shares = shares.assign(share_of_ranks=choice_shares(pool, "rank", once)["share"])
    effects = effects.assign(omega2_of_ranks=choice_effects(pool, "rank", once)["omega2"])
    shares = shares.rename(columns={"group": "choice"}).drop(columns=["level", "resamples", "n"])
    effects = effects.rename(columns={"term": "choice", "low": "omega2_low", "high": "omega2_high"})
    effects = effects.drop(columns=["level", "resamples", "n"])
    table = shares.merge(effects, how="outer", on="choice", sort=False)
    order = [*shares["choice"], *effects["choice"]]
    table = table.sort_values("choice", key=lambda column: column.map(order.index), ignore_index=True)
    table["columns"] = table["columns"].fillna(table["df"])
    return table.assign(kind=table["choice"].map(_kind), choice=table["choice"].map(words)).drop(columns="df")


def _kind(choice: str) -> str:
    if choice in FIXED:
        return "fixed"
    if choice in SUMS or choice == "total":
        return "sum"
    return "pair of fixed" if " × " in choice else "searched"
