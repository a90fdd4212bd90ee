"""Does an order hold in other settings? All numbers of agreement, of design spaces and of the networks in each.

Panels are settings, as for the figure module `settings`.
"""

import numpy as np
import pandas as pd

from netspaces.statistics.interaction import Gap, Interaction, Settings
from netspaces.statistics.intervals import Interval
from netspaces.statistics.ranks import FEWEST, TOP, agreement
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.study import Curve, Study
from netspaces.tables.style import present

ALL = "all settings"
COLUMNS = {
    "setting": ("setting", "text"),
    "space": ("space", "text"),
    "n": ("n", "text"),
    "mean": ("mean error", "percent"),
    "p_order": ("P(order)", "share"),
    "p_first_worst": ("P(first worst)", "share"),
    "superiority": ("P(beats first)", "share"),
    "superiority_change": ("its change", "share"),
    "superiority_change_low": ("change low", "share"),
    "superiority_change_high": ("change high", "share"),
    "spearman": ("Spearman", "share"),
    "spearman_low": ("Spearman low", "share"),
    "spearman_high": ("Spearman high", "share"),
    "kendall": ("Kendall", "share"),
    "overlap": ("top kept", "share"),
    "changed": ("changed", "share"),
    "net": ("net of seeds", "share"),
    "net_low": ("net low", "share"),
    "net_high": ("net high", "share"),
}
MORE = ["population", "runs", "planned", "diverged", "n_paired", "n_repeated", "top"]
MORE += [
    f"{name}_{end}" for name in ("mean", "superiority", "kendall", "overlap", "changed") for end in ("low", "high")
]
MORE += ["noise", "noise_low", "noise_high", "level", "resamples", "seed"]


def make(study: Study) -> pd.DataFrame:
    """A row per setting and design space, and one per space over all settings if there are more than two."""
    settings = Settings.of(study)
    rows = [row for name in settings.names for row in _setting(study, settings, name)]
    if len(settings.names) > 2:
        found = {label: settings.changes(label, settings.names, study) for label in settings.labels}
        rows += [{"setting": ALL, "space": label, **_changes(of)} for label, of in found.items()]
    table = pd.DataFrame(rows).assign(top=TOP, **study.resampling.columns()).reindex(columns=[*COLUMNS, *MORE])
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
    found = settings.order(name, study)
    order = {} if found is None else {"p_order": found.holds, "p_first_worst": found.first_worst}
    rows = []
    for label in settings.labels:
        row = {"setting": name, "space": label, **_runs(settings.curves[name][label], study), **order}
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
    runs, planned = len(curve.table), curve.planned
    row = {"population": curve.population, "runs": runs, "planned": planned}
    row |= {"n": f"{runs}" if runs == planned else f"{runs} of {planned}"}
    row |= {"diverged": int((curve.table["status"] == "diverged").sum())}
    if runs < 2:
        return row | {"mean": curve.errors.mean() if runs else np.nan}
    return row | _limits("mean", bootstrap_interval(curve.errors, resampling=study.resampling))


def _gap(gap: Gap | None) -> dict:
    return {} if gap is None else _limits("superiority", gap.superiority) | _limits("superiority_change", gap.change)


def _agreement(study: Study, settings: Settings, label: str, name: str) -> dict:
    """Of one space's networks in a setting with the same in the first."""
    pair = [settings.names[0], name]
    errors = settings.errors(label)[pair].dropna()
    row = {"n_paired": len(errors)}
    if len(errors) < FEWEST:
        return row
    found = agreement(*errors.to_numpy().T, resampling=study.resampling)
    for kind in ("spearman", "kendall", "overlap"):
        row |= _limits(kind, getattr(found, kind))
    return row | _changes(settings.changes(label, pair, study))


def _changes(found: Interaction | None) -> dict:
    if found is None:
        return {}
    row = {"n_paired": found.n, "n_repeated": found.n_repeated}
    return row | _limits("changed", found.changed) | _limits("noise", found.noise) | _limits("net", found.net)
