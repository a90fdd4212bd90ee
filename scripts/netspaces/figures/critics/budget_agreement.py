"""Do longer trainings put networks into the same order, and whose doing are the differences?"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import NO_RUNS, say
from netspaces.figures.style import GREY, Look, grid, house_style, looks, pretty, title
from netspaces.statistics.components import COMPONENTS, components
from netspaces.statistics.ranks import FEWEST, TOP, Agreement
from netspaces.statistics.samples import log_errors
from netspaces.studies.pairing import Budgets, agreement_of, by_space
from netspaces.studies.study import Row, Study

KINDS = {
    "agreement": "agreement of two training budgets, with its interval; x the pair of budgets",
    "corrected": "the same without seed noise; what is above 1 is drawn at 1, as a triangle",
    "share": "share of the variance of log2 error: x the share, y the place of its component; `lower`, `upper` in x",
}
COLUMNS = {
    "epochs": "epochs of the first budget",
    "other_epochs": "epochs of the second budget",
    "component": "component of the variance",
    "sd": "standard deviation of the component, in doublings",
    "seeds": "seeds with which each network was trained",
} | shared("n", "level", "resamples")
MEASURES = {
    "spearman": ("Order of all networks", "Spearman's rank correlation"),
    "kendall": ("Order of pairs", "Kendall's τ"),
    "overlap": ("The best quarter", "overlap of the best quarters"),
}
STEP = 0.17  # between series that lie at one place
NAMES = dict(
    zip(COMPONENTS, ("architecture", "architecture\n× budget", "seed", "seed\n× budget", "budget"), strict=True)
)
WANTS: dict = {"budgets": {"trained": True, "budgets": True}}


@house_style()
def draw(study: Study) -> Drawing:
    """Three panels of rank agreement by pairs of budgets, one of variance components."""
    curves = study.panel("budgets")
    spaces = by_space(curves)
    agreements = {
        (space.label, pair): agreement
        for space in spaces
        for pair in combinations(space.epochs, 2)
        if (agreement := agreement_of(space, *pair, study.resampling)) is not None
    }
    figure, axes = grid(2, 2, width=3.6, key_rows=4)
    *measures, last = axes.flat
    frames = [_measure(ax, study, m, spaces, agreements) for ax, m in zip(measures, MEASURES, strict=True)]
    frames.append(_components(last, study, spaces))
    headings = [heading for heading, _ in MEASURES.values()] + ["Whose doing differences are"]
    for ax, letter, heading in zip(axes.flat, "abcd", headings, strict=True):
        title(ax, letter, heading)
    footnote(figure, runs_note(curves), _note(study), error_note(curves))
    return finish(figure, study, frames)


def _measure(
    ax: Axes, study: Study, measure: str, spaces: Sequence[Budgets], agreements: Mapping[tuple, Agreement]
) -> pd.DataFrame:
    """One measure of agreement for each pair of budgets, with intervals; Spearman's corrected for seeds too."""
    pairs = list(combinations(sorted({epochs for space in spaces for epochs in space.epochs}), 2))
    ax.set_xlim(-0.6, len(pairs) - 0.4)
    ax.xaxis.set_major_locator(FixedLocator(range(len(pairs))))
    ax.set_xticklabels([f"{one}–{other}" for one, other in pairs], fontsize=7)
    ax.set(xlabel="epochs", ylabel=MEASURES[measure][1])
    ax.axhline(TOP if measure == "overlap" else 0, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    rows = _rows(measure, agreements, pairs)
    if not rows:
        say(ax, NO_RUNS if not any(len(space.errors) for space in spaces) else f"fewer than {FEWEST} networks")
        return pd.DataFrame([{"panel": measure, "series": space.label, "kind": "agreement"} for space in spaces])
    frame, key = pd.DataFrame(rows), Key()
    series = list(dict.fromkeys(zip(frame["kind"], frame["series"], strict=True)))
    for i, (kind, label) in enumerate(series):
        chosen = (frame["kind"] == kind) & (frame["series"] == label)
        frame.loc[chosen, "x"] += STEP * (i - (len(series) - 1) / 2)
        _draw_points(ax, key, frame[chosen], _look(study, label), pretty(label))
    _limits(ax, frame)
    key.draw(ax)
    frame.insert(0, "panel", measure)
    return frame


def _rows(measure: str, agreements: Mapping[tuple, Agreement], pairs: Sequence[tuple[int, int]]) -> list[dict]:
    """A row per space and pair of budgets, and a second one where the measure is corrected for seeds."""
    rows = []
    for (label, pair), agreement in agreements.items():
        intervals = {"agreement": (getattr(agreement, measure), agreement.n)}
        if measure == "spearman" and agreement.corrected is not None:
            intervals["corrected"] = agreement.corrected, agreement.n_repeated
        for kind, (interval, n) in intervals.items():
            row: Row = {"series": label, "kind": kind, "x": float(pairs.index(pair)), "y": interval.estimate}
            row |= {"lower": interval.low, "upper": interval.high, "epochs": pair[0], "other_epochs": pair[1]}
            rows.append(row | {"n": n, "level": interval.level, "resamples": agreement.resamples})
    return rows


def _look(study: Study, label: str) -> Look:
    """Colour and marker of a space, the same in all panels."""
    styles = looks(study)
    marker = "os^D"[list(styles).index(label) % 4]
    return {"color": styles[label]["color"], "marker": marker, "markersize": 4.5, "linestyle": "none"}


def _draw_points(ax: Axes, key: Key, rows: pd.DataFrame, look: Look, space: str) -> None:
    """Points with intervals, hollow where corrected; an interval without limits reaches over the whole panel."""
    corrected = rows["kind"].iloc[0] == "corrected"
    look = look | {"markerfacecolor": "white" if corrected else look["color"]}
    low, high = rows["lower"].fillna(-2), rows["upper"].fillna(2).clip(upper=1)
    ax.vlines(
        rows["x"], low.clip(upper=1), high, color=look["color"], linewidth=1.3, linestyle=":" if corrected else "-"
    )
    within = rows["y"] <= 1
    ax.plot(rows["x"][within], rows["y"][within], **look)
    ax.plot(rows["x"][~within], np.ones((~within).sum()), **look | {"marker": "^"})
    key.add(line(**look), space + (", without seed noise" if corrected else ""))


def _limits(ax: Axes, frame: pd.DataFrame) -> None:
    """An axis from 0, or the lowest limit below it, to 1, which no agreement passes."""
    ax.set_ylim(max(-1.05, min(frame[["y", "lower"]].min(axis=None), 0) - 0.05), 1.05)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[2, 5, 10]))


