"""The same networks in several settings: does the order of design spaces hold, and that of the networks in each?

A study's panels are the settings, all with the same design spaces, the worst first; the first panel is what the others
are compared with. Panels whose names begin with `seed` hold repetitions of it, which tell how much a seed changes.
"""

from collections.abc import Iterable
from itertools import combinations
from string import ascii_lowercase
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from scipy.stats import rankdata

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, band, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import NO_RUNS, TOO_FEW_RUNS, say
from netspaces.figures.style import BAND_ALPHA, COLOURS, GREY, Look, grid, house_style, pretty, title, words
from netspaces.statistics.interaction import Interaction
from netspaces.statistics.intervals import Interval
from netspaces.statistics.ranks import FEWEST, agreement
from netspaces.studies.pairing import Settings
from netspaces.studies.study import Row, Study
from netspaces.studies.wording import interval_text

KINDS = {
    "superiority": "probability that a network of one space beats one of another (`series`), with its interval; x the "
    "place of the setting",
    "order": "share of resamples in which mean errors stand in the order of the spaces, the worst first: y",
    "rank": "a network's rank within its space (%), in the first setting and in another",
    "spearman": "rank correlation of the two, with its interval",
    "changed": "1 - rank correlation with the first setting, with its interval",
    "noise": "the same between two seeds of the first setting",
    "net": "the difference of the two",
    "none": "a panel without runs",
}
COLUMNS = {
    "setting": "name of the setting",
    "first_worst": "share of resamples in which the first space is worse than all others",
    "index": "number of the network in its population",
} | shared("n", "level", "resamples")
MARKERS = ("o", "s", "^", "D", "v", "P")
POINT: Look = {"linestyle": "none", "markersize": 5}
WIDTH = 4.0  # inches of a panel: keys hold intervals
WANTS: dict = {"*": {"settings": True}}


