"""Panels of error distributions: empirical distribution functions with bands, and the paper's numbers beside ours."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation, Transform

from netspaces.figures.drawing import joined, shared
from netspaces.figures.key import Key, line
from netspaces.figures.panels.axes import NO_RUNS, Limits, distribution_limits, error_axis
from netspaces.figures.style import EDF_ALPHA, GREY, SMALLEST, Look, looks, pretty
from netspaces.statistics.edf import edf, legend_label
from netspaces.statistics.regression_edf import regression_edf
from netspaces.studies.study import Curve, Row, Study

KINDS = {
    "edf": "vertex of a step curve and its band (DKW): x an error in %, y a share; `lower` and `upper` are shares; "
    "first and last, at the ends of the axis, of the band alone, for which panels of more than three curves have a bar",
    "regression_edf": "vertex of the thin step curve, the regression estimate of the distribution, and of its band",
    "summary": "what an error distribution rests on",
    "published": "what the paper printed",
}
COLUMNS = {
    "minimum": "smallest error, of a `published` row the paper's, %",
    "mean": "mean error, of a `published` row the paper's, %",
    "regression": "regression estimate of the design space's mean error, %",
    "regression_low": "lower end of its interval, %",
    "regression_high": "upper end of its interval, %",
    "band": "whose band is drawn: DKW, regression, or none but a bar as high as DKW's",
    "n_eff": "trained networks whose plain mean would be as sure",
} | shared("n", "planned", "diverged", "level")

BANDS = 3  # curves of a panel up to which their bands are drawn; more of them would be a fog
THIN = 0.8  # points, of the regression estimate's steps
DKW, REGRESSION, NO_BAND = "DKW", "regression", "none"
APART = 7 / 72  # inches between bars


def published(study: Study, panel: str, space: str) -> tuple[float, float] | None:
    """The paper's (minimum, mean) error of a space in a panel, percent; None where it prints none."""
    rows = study.published
    rows = rows[(rows["panel"] == panel) & (rows["space"] == space)]
    if "study" in rows:
        rows = rows[rows["study"] == study.name]
    if rows.empty:
        return None
    return float(rows.iloc[0]["min"]), float(rows.iloc[0]["mean"])


def edf_panel(ax: Axes, study: Study, panel: str, limits: Limits | None = None) -> pd.DataFrame:
    """Error distributions of a panel's curves with their simultaneous bands, and the paper's numbers beside ours."""
    curves, styles = study.panel(panel), looks(study)
    both = any(curve.population in study.regression.predicted for curve in curves)
    key, frames = Key("[min|mean|regression mean] error, %" if both else "[min|mean] error, %", "paper"), []
    within, beyond = (limits, np.empty(0)) if limits else distribution_limits(study, curves)
    error_axis(ax.xaxis, within)
    for curve in curves:
        look, theirs = styles[curve.label], published(study, panel, curve.space)
        if len(curve.table):
            mean = study.regression.mean(curve.population)
            label = legend_label(curve.errors, pretty(curve.label))
            label = label if mean is None else label.replace("]", f"|{mean.estimate:.1f}]", 1)
            frame = _distribution(ax, curve, look, study, band_of(study, curves))
        else:
            label = f"[–|–] {pretty(curve.label)}, {NO_RUNS}"
            frame = pd.DataFrame([{"kind": "summary", "n": 0, "planned": curve.planned}])
        key.add(line(**look), label, "" if theirs is None else f"[{theirs[0]:.1f}|{theirs[1]:.1f}]")
        frame.insert(0, "series", curve.label)
        minimum, mean_error = theirs or (np.nan, np.nan)
        paper = {"series": curve.label, "kind": "published", "minimum": minimum, "mean": mean_error}
        frames += [frame, pd.DataFrame([paper])]
    ax.set(ylim=(0, 1.005), ylabel="cumulative prob.")
    if len(curves) > BANDS:
        runs = [curve for curve in curves if len(curve.table)]
        draw_bars(ax, {c.label: edf(c.errors, study.level).half_width for c in runs}, styles)
    if len(beyond):
        networks = "1 network beyond:" if len(beyond) == 1 else f"{len(beyond)} networks beyond, up to"
        text = f"{networks} {beyond.max():.1f} %"
        ax.text(0.985, 0.3, text, transform=ax.transAxes, ha="right", color=GREY, fontsize=SMALLEST)
    key.draw(ax)
    return joined(frames, panel)


def band_of(study: Study, curves: Sequence[Curve]) -> str:
    """Whose band a panel of some curves has: that of the estimate that decides verdicts, or none for many curves."""
    if len(curves) > BANDS:
        return NO_BAND
    return REGRESSION if study.regression.decides([curve.population for curve in curves]) else DKW


