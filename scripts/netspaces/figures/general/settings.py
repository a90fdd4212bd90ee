"""The same networks in several settings: does the order of design spaces hold, and that of the networks in each?

A study's panels are the settings, all with the same design spaces, the worst first; the first panel is what the others
are compared with. Panels whose names begin with `seed` hold repetitions of it, which tell how much a seed changes.
"""

from itertools import combinations
from string import ascii_lowercase

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator
from scipy.stats import rankdata

from netspaces.figures.panels.primitives import NO_RUNS, say
from netspaces.figures.style import (
    BAND_ALPHA,
    COLOURS,
    GREY,
    error_note,
    finish,
    footnote,
    grid,
    house_style,
    key,
    pretty,
    runs_note,
    title,
)
from netspaces.statistics.interaction import Interaction, Settings
from netspaces.statistics.intervals import Interval
from netspaces.statistics.ranks import FEWEST, agreement
from netspaces.studies.study import Drawing, Study

MARKERS = ("o", "s", "^", "D", "v", "P")
WIDTH = 4.0  # inches of a panel: keys hold intervals


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
        title(ax, letter, f"Order of networks, {_words(name)}")
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


def _words(name: str) -> str:
    return name.replace("_", " ")


def _whiskers(ax: Axes, x: float, interval: Interval, **look) -> None:
    """A point with its interval, or without where there is none."""
    if np.isfinite(interval.low) and np.isfinite(interval.high):
        ax.plot([x, x], [interval.low, interval.high], color=look["color"], linewidth=1.1)
    ax.plot([x], [interval.estimate], linestyle="none", markersize=5, **look)


def _row(series: str, kind: str, x: float, interval: Interval, **more) -> dict:
    limits = {"y": interval.estimate, "lower": interval.low, "upper": interval.high, "level": interval.level}
    return {"series": series, "kind": kind, "x": x} | limits | more


def _offsets(k: int) -> np.ndarray:
    return (np.arange(k) - (k - 1) / 2) * min(0.16, 0.6 / max(k, 1))


def _order_panel(ax: Axes, study: Study, settings: Settings) -> pd.DataFrame:
    """Of each pair of spaces, the probability that a network of the second beats one of the first, by setting."""
    orders = {name: settings.order(name, study) for name in settings.names}
    pairs, rows, handles, labels = list(combinations(settings.labels, 2)), [], [], []
    for i, ((a, b), shift) in enumerate(zip(pairs, _offsets(len(pairs)), strict=True)):
        look = {"color": COLOURS[(i + 3) % len(COLOURS)], "marker": MARKERS[(i + 3) % len(MARKERS)]}
        handles.append(Line2D([], [], linestyle="none", markersize=5, **look))
        labels.append(f"{pretty(b)} beats {pretty(a)}")
        for x, (name, gap) in enumerate(settings.gaps(a, b, study).items()):
            _whiskers(ax, x + shift, gap.superiority, **look)
            rows.append(_row(f"{b} over {a}", "superiority", x, gap.superiority, setting=name, n=min(gap.n_a, gap.n_b)))
    for x, (name, order) in enumerate(orders.items()):
        if order is not None:
            shares = {"y": order.holds, "first_worst": order.first_worst, "resamples": order.resamples}
            rows.append({"series": "order", "kind": "order", "x": x, "setting": name, "n": min(order.n)} | shares)
    ax.axhline(0.5, color=GREY, linewidth=0.8, zorder=1)
    ticks = [f"{_words(n)}\nP(order) = {o.holds:.2f}" if o else _words(n) for n, o in orders.items()]
    _setting_axis(ax, ticks)
    ax.set(ylim=(-0.02, 1.02), ylabel="P(a network beats one of the other)")
    if not rows:
        say(ax, NO_RUNS)
    key(ax, handles, labels)
    return _framed(rows, "order")


def _setting_axis(ax: Axes, ticks: list[str]) -> None:
    ax.set_xlim(-0.5, len(ticks) - 0.5)
    ax.xaxis.set_major_locator(FixedLocator(range(len(ticks))))
    ax.set_xticklabels(ticks)


def _framed(rows: list[dict], panel: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows or [{"series": "", "kind": "none"}])
    frame.insert(0, "panel", panel)
    return frame


