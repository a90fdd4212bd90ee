"""Figure 8: the block widths of good networks grow linearly, and quantised linear functions fit them well."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import scatter, steps
from netspaces.figures.panels.axes import NO_RUNS, TOO_FEW_RUNS, error_limits, say
from netspaces.figures.panels.scatter import bootstrap_note, scatter_panel
from netspaces.figures.panels.steps import width_axis, width_steps
from netspaces.figures.style import BLACK, BLUE, RED, Look, grid, house_style, pretty, title
from netspaces.statistics.widths_fit import FitGrid, WidthsFit, fit_table, grid_for
from netspaces.studies.networks import best_networks, block_widths, describe
from netspaces.studies.study import Curve, Study
from netspaces.studies.wording import number

KINDS = steps.KINDS | scatter.KINDS
KINDS |= {
    "line": "point of the line through the best networks",
    "observed": "widths of a network, by block",
    "linear": "the line of its fit, by block",
    "quantised": "widths of its fit, by block",
}
COLUMNS = scatter.COLUMNS | shared("network", "error")
COLUMNS |= {
    "slope": "slope of the line through the best networks, channels per block",
    "w_0": "first width of the fit, channels",
    "w_a": "slope of the fit, channels per block",
    "w_m": "width ratio of stages of the fit",
    "e_fit": "mean squared log2 ratio of fitted to real block widths",
    "without_fit": "networks that have no quantised linear fit with their number of stages, and are not drawn",
}
BEST = 20  # networks whose widths the line is fitted to; half of the networks where there are fewer than twice as many
WANTS: dict = {"spaces": {"columns": ["stages", "depth_1", "width_1", "group_width_1", "bottleneck_1"]}}


@house_style()
def draw(study: Study) -> Drawing:
    """Upper row: the best networks' widths and two fits. Lower row: error against e_fit, a panel per space."""
    curves = study.panel("spaces")
    columns = max(3, len(curves))
    figure, (upper, lower) = grid(columns, 2, key_rows=3)
    space_grid, last = fit_grid(study), curves[-1]
    ranked = best_networks(last)
    frames = [linear_panel(upper[0], last, ranked)]
    title(upper[0], "a", "Best networks")
    for i, ax in enumerate(upper[1:3]):
        frames.append(fit_panel(ax, last, ranked.iloc[i : i + 1], space_grid, f"fit_{i + 1}"))
        title(ax, "bc"[i], _fit_title(ranked.iloc[i : i + 1], last, i))
    frames += _e_fit_panels(lower, study, space_grid)
    for ax in (*upper[3:], *lower[len(curves) :]):
        ax.set_axis_off()
    footnote(figure, runs_note(curves), *_notes(study, space_grid, frames), error_note(curves))
    return finish(figure, study, frames)


def fit_grid(study: Study) -> FitGrid:
    """The grid of fits for the widths of the study's design spaces."""
    curves = study.panels["spaces"]
    definitions = {curve.space: study.definitions.get(curve.space, {}) for curve in curves}
    return grid_for(definitions, [curve.table for curve in curves])


# ---- Upper row -------------------------------------------------------------------------------------------------------


def linear_panel(ax: Axes, curve: Curve, ranked: pd.DataFrame) -> pd.DataFrame:
    """Block widths of the best networks in grey and the line through them, w_j = c (j + 1), in black."""
    best = ranked.head(min(BEST, math.ceil(len(ranked) / 2)))
    if best.empty:
        say(ax, NO_RUNS)
        return pd.DataFrame([{"panel": "best", "series": curve.label}])
    frames, widths = [], [block_widths(row) for _, row in best.iterrows()]
    for of_network, index in zip(widths, best["index"], strict=True):
        frame = width_steps(ax, of_network, color="#8C8C8C", alpha=0.6, linewidth=0.9)
        frames.append(frame.assign(network=int(index)))
    slope = slope_of(widths)
    j = np.arange(max(map(len, widths)))
    ax.plot(j, slope * (j + 1), color=BLACK, linewidth=1.8)
    frames.append(pd.DataFrame({"kind": "line", "x": j, "y": slope * (j + 1), "slope": slope}))
    width_axis(ax, [*np.concatenate(widths), slope, slope * (j[-1] + 1)], len(j))
    key, count = Key(), f"{len(best)} " if len(best) > 1 else ""
    key.add(line(color="#8C8C8C", linewidth=0.9), f"{count}best of {pretty(curve.label)}")
    fit = f"fit: $w_j$ = {number(slope)} (j + 1)"
    key.add(line(color=BLACK, linewidth=1.8), fit, paper="paper: $w_j$ = 48 (j + 1)")
    key.draw(ax)
    return pd.concat(frames, ignore_index=True).assign(panel="best", series=curve.label)


def slope_of(widths: list[np.ndarray]) -> float:
    """c of the line w_j = c (j + 1) through the widths of some networks: least squares of log2 widths, as drawn."""
    return float(2 ** np.mean(np.concatenate([np.log2(w) - np.log2(np.arange(len(w)) + 1) for w in widths])))


