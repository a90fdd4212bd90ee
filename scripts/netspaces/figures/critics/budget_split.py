"""How should a fixed number of epochs be split between networks and epochs per network, to order two spaces right?"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import log2_axis, say
from netspaces.figures.style import BLACK, COLOURS, DASHES, EDF_ALPHA, GREY, RED, Look, grid, house_style, pretty, title
from netspaces.statistics.comparisons import compare
from netspaces.statistics.equivalence import detectable
from netspaces.statistics.orders import INNER, MOST, OUTER, RISK, Split, flips, split
from netspaces.studies.pairing import Budgets, by_space
from netspaces.studies.study import Row, Study

KINDS = {
    "risk": "risk of a wrong order, with its interval: x epochs in total",
    "recommended": "the cheapest split with a small risk",
    "safe": "the cheapest split whose risk has a small upper limit",
    "difference": "mean error of the first space minus that of the second, with its interval: x epochs",
}
COLUMNS = {
    "epochs": "epochs per network",
    "n": "networks per space",
    "reversed": "share of redrawn populations with the other order at the largest budget",
    "flip": "probability that the order flips from here to the largest budget",
    "flip_low": "lower end of its interval",
    "flip_high": "upper end of its interval",
    "detectable": "difference that is found with a power of 80 %, percentage points",
    "n_a": "networks of the first space",
    "n_b": "networks of the second space",
} | shared("level", "resamples")
TOO_FEW = "fewer than two networks\nat all budgets"
WANTS: dict = {"budgets": {"trained": True, "budgets": True, "spaces": 2}}


@house_style()
def draw(study: Study) -> Drawing:
    """The risk of a wrong order over the total of epochs, a line per budget; and the difference that is looked for."""
    curves = study.panel("budgets")
    spaces = by_space(curves)[:2]
    figure, (axes,) = grid(2, width=3.9, height=2.8, key_rows=7)
    enough = len(spaces) == 2 and min(len(space.complete) for space in spaces) >= 2
    frames = [draw_panel(ax, study, spaces, enough) for ax, draw_panel in zip(axes, (_risk, _differences), strict=True)]
    title(axes[0], "a", "Risk of a wrong order")
    title(axes[1], "b", "The order over budgets")
    footnote(figure, runs_note(curves), _note(study), error_note(curves))
    return finish(figure, study, frames)


def _risk(ax: Axes, study: Study, spaces: Sequence[Budgets], enough: bool) -> pd.DataFrame:
    """The risk of a wrong order over the total of epochs, and the splits that are recommended."""
    ax.set(ylabel="risk of a wrong order", ylim=(0, 1.02), xlabel="epochs in total, of both spaces")
    if not enough:
        say(ax, TOO_FEW)
        return pd.DataFrame([{"panel": "risk", "series": "epochs", "kind": "risk"}])
    a, b = spaces
    splits = split(a.complete, b.complete, a.epochs, study.resampling)
    totals = splits.risks["total"]
    log2_axis(ax.xaxis, totals.min() / 1.2, totals.max() * 1.2)
    key, frames = Key(), []
    for i, (epochs, rows) in enumerate(splits.risks.groupby("epochs")):
        look: Look = {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[i % len(DASHES)]}
        ax.fill_between(rows["total"], rows["low"], rows["high"], color=look["color"], alpha=EDF_ALPHA, linewidth=0)
        ax.plot(rows["total"], rows["risk"], **look)
        key.add(line(**look), f"{epochs} epochs per network")
        frames.append(_rows(rows, f"{epochs} epochs", "risk"))
    ax.axhline(RISK, color=GREY, linewidth=1.0, linestyle=":")
    key.add(line(color=GREY, linewidth=1.0, linestyle=":"), f"risk {100 * RISK:g} %")
    frames += _draw_recommendations(ax, key, splits)
    key.draw(ax)
    return pd.concat(frames, ignore_index=True).assign(
        panel="risk", level=study.level, resamples=study.resamples, reversed=splits.reversed
    )


def _draw_recommendations(ax: Axes, key: Key, splits: Split) -> list[pd.DataFrame]:
    """The cheapest split whose risk is small, and the cheapest whose interval of the risk is."""
    frames = []
    for name, row, colour, marker in (("recommended", splits.recommended, RED, "*"), ("safe", splits.safe, BLACK, "P")):
        look: Look = {
            "color": colour,
            "marker": marker,
            "markersize": 8,
            "linestyle": "none",
            "markeredgecolor": "white",
        }
        if row is not None:
            ax.plot(row["total"], row["risk"], zorder=5, **look)
            frames.append(_rows(row.to_frame().T, f"{row['epochs']:.0f} epochs", name))
        key.add(line(**look), _sentence(name, row))
    return frames


def _sentence(name: str, row: pd.Series | None) -> str:
    words = "cheapest" if name == "recommended" else "interval below it"
    if row is None:
        return f"{words}: none at these budgets"
    risk = f"{100 * row['risk']:.1f} % [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
    return f"{words}: {row['networks']:.0f} × {row['epochs']:.0f} epochs per space, {risk}"


def _rows(splits: pd.DataFrame, series: str, kind: str) -> pd.DataFrame:
    """Splits of a total of epochs, with their risks, as rows of the figure's table."""
    columns: Row = {"x": splits["total"], "y": splits["risk"], "lower": splits["low"], "upper": splits["high"]}
    return pd.DataFrame(
        {"series": series, "kind": kind, **columns, "epochs": splits["epochs"], "n": splits["networks"]}
    )