@house_style()
def draw(study: Study) -> Drawing:
    """Order of spaces over settings; ranks in each setting against the first; what settings and seeds change."""
    settings = Settings.of(study)
    others = settings.names[1:]
    columns = 2 if len(others) % 2 == 0 else len(others) + 2
    figure, axes = grid(columns, -(-(len(others) + 2) // columns), width=WIDTH, key_rows=4 + len(others))
    first, *middle, last = list(axes.flat)[: len(others) + 2]
    frames = [_order_panel(first, study, settings)]
    title(first, "a", "Order of design spaces")
    for ax, letter, name in zip(middle, ascii_lowercase[1:], others, strict=False):
        frames.append(_ranks_panel(ax, study, settings, name))
        title(ax, letter, f"Order of networks, {words(name)}")
    frames.append(_changes_panel(last, study, settings))
    title(last, ascii_lowercase[len(others) + 1], "What a setting changes, and what a seed")
    whole = {label: int(settings.errors(label).notna().all(axis=1).sum()) for label in settings.labels}
    complete = ", ".join(f"{n} ({pretty(label)})" for label, n in whole.items())
    footnote(
        figure,
        runs_note(study.curves),
        f"a rests on networks with runs in all settings, {complete}, ranks on those with runs in both settings",
        f"intervals: {100 * study.level:g} %, percentile bootstrap over networks, {study.resamples:,} resamples, "
        f"seed {study.seed}; P(order): share of resamples in which mean errors stand in the order of the keys, worst "
        "first",
        error_note(study.curves),
    )
    return finish(figure, study, frames)


def _whiskers(ax: Axes, x: float, interval: Interval, **look: Any) -> None:
    """A point with its interval, or without where there is none."""
    if np.isfinite(interval.low) and np.isfinite(interval.high):
        ax.plot([x, x], [interval.low, interval.high], color=look["color"], linewidth=1.1)
    ax.plot([x], [interval.estimate], linestyle="none", markersize=5, **look)


def _row(series: str, kind: str, x: float, interval: Interval, **more: object) -> Row:
    limits = {"y": interval.estimate, "lower": interval.low, "upper": interval.high, "level": interval.level}
    return {"series": series, "kind": kind, "x": x} | limits | more


def _offsets(k: int) -> np.ndarray:
    return (np.arange(k) - (k - 1) / 2) * min(0.16, 0.6 / max(k, 1))


def _order_panel(ax: Axes, study: Study, settings: Settings) -> pd.DataFrame:
    """For each pair of spaces, the probability that a network of the second beats one of the first, by setting."""
    orders = {name: settings.order(name, study) for name in settings.names}
    pairs, rows, key = list(combinations(settings.labels, 2)), [], Key()
    for i, ((a, b), shift) in enumerate(zip(pairs, _offsets(len(pairs)), strict=True)):
        look: Look = {"color": COLOURS[(i + 3) % len(COLOURS)], "marker": MARKERS[(i + 3) % len(MARKERS)]}
        key.add(line(**look, **POINT), f"{pretty(b)} beats {pretty(a)}")
        for x, (name, gap) in enumerate(settings.gaps(a, b, study).items()):
            _whiskers(ax, x + shift, gap.superiority, **look)
            rows.append(_row(f"{b} over {a}", "superiority", x, gap.superiority, setting=name, n=min(gap.n_a, gap.n_b)))
    for x, (name, order) in enumerate(orders.items()):
        if order is not None:
            shares = {"y": order.holds, "first_worst": order.first_worst, "resamples": order.resamples}
            rows.append({"series": "order", "kind": "order", "x": x, "setting": name, "n": min(order.n)} | shares)
    ax.axhline(0.5, color=GREY, linewidth=0.8, zorder=1)
    ticks = [f"{words(n)}\nP(order) = {o.holds:.2f}" if o else words(n) for n, o in orders.items()]
    _setting_axis(ax, ticks)
    ax.set(ylim=(-0.02, 1.02), ylabel="P(one beats the other)")
    if not rows:
        say(ax, NO_RUNS)
    key.draw(ax)
    return _table(rows, "order")


def _setting_axis(ax: Axes, ticks: list[str]) -> None:
    ax.set_xlim(-0.5, len(ticks) - 0.5)
    ax.xaxis.set_major_locator(FixedLocator(range(len(ticks))))
    ax.set_xticklabels(ticks)


def _table(rows: list[dict], panel: str) -> pd.DataFrame:
    """The rows of a panel as a table; a row that says so if it has none."""
    frame = pd.DataFrame(rows or [{"series": "", "kind": "none"}])
    frame.insert(0, "panel", panel)
    return frame


def _ranks_panel(ax: Axes, study: Study, settings: Settings, name: str) -> pd.DataFrame:
    """Rank of each network among those of its space, in a setting against the first, with rank correlations."""
    key, frames = Key(), []
    for i, label in enumerate(settings.labels):
        look: Look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        errors = settings.errors(label)[[settings.names[0], name]].dropna()
        handle = line(**look, **POINT)
        if errors.empty:
            key.add(handle, f"{pretty(label)}, {NO_RUNS}")
            continue
        frames.append(_draw_ranks(ax, errors, label, look))
        if len(errors) < FEWEST:
            key.add(handle, f"{pretty(label)}, {TOO_FEW_RUNS}")
            continue
        first, other = errors.to_numpy().T
        ranks = agreement(first, other, resampling=study.resampling)
        key.add(handle, f"{pretty(label)}: rank correlation {interval_text(ranks.spearman)}")
        row = _row(label, "spearman", np.nan, ranks.spearman, n=ranks.n, resamples=ranks.resamples)
        frames.append(pd.DataFrame([row]))
    if frames:
        ax.plot([0, 100], [0, 100], color=GREY, linewidth=0.8, zorder=1)
    else:
        say(ax, NO_RUNS)
        frames = [pd.DataFrame([{"series": "", "kind": "none"}])]
    ax.set(xlim=(-2, 102), ylim=(-2, 102), xlabel=f"rank, {words(settings.names[0])} (%)")
    ax.set_ylabel(f"rank, {words(name)} (%)")
    key.draw(ax)
    frame = pd.concat(frames, ignore_index=True).assign(setting=name)
    frame.insert(0, "panel", f"ranks_{name}")
    return frame


def _draw_ranks(ax: Axes, errors: pd.DataFrame, label: str, look: Look) -> pd.DataFrame:
    """The ranks of the networks of one space, from errors (n, 2) in two settings."""
    x, y = (100 * (rankdata(errors[column]) - 0.5) / len(errors) for column in errors)
    size = 4 if len(errors) <= 100 else 2.5
    ax.plot(x, y, linestyle="none", markersize=size, markeredgewidth=0, alpha=0.6, **look)
    return pd.DataFrame({"series": label, "kind": "rank", "x": x, "y": y, "index": errors.index})


def _changes_panel(ax: Axes, study: Study, settings: Settings) -> pd.DataFrame:
    """1 - rank correlation with the first setting, by space, beside that of two seeds of the first setting.

    What another seed changes is a band over the panel; where several spaces have such seeds, it has a place of its own.
    """
    base, *others = settings.names
    changes = {
        label: {name: settings.changes(label, [base, name], study) for name in others} for label in settings.labels
    }
    noises = {label: _noise(of.values()) for label, of in changes.items()}
    several = sum(noise is not None for noise in noises.values()) > 1
    key, rows = Key(), []
    for i, (label, shift) in enumerate(zip(settings.labels, _offsets(len(settings.labels)), strict=True)):
        look: Look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        key.add(line(**look, **POINT), pretty(label))
        if (noise := noises[label]) is not None:
            said = f"another seed, {pretty(label)}: {interval_text(noise)}"
            if several:
                _whiskers(ax, len(others) + shift, noise, **look)
            else:
                _draw_noise(ax, noise, look["color"])
            key.add(None if several else band(look["color"], edgecolor=look["color"]), said)
        for x, (name, change) in enumerate(changes[label].items()):
            if change is None:
                continue
            _whiskers(ax, x + shift, change.changed, **look)
            rows += _change_rows(label, name, x, change)
            if change.net is not None:
                key.add(None, f"{words(name)}, without seed noise: {interval_text(change.net)}")
    _setting_axis(ax, [words(name) for name in others] + ["another seed"] * several)
    ax.set_ylabel("1 − rank correlation")
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), max(1.0, ax.get_ylim()[1]))
    if not rows:
        say(ax, NO_RUNS)
    key.draw(ax)
    return _table(rows, "changes")


def _noise(changes: Iterable[Interaction | None]) -> Interval | None:
    """What another seed changes in one space; None without repetitions."""
    return next((change.noise for change in changes if change is not None and change.noise is not None), None)


def _draw_noise(ax: Axes, noise: Interval, colour: str) -> None:
    """What another seed changes, as a line with a band over the whole panel."""
    ax.axhspan(noise.low, noise.high, color=colour, alpha=BAND_ALPHA, linewidth=0, zorder=0)
    ax.axhline(noise.estimate, color=colour, linewidth=1.0, zorder=1)


def _change_rows(label: str, name: str, x: float, change: Interaction) -> list[dict]:
    """What a setting changes in the ranks of a space, what another seed does, and the difference."""
    rows = [_row(label, "changed", x, change.changed, setting=name, n=change.n)]
    parts = {"noise": change.noise, "net": change.net}
    rows += [_row(label, k, x, v, setting=name, n=change.n_repeated) for k, v in parts.items() if v is not None]
    return rows