def fit_panel(ax: Axes, curve: Curve, rows: pd.DataFrame, space_grid: FitGrid, panel: str) -> pd.DataFrame:
    """One network: its widths solid, the line u_j dotted, the quantised widths dashed."""
    if rows.empty:
        say(ax, TOO_FEW_RUNS if len(curve.table) else NO_RUNS)
        return pd.DataFrame([{"panel": panel, "series": curve.label}])
    row = rows.iloc[0]
    (fit,), observed = fits(rows, space_grid), block_widths(row)
    shown: dict[str, tuple[np.ndarray, Look]] = {"observed": (observed, {"color": BLACK, "linewidth": 1.8})}
    if not fit.reason:
        shown["linear"] = (fit.linear, {"color": BLUE, "linestyle": (0, (1, 1.2))})
        shown["quantised"] = (fit.quantised, {"color": RED, "linestyle": (0, (4, 1.5))})
    key, frames, labels = Key(), [], _fit_labels(row, fit)
    for name, (widths, look) in shown.items():
        ax.plot(np.arange(len(widths)), widths, drawstyle="default" if name == "linear" else "steps-mid", **look)
        frames.append(pd.DataFrame({"kind": name, "x": np.arange(len(widths)), "y": widths}))
        key.add(line(**look), labels[name])
    width_axis(ax, np.concatenate([widths for widths, _ in shown.values()]), len(observed))
    key.draw(ax)
    parameters = {"w_0": fit.w_0, "w_a": fit.w_a, "w_m": fit.w_m, "e_fit": fit.e_fit, "error": row[curve.error]}
    frame = pd.concat(frames, ignore_index=True).assign(panel=panel, series=curve.label, network=int(row["index"]))
    return frame.assign(**parameters)


def _fit_title(rows: pd.DataFrame, curve: Curve, rank: int) -> str:
    if rows.empty:
        return f"{('Best', 'Second')[rank]} network"
    return f"{('Best', 'Second')[rank]} network: error {rows.iloc[0][curve.error]:.1f} %"


def _fit_labels(row: pd.Series, fit: WidthsFit) -> dict[str, str]:
    """What the key says of a network, of its line and of its quantised widths."""
    return {
        "observed": describe(row),
        "linear": f"$u_j$ = {number(fit.w_0)} + {number(fit.w_a)} j",
        "quantised": rf"quantised by $w_m$ = {number(fit.w_m)}, $e_\mathrm{{fit}}$ = {fit.e_fit:.2f}",
    }


# ---- Lower row -------------------------------------------------------------------------------------------------------


def fits(table: pd.DataFrame, space_grid: FitGrid) -> list[WidthsFit]:
    """The best fit of every network of a table."""
    if table.empty:
        return []
    stages = range(1, int(table["stages"].max()) + 1)
    depths, widths = (table[[f"{name}_{stage}" for stage in stages]].fillna(0) for name in ("depth", "width"))
    return fit_table(depths.to_numpy(), widths.to_numpy(), space_grid)


def _e_fit_panels(axes: np.ndarray, study: Study, space_grid: FitGrid) -> list[pd.DataFrame]:
    """Error against e_fit, one panel per space; both axes are the same in all."""
    curves, frames = study.panels["spaces"], []
    limits = error_limits(curves)
    e_fits = [np.array([fit.e_fit for fit in fits(curve.table, space_grid)]) for curve in curves]
    largest = max((np.nanmax(e_fit, initial=0) for e_fit in e_fits), default=0) or 1.0
    for i, (ax, curve, e_fit) in enumerate(zip(axes, curves, e_fits, strict=False)):
        frame = scatter_panel(ax, study, f"e_fit_{curve.label}", curve, e_fit, r"fit error $e_\mathrm{fit}$", limits)
        without = int(np.isnan(e_fit).sum())
        frames.append(frame.assign(without_fit=without))
        title(ax, chr(ord("d") + i), pretty(curve.label))
        ax.set_xlim(-0.03 * largest, 1.03 * largest)
    return frames


def _notes(study: Study, space_grid: FitGrid, frames: list[pd.DataFrame]) -> list[str]:
    bounds = "; ".join(
        f"${letter}$ {number(values[0])} to {number(values[-1])}"
        for letter, values in (("w_0", space_grid.w_0), ("w_a", space_grid.w_a), ("w_m", space_grid.w_m))
    )
    fitted = rf"$e_\mathrm{{fit}}$: mean squared log2 ratio of fitted to real block widths, over a grid ({bounds})"
    without = sum(int(frame["without_fit"].iloc[0]) for frame in frames if "without_fit" in frame)
    return [
        "line: least squares of log2 widths",
        fitted,
        f"networks without a fit, not drawn: {without}" if without else "",
        bootstrap_note(study),
    ]
