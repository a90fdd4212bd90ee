"""Does an order hold in other settings? All numbers of agreement, of design spaces and of the networks in each.

Panels are settings, as for the figure module `settings`.
"""

import numpy as np
import pandas as pd

from netspaces.statistics.interaction import Gap, Interaction
from netspaces.statistics.intervals import Interval
from netspaces.statistics.ranks import FEWEST, TOP, agreement
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.pairing import Settings
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import RESAMPLING, Column, present

ALL = "all settings"
COLUMNS = {
    "setting": Column(
        "the setting; the first is what the others are compared with, `all settings` is what several together change",
        "setting",
    ),
    "space": Column("label of the design space", "space"),
    "n": Column("networks with a run, in words", "n"),
    "mean": Column("mean error of all runs, %", "mean error", "percent"),
    "p_order": Column(
        "share of resamples in which mean errors stand in the order of the spaces, the worst first; the same in "
        "all rows of a setting",
        "P(order)",
        "share",
    ),
    "p_first_worst": Column(
        "share of resamples in which the first space is worse than every other", "P(first worst)", "share"
    ),
    "superiority": Column(
        "probability that a network of the space beats one of the first space", "P(beats first)", "share"
    ),
    "superiority_change": Column("that probability minus the same in the first setting", "its change", "share"),
    "superiority_change_low": Column("lower end of its interval", "change low", "share"),
    "superiority_change_high": Column("upper end of its interval", "change high", "share"),
    "spearman": Column("Spearman's rank correlation with the first setting", "Spearman", "share"),
    "spearman_low": Column("lower end of its interval", "Spearman low", "share"),
    "spearman_high": Column("upper end of its interval", "Spearman high", "share"),
    "kendall": Column("Kendall's tau-b with the first setting", "Kendall", "share"),
    "overlap": Column(
        "share of the best networks, a share `top` of all, that are among the best in both settings",
        "top kept",
        "share",
    ),
    "changed": Column(
        "1 - rank correlation: share of the variance of ranks that is interaction or seed noise", "changed", "share"
    ),
    "net": Column("`changed` minus `noise`: interaction alone", "net of seeds", "share"),
    "net_low": Column("lower end of its interval", "net low", "share"),
    "net_high": Column("upper end of its interval", "net high", "share"),
    "population": Column("name of the population"),
    "runs": Column("networks with a run, as a number"),
    "planned": Column("networks in all"),
    "diverged": Column("networks whose training diverged"),
    "n_paired": Column("networks with runs in both settings, or in all"),
    "n_repeated": Column("of those, networks with runs of all seeds"),
    "top": Column("share of the networks that counts as the best"),
    "mean_low": Column("lower end of its BCa interval, %"),
    "mean_high": Column("upper end of its BCa interval, %"),
    "superiority_low": Column("lower end of its interval"),
    "superiority_high": Column("upper end of its interval"),
    "kendall_low": Column("lower end of its interval"),
    "kendall_high": Column("upper end of its interval"),
    "overlap_low": Column("lower end of its interval"),
    "overlap_high": Column("upper end of its interval"),
    "changed_low": Column("lower end of its interval"),
    "changed_high": Column("upper end of its interval"),
    "noise": Column("the same between seeds of the first setting; empty for spaces without repeats"),
    "noise_low": Column("lower end of its interval"),
    "noise_high": Column("upper end of its interval"),
} | RESAMPLING
WANTS: dict = {"*": {"settings": True}}


def make(study: Study) -> pd.DataFrame:
    """A row per setting and design space, and one per space over all settings if there are more than two."""
    settings = Settings.of(study)
    rows = [row for name in settings.names for row in _setting(study, settings, name)]
    if len(settings.names) > 2:
        changes = {label: settings.changes(label, settings.names, study) for label in settings.labels}
        rows += [{"setting": ALL, "space": label, **_changes(change)} for label, change in changes.items()]
    table = pd.DataFrame(rows).assign(top=TOP, **study.resampling.columns())
    first, spaces = settings.names[0].replace("_", " "), " > ".join(settings.labels)
    note = (
        f"Intervals: {100 * study.level:g} %, bootstrap over networks ({study.resamples:,} resamples, seed "
        f"{study.seed}); BCa for means, percentile for all else. P(order): share of resamples in which mean errors "
        f"stand as {spaces}; P(first worst): in which {settings.labels[0]} is worse than the others. P(beats first): "
        f"that a network has a smaller error than one of {settings.labels[0]}, and how much that differs from {first}. "
        f"Then the same networks beside {first}: rank correlations; share of the best {100 * TOP:g} % that stay so (by "
        f"chance {TOP:g}); changed: 1 - rank correlation, the share of the variance of ranks that is network x setting "
        "interaction or seed noise; net of seeds: without the noise, where a space has repeats. n: runs, of how many "
        "planned; agreement rests on networks with runs in both settings, gaps on those with runs in all."
    )
    return present(table, study.title, note, COLUMNS)


def _setting(study: Study, settings: Settings, name: str) -> list[dict]:
    """The rows of one setting."""
    order = settings.order(name, study)
    shares = {} if order is None else {"p_order": order.holds, "p_first_worst": order.first_worst}
    rows = []
    for label in settings.labels:
        row: Row = {"setting": name, "space": label, **_runs(settings.curves[name][label], study), **shares}
        if label != settings.labels[0]:
            row |= _gap(settings.gaps(settings.labels[0], label, study).get(name))
        if name != settings.names[0]:
            row |= _agreement(study, settings, label, name)
        rows.append(row)
    return rows


def _limits(name: str, interval: Interval | None) -> dict:
    if interval is None:
        return {}
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _runs(curve: Curve, study: Study) -> dict:
    """How many runs a population has, and their mean error, with an interval if there are two or more."""
    row: Row = {
        "population": curve.population,
        "runs": len(curve.table),
        "planned": curve.planned,
        "n": curve.count_text,
    }
    row |= {"diverged": curve.diverged}
    if len(curve.table) < 2:
        return row | {"mean": curve.errors.mean() if len(curve.table) else np.nan}
    return row | _limits("mean", bootstrap_interval(curve.errors, resampling=study.resampling))


def _gap(gap: Gap | None) -> dict:
    return {} if gap is None else _limits("superiority", gap.superiority) | _limits("superiority_change", gap.change)


def _agreement(study: Study, settings: Settings, label: str, name: str) -> dict:
    """Of one space's networks in a setting with the same in the first."""
    pair = [settings.names[0], name]
    errors = settings.errors(label)[pair].dropna()
    row: Row = {"n_paired": len(errors)}
    if len(errors) < FEWEST:
        return row
    first, other = errors.to_numpy().T
    ranks = agreement(first, other, resampling=study.resampling)
    for kind in ("spearman", "kendall", "overlap"):
        row |= _limits(kind, getattr(ranks, kind))
    return row | _changes(settings.changes(label, pair, study))


def _changes(change: Interaction | None) -> dict:
    if change is None:
        return {}
    row: Row = {"n_paired": change.n, "n_repeated": change.n_repeated}
    return row | _limits("changed", change.changed) | _limits("noise", change.noise) | _limits("net", change.net)