def _distribution(ax: Axes, curve: Curve, look: Look, study: Study, band: str) -> pd.DataFrame:
    """Draw the distribution of one curve and its means; returns its steps and what it rests on."""
    distribution = edf(curve.errors, study.level)
    steps = draw_steps(ax, distribution.steps(ax.get_xlim()), curve.label, look, EDF_ALPHA if band == DKW else 0)
    predicted = study.regression.predicted.get(curve.population)
    if predicted is not None and band != NO_BAND:
        vertices = regression_edf(predicted, resampling=study.resampling).steps(ax.get_xlim())
        thin: Look = {"color": look["color"], "linewidth": THIN}
        estimate = draw_steps(ax, vertices, "", thin, EDF_ALPHA if band == REGRESSION else 0)
        steps = pd.concat([steps, estimate.assign(kind="regression_edf")], ignore_index=True)
    summary: Row = {"minimum": distribution.minimum, "mean": distribution.mean, "n": distribution.n}
    summary |= {"planned": curve.planned, "diverged": curve.diverged, "level": study.level}
    summary |= {} if predicted is None else {"band": band}
    summary |= _means(ax, curve, look, study)
    return pd.concat([steps, pd.DataFrame([{"kind": "summary", **summary}])], ignore_index=True)


def _means(ax: Axes, curve: Curve, look: Look, study: Study) -> Row:
    """Draw both means above the axis, the plain one as a line, the regression estimate as a point with its interval.

    Returns the columns of the latter; nothing is drawn, and there are none, where there is no such estimate.
    """
    mean = study.regression.mean(curve.population)
    if mean is None:
        return {}
    interval, colour = mean.interval(study.level), look["color"]
    y = 0.02 + 0.025 * [one.population for one in study.curves].index(curve.population) % 0.2
    ax.plot([mean.plain], [y], marker="|", color=colour, markersize=5)
    ax.plot([interval.low, interval.high], [y, y], color=colour, linewidth=0.8)
    ax.plot([mean.estimate], [y], marker="o", color=colour, markersize=3)
    columns = {"regression": mean.estimate, "regression_low": interval.low, "regression_high": interval.high}
    return columns | {"n_eff": mean.n_eff}


def draw_steps(
    ax: Axes, vertices: tuple[np.ndarray, ...], label: str, look: Look, alpha: float = EDF_ALPHA
) -> pd.DataFrame:
    """Draw a distribution function from the smallest error to the largest, its band over the axis; returns the rows.

    `vertices` are (x, y, lower, upper), the first and the last of them at the ends of the axis.
    """
    x, y, lower, upper = vertices
    if alpha:
        ax.fill_between(x, lower, upper, color=look["color"], alpha=alpha, linewidth=0)
    ax.plot(x[1:-1], y[1:-1], label=label, **look)
    return pd.DataFrame({"kind": "edf", "x": x, "y": y, "lower": lower, "upper": upper})


def draw_bars(ax: Axes, half_widths: dict[str, float], styles: dict[str, Look]) -> None:
    """Bars as high as the bands of curves, by label, at the upper left, where no curve is, and their height along them.

    One bar stands for all of equal height.
    """
    if not half_widths:
        return

    def beside(place: int) -> Transform:
        return ax.transAxes + ScaledTranslation(place * APART, 0, ax.figure.dpi_scale_trans)

    alike = len({round(half, 6) for half in half_widths.values()}) == 1
    shown = dict(list(half_widths.items())[:1]) if alike else half_widths
    for i, (label, half) in enumerate(shown.items()):
        middle, colour = max(0.97 - half, 0.5), GREY if alike else styles[label]["color"]
        look: Look = {"color": colour, "linewidth": 1.2, "marker": "_", "markersize": 5, "transform": beside(i + 1)}
        ax.plot([0, 0], [max(middle - half, 0), min(middle + half, 1)], **look)
    values = sorted({f"{half:.2f}" for half in shown.values()})
    text = f"± {values[0]}" + (f" to {values[-1]}" if len(values) > 1 else "")
    place = beside(len(shown) + 1)
    ax.text(0, 0.97, text, transform=place, rotation=90, ha="center", va="top", color=GREY, fontsize=SMALLEST)


def edf_note(study: Study) -> str:
    """What the curves and bands of `edf_panel` are, and which means it shows."""
    bands = {band_of(study, curves) for curves in study.panels.values()}
    whose = {DKW: "DKW", REGRESSION: "of the regression estimate, thin steps"}
    shown = [text for band, text in whose.items() if band in bands]
    note = f"bands: simultaneous {100 * study.level:g} % ({' or '.join(shown) or 'DKW'})"
    if NO_BAND in bands:
        note += f", of more than {BANDS} curves as a bar of their height"
        note += " (DKW)" if REGRESSION in bands else ""
    if not study.regression.predicted:
        return note
    if bands == {DKW} or bands == {DKW, NO_BAND}:
        note += "; thin steps: regression estimate"
    points = "predictions of untrained networks included, fitted to the networks of this figure"
    return f"{note}; above the axis: | mean, points: regression mean with its interval ({points})"