def _differences(ax: Axes, study: Study, spaces: Sequence[Budgets], enough: bool) -> pd.DataFrame:
    """The difference of mean errors at each budget, and what could have been found."""
    name = " − ".join(pretty(space.label) for space in spaces)
    ax.set(xlabel="epochs", ylabel="mean error, difference (%)")
    if not enough:
        say(ax, TOO_FEW)
        return pd.DataFrame([{"panel": "order", "series": name, "kind": "difference"}])
    epochs = spaces[0].epochs
    frame = _compared(study, spaces)
    log2_axis(ax.xaxis, min(epochs) / 1.4, max(epochs) * 1.4, epochs)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.axhline(0, color=GREY, linewidth=1.0, zorder=1)
    look: Look = {"color": COLOURS[0], "marker": "o", "markersize": 4.5}
    ax.vlines(frame["x"], frame["lower"], frame["upper"], color=look["color"], linewidth=1.6)
    ax.plot(frame["x"], frame["y"], **look)
    power: Look = {"color": GREY, "marker": "_", "markersize": 9, "linestyle": "none"}
    ax.plot(frame["x"], frame["detectable"], frame["x"], -frame["detectable"], **power)
    key = Key()
    key.add(line(**look), name)
    key.add(line(**power), "found with a power of 80 % at this n")
    for row in frame.iloc[:-1].itertuples():
        chance = f"{100 * row.flip:.0f} % [{100 * row.flip_low:.0f}, {100 * row.flip_high:.0f}]"
        key.add(None, f"order flips from {row.epochs} to {epochs[-1]}: {chance}")
    key.draw(ax)
    return frame


def _compared(study: Study, spaces: Sequence[Budgets]) -> pd.DataFrame:
    """A row per budget: the difference of mean errors, the chance that the order flips, and what is detectable."""
    a, b = (space.complete for space in spaces)
    epochs = spaces[0].epochs
    errors = {f"{k}{side}": of_space[:, k] for k in range(len(epochs)) for side, of_space in (("a", a), ("b", b))}
    compared = compare(errors, [(f"{k}a", f"{k}b") for k in range(len(epochs))], study.resampling)
    flip = flips(a, b, study.resampling)
    return pd.DataFrame(
        {
            "x": epochs,
            "y": compared["difference"],
            "lower": compared["low"],
            "upper": compared["high"],
            "panel": "order",
            "series": " − ".join(space.label for space in spaces),
            "kind": "difference",
            "epochs": epochs,
            "flip": [interval.estimate for interval in flip],
            "flip_low": [interval.low for interval in flip],
            "flip_high": [interval.high for interval in flip],
            "detectable": [detectable(a[:, k], b[:, k], study.level) for k in range(len(epochs))],
            "n_a": len(a),
            "n_b": len(b),
            "level": study.level,
            "resamples": study.resamples,
        }
    )


def _note(study: Study) -> str:
    level = f"{100 * study.level:g} %"
    return (
        f"wrong: other than the order of means at the largest budget; risk: of {study.resamples:,} draws of "
        f"networks of the trained populations (seed {study.seed}), up to {MOST:,} per space; bands, and intervals "
        f"of risks and flips: {level}, {OUTER} times new populations, {INNER} draws from each; "
        f"differences: {level} intervals, the wider of Welch's and BCa"
    )