def _ranks_panel(ax: Axes, study: Study, settings: Settings, name: str) -> pd.DataFrame:
    """Rank of each network among those of its space, in a setting against the first, with rank correlations."""
    frames, handles, labels = [], [], []
    for i, label in enumerate(settings.labels):
        look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "linestyle": "none"}
        handles.append(Line2D([], [], markersize=5, **look))
        errors = settings.errors(label)[[settings.names[0], name]].dropna()
        if errors.empty:
            labels.append(f"{pretty(label)}, {NO_RUNS}")
            continue
        x, y = (100 * (rankdata(errors[column]) - 0.5) / len(errors) for column in errors)
        size = 4 if len(errors) <= 100 else 2.5
        ax.plot(x, y, markersize=size, markeredgewidth=0, alpha=0.6, **look)
        frames.append(pd.DataFrame({"series": label, "kind": "rank", "x": x, "y": y, "index": errors.index}))
        labels.append(f"{pretty(label)}, too few runs")
        if len(errors) >= FEWEST:
            found = agreement(*errors.to_numpy().T, resampling=study.resampling)
            labels[-1] = f"{pretty(label)}: rank correlation {_shown(found.spearman)}"
            row = _row(label, "spearman", np.nan, found.spearman, n=found.n, resamples=found.resamples)
            frames.append(pd.DataFrame([row]))
    if frames:
        ax.plot([0, 100], [0, 100], color=GREY, linewidth=0.8, zorder=1)
    else:
        say(ax, NO_RUNS)
        frames = [pd.DataFrame([{"series": "", "kind": "none"}])]
    ax.set(xlim=(-2, 102), ylim=(-2, 102), xlabel=f"rank, {_words(settings.names[0])} (%)")
    ax.set_ylabel(f"rank, {_words(name)} (%)")
    key(ax, handles, labels)
    frame = pd.concat(frames, ignore_index=True).assign(setting=name)
    frame.insert(0, "panel", f"ranks_{name}")
    return frame


def _changes_panel(ax: Axes, study: Study, settings: Settings) -> pd.DataFrame:
    """1 - rank correlation with the first setting, by space, beside that of two seeds of the first setting."""
    base, *others = settings.names
    rows, handles, labels, nets = [], [], [], []
    for i, (label, shift) in enumerate(zip(settings.labels, _offsets(len(settings.labels)), strict=True)):
        look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        handles.append(Line2D([], [], linestyle="none", markersize=5, **look))
        labels.append(pretty(label))
        noise = None
        for x, name in enumerate(others):
            found = settings.changes(label, [base, name], study)
            if found is None:
                continue
            _whiskers(ax, x + shift, found.changed, **look)
            rows += _change_rows(label, name, x, found)
            if found.net is not None:
                noise = found.noise
                nets.append(f"{_words(name)}, without seed noise: {_shown(found.net)}")
        if noise is not None:
            ax.axhspan(noise.low, noise.high, color=look["color"], alpha=BAND_ALPHA, linewidth=0, zorder=0)
            ax.axhline(noise.estimate, color=look["color"], linewidth=1.0, zorder=1)
            handles.append(Patch(facecolor=(look["color"], BAND_ALPHA), edgecolor=look["color"]))
            labels.append(f"another seed, {pretty(label)}: {_shown(noise)}")
    handles += [Line2D([], [], linestyle="none") for _ in nets]
    labels += nets
    _setting_axis(ax, [_words(name) for name in others])
    ax.set_ylabel("1 − rank correlation")
    ax.set_ylim(min(0.0, ax.get_ylim()[0]), max(1.0, ax.get_ylim()[1]))
    if not rows:
        say(ax, NO_RUNS)
    key(ax, handles, labels)
    return _framed(rows, "changes")


def _change_rows(label: str, name: str, x: float, found: Interaction) -> list[dict]:
    rows = [_row(label, "changed", x, found.changed, setting=name, n=found.n)]
    parts = {"noise": found.noise, "net": found.net}
    rows += [_row(label, k, x, v, setting=name, n=found.n_repeated) for k, v in parts.items() if v is not None]
    return rows


def _shown(interval: Interval) -> str:
    return f"{interval.estimate:.2f} [{interval.low:.2f}, {interval.high:.2f}]"