def _components(ax: Axes, study: Study, spaces: Sequence[Budgets]) -> pd.DataFrame:
    """Shares of the variance of log errors, for the spaces that were trained with several seeds at each budget."""
    ax.set(xlim=(-0.02, 1.02), ylim=(len(COMPONENTS) - 0.5, -0.5), xlabel="share of the variance of log error")
    ax.yaxis.set_major_locator(FixedLocator(range(len(COMPONENTS))))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticklabels(NAMES.values())
    frames = [_shares(study, space) for space in spaces if min(space.crossed.shape) >= 2]
    if not frames:
        say(ax, "no networks with two seeds\nat each budget yet")
        return pd.DataFrame([{"panel": "components", "kind": "share"}])
    key = Key()
    for i, shares in enumerate(frames):
        shares["y"] += STEP * (i - (len(frames) - 1) / 2)
        first, look = shares.iloc[0], _look(study, shares["series"].iloc[0])
        ax.hlines(shares["y"], shares["lower"], shares["upper"], color=look["color"], linewidth=1.6)
        ax.plot(shares["x"], shares["y"], **look)
        key.add(line(**look), f"{pretty(first['series'])}: {first['n']} networks × {first['seeds']} seeds")
    key.draw(ax)
    frame = pd.concat(frames, ignore_index=True)
    frame.insert(0, "panel", "components")
    return frame


def _shares(study: Study, space: Budgets) -> pd.DataFrame:
    """A row per component of the variance of one space."""
    variance = components(log_errors(space.crossed), study.resampling)
    rows = []
    for i, (name, share) in enumerate(variance.shares.items()):
        row: Row = {"series": space.label, "kind": "share", "x": share.estimate, "y": float(i), "component": name}
        row |= {"lower": share.low, "upper": share.high, "sd": variance.variances[name].estimate ** 0.5}
        row |= {"n": variance.n, "seeds": variance.seeds, "level": share.level, "resamples": study.resamples}
        rows.append(row)
    return pd.DataFrame(rows)


def _note(study: Study) -> str:
    return (
        f"lines: {100 * study.level:g} % percentile intervals of {study.resamples:,} resamples of the networks (seed "
        f"{study.seed}); without seed noise: corrected for attenuation, from networks trained with several seeds, "
        "triangles: more than 1; dotted: no agreement; components: analysis of variance, budgets fixed, networks and "
        "seeds random"
    )
