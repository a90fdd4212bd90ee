"""How should a fixed number of epochs be split between networks and epochs per network, to order two spaces right?"""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from netspaces.figures.panels.primitives import log2_axis, panel_curves, say
from netspaces.figures.style import (
    BLACK,
    COLOURS,
    DASHES,
    EDF_ALPHA,
    GREY,
    RED,
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
from netspaces.statistics.comparisons import compare
from netspaces.statistics.epochs import INNER, MOST, OUTER, RISK, Budgets, Split, by_space, detectable, flips, split
from netspaces.studies.study import Drawing, Study

TOO_FEW = "fewer than two networks\nat all budgets"


@house_style()
def draw(study: Study) -> Drawing:
    """The risk of a wrong order over the total of epochs, a line per budget; and the difference that is looked for."""
    curves = panel_curves(study, "budgets")
    spaces = by_space(curves)[:2]
    figure, (axes,) = grid(2, width=3.9, height=2.8, key_rows=7)
    enough = len(spaces) == 2 and min(len(space.complete) for space in spaces) >= 2
    frames = [draw_panel(ax, study, spaces, enough) for ax, draw_panel in zip(axes, (_risk, _differences), strict=True)]
    title(axes[0], "a", "Risk of a wrong order")
    title(axes[1], "b", "The order over budgets")
    footnote(figure, runs_note(curves), _note(study), error_note(curves))
    return finish(figure, study, frames)


def _risk(ax: Axes, study: Study, spaces: Sequence[Budgets], enough: bool) -> pd.DataFrame:
    ax.set(ylabel="risk of a wrong order", ylim=(0, 1.02), xlabel="epochs in total, of both spaces")
    if not enough:
        say(ax, TOO_FEW)
        return pd.DataFrame([{"panel": "risk", "series": "epochs", "kind": "risk"}])
    a, b = spaces
    found = split(a.complete, b.complete, a.epochs, study.resampling)
    log2_axis(ax.xaxis, found.curve["total"].min() / 1.2, found.curve["total"].max() * 1.2)
    handles, labels, frames = [], [], []
    for i, (epochs, line) in enumerate(found.curve.groupby("epochs")):
        look = {"color": COLOURS[i % len(COLOURS)], "linestyle": DASHES[i % len(DASHES)]}
        ax.fill_between(line["total"], line["low"], line["high"], color=look["color"], alpha=EDF_ALPHA, linewidth=0)
        ax.plot(line["total"], line["risk"], **look)
        handles.append(Line2D([], [], **look)), labels.append(f"{epochs} epochs per network")
        frames.append(_rows(line, f"{epochs} epochs", "risk"))
    ax.axhline(RISK, color=GREY, linewidth=1.0, linestyle=":")
    handles.append(Line2D([], [], color=GREY, linewidth=1.0, linestyle=":")), labels.append(f"risk {100 * RISK:g} %")
    for name, row, colour, marker in _recommendations(found):
        look = {"color": colour, "marker": marker, "markersize": 8, "linestyle": "none", "markeredgecolor": "white"}
        if row is not None:
            ax.plot(row["total"], row["risk"], zorder=5, **look)
            frames.append(_rows(row.to_frame().T, f"{row['epochs']:.0f} epochs", name))
        handles.append(Line2D([], [], **look)), labels.append(_sentence(name, row))
    key(ax, handles, labels)
    return pd.concat(frames, ignore_index=True).assign(
        panel="risk", level=study.level, resamples=study.resamples, reversed=found.reversed
    )


def _recommendations(found: Split) -> list[tuple]:
    return [("recommended", found.recommended, RED, "*"), ("safe", found.safe, BLACK, "P")]


def _sentence(name: str, row: pd.Series | None) -> str:
    words = "cheapest" if name == "recommended" else "interval below it"
    if row is None:
        return f"{words}: none at these budgets"
    risk = f"{100 * row['risk']:.1f} % [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
    return f"{words}: {row['networks']:.0f} × {row['epochs']:.0f} epochs per space, {risk}"


def _rows(line: pd.DataFrame, series: str, kind: str) -> pd.DataFrame:
    columns = {"x": line["total"], "y": line["risk"], "lower": line["low"], "upper": line["high"]}
    return pd.DataFrame({"series": series, "kind": kind, **columns, "epochs": line["epochs"], "n": line["networks"]})


def _differences(ax: Axes, study: Study, spaces: Sequence[Budgets], enough: bool) -> pd.DataFrame:
    name = " − ".join(pretty(space.label) for space in spaces)
    ax.set(xlabel="epochs", ylabel="mean error, difference (%)")
    if not enough:
        say(ax, TOO_FEW)
        return pd.DataFrame([{"panel": "order", "series": name, "kind": "difference"}])
    a, b = (space.complete for space in spaces)
    epochs = spaces[0].epochs
    columns = {f"{k}{side}": errors[:, k] for k in range(len(epochs)) for side, errors in (("a", a), ("b", b))}
    found = compare(columns, [(f"{k}a", f"{k}b") for k in range(len(epochs))], study.resampling)
    frame = pd.DataFrame({"x": epochs, "y": found["difference"], "lower": found["low"], "upper": found["high"]})
    flipped = flips(a, b, study.resampling)
    frame = frame.assign(
        panel="order", series=" − ".join(space.label for space in spaces), kind="difference", epochs=epochs,
        flip=[i.estimate for i in flipped], flip_low=[i.low for i in flipped], flip_high=[i.high for i in flipped],
        detectable=[detectable(a[:, k], b[:, k], study.level) for k in range(len(epochs))],
        n_a=len(a), n_b=len(b), level=study.level, resamples=study.resamples,
    )  # fmt: skip
    log2_axis(ax.xaxis, min(epochs) / 1.4, max(epochs) * 1.4, epochs)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.axhline(0, color=GREY, linewidth=1.0, zorder=1)
    look = {"color": COLOURS[0], "marker": "o", "markersize": 4.5}
    ax.vlines(frame["x"], frame["lower"], frame["upper"], color=look["color"], linewidth=1.6)
    ax.plot(frame["x"], frame["y"], **look)
    power = {"color": GREY, "marker": "_", "markersize": 9, "linestyle": "none"}
    ax.plot(frame["x"], frame["detectable"], frame["x"], -frame["detectable"], **power)
    handles, labels = [Line2D([], [], **look), Line2D([], [], **power)], [name, "found with a power of 80 % at this n"]
    for row in frame.iloc[:-1].itertuples():
        handles.append(Line2D([], [], linestyle="none"))
        chance = f"{100 * row.flip:.0f} % [{100 * row.flip_low:.0f}, {100 * row.flip_high:.0f}]"
        labels.append(f"order flips from {row.epochs} to {epochs[-1]}: {chance}")
    key(ax, handles, labels)
    return frame


def _note(study: Study) -> str:
    level = f"{100 * study.level:g} %"
    return (
        f"wrong: other than the order of means at the largest budget; risk: of {study.resamples:,} draws of "
        f"networks of the trained populations (seed {study.seed}), up to {MOST:,} per space; bands, and intervals "
        f"of risks and flips: {level}, {OUTER} times new populations, {INNER} draws from each; "
        f"differences: {level} BCa intervals"
    )
