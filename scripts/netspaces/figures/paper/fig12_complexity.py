"""Figure 12: what inference time follows, and how complexity and time of the best networks grow with flops."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, joined, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import times
from netspaces.figures.panels.axes import NO_RUNS, NOT_MEASURED, log2_axis, say, unit
from netspaces.figures.panels.times import METRICS, NETWORK, bracketed, estimate_row, printed, time_panel, times_of
from netspaces.figures.style import BLACK, BLUE, RED, Look, grid, house_style, pretty, title
from netspaces.statistics.best import BEST_OF
from netspaces.statistics.flops_fits import FORMS, LIMITED, Fit, chosen, fit, winners
from netspaces.statistics.intervals import Interval
from netspaces.studies.study import Curve, Row, Study, with_time
from netspaces.studies.wording import number

KINDS = times.KINDS | {
    "network": "a network of a regime: x its flops, y its complexity or time",
    "best": "winners of a regime, the paper's bootstrap: medians of flops and of complexity, with the central range",
    "fit": "point of the fit to the best networks",
    "limit": "point of that fit times `multiplier`",
    "coefficient": "of the fit (`series`: its term, or `exponent` of the power that fits best): y, with its interval",
    "model": "a published model with flops near those of the networks (`series`: its name)",
}
COLUMNS = times.COLUMNS | shared("planned", "resamples") | {"multiplier": "factor between the fit and what is drawn"}
NAMES = METRICS | {"time": "inference time"}
FORMULAS = {"constant": "{}", "sqrt": r"{} $\sqrt{{f}}$", "linear": "{} f"}
RESNETS = {"ResNet": ("s", "#CC79A7"), "ResNeXt": ("^", "#E69F00")}
NEAR = 1.6  # times the flops of what is drawn: published models farther off are left out
POINT: Look = {"color": "#B5B5B5", "markersize": 2.5} | NETWORK  # of a network that is not the best
WANTS: dict = {"times": {"trained": True}, "best": {"columns": ["flops", "params", "activations"]}}


@house_style()
def draw(study: Study) -> Drawing:
    """Above: inference time against three metrics. Below: the best networks' metrics against flops, with fits."""
    best = study.panel("best")
    figure, (upper, lower) = grid(3, 2, key_rows=5)
    measured = times_of(study, study.panel("times"))
    frames = []
    for ax, letter, metric in zip(upper, "abc", METRICS, strict=True):
        frames.append(time_panel(ax, study, measured, metric))
        title(ax, letter, f"Time against {NAMES[metric]}")
    tables = [with_time(curve, study.inputs) for curve in best]
    scales = {metric: unit(pd.concat(tables).get(metric, ()), metric) for metric in NAMES}
    for ax, letter, metric in zip(lower, "def", FORMS, strict=True):
        frames.append(best_panel(ax, study, best, tables, metric, scales))
        title(ax, letter, f"Best networks: {NAMES[metric]}")
    footnote(figure, runs_note(best), *_notes(study, measured, frames), error_note(best))
    return finish(figure, study, frames)


def best_panel(
    ax: Axes,
    study: Study,
    curves: Sequence[Curve],
    tables: Sequence[pd.DataFrame],
    metric: str,
    scales: Mapping[str, tuple[float, str]],
) -> pd.DataFrame:
    """A metric of the networks and of the best ones over flops, with the paper's kind of fit."""
    (f_scale, f_name), (scale, name) = scales["flops"], scales[metric]
    ax.set(xlabel=f"flops f ({f_name})", ylabel=f"{NAMES[metric]} ({name})")
    pairs = [(c, t) for c, t in zip(curves, tables, strict=True) if len(t) and t[metric].notna().all()]
    if not pairs:
        say(ax, NOT_MEASURED if any(map(len, tables)) else NO_RUNS)
        return pd.DataFrame([{"panel": metric, "series": curves[0].label}])
    known, tables = [curve for curve, _ in pairs], [table for _, table in pairs]
    networks = pd.concat(tables)
    x, y = networks["flops"].to_numpy() / f_scale, networks[metric].to_numpy() / scale
    ax.plot(x, y, zorder=1, **POINT)
    key, frames = Key(), [pd.DataFrame({"kind": "network", "x": x, "y": y})]
    key.add(line(**POINT), f"network of {pretty(known[0].label)}")
    won = winners([curve.errors for curve in known], study.resampling)
    flops, values = chosen("flops", tables, won) / f_scale, chosen(metric, tables, won) / scale
    frames.append(_draw_best(ax, key, study, known, flops, values))
    if len(known) > 1:
        at, of = ([t[c].to_numpy(float) / size for t in tables] for c, size in (("flops", f_scale), (metric, scale)))
        fitted = fit(at, of, [curve.errors for curve in known], FORMS[metric], study.resampling)
        frames += _draw_fit(ax, key, study, fitted, metric, np.geomspace(x.min(), x.max(), 60))
    frames += _draw_resnets(ax, key, study, metric, x, (f_scale, scale))
    _log2_axes(ax, frames)
    key.draw(ax)
    return joined([frame.assign(series=frame.get("series", known[0].label)) for frame in frames], metric)


def _log2_axes(ax: Axes, frames: Sequence[pd.DataFrame]) -> None:
    """Axes that show all that is drawn; coefficients are only in the key."""
    drawn = pd.concat([frame for frame in frames if frame["kind"].iloc[0] != "coefficient"])
    low, high = drawn[["y", "lower"]].min(axis=None), drawn[["y", "upper"]].max(axis=None)
    log2_axis(ax.xaxis, drawn["x"].min() / 2**0.4, drawn["x"].max() * 2**0.4)
    log2_axis(ax.yaxis, low / 2**0.4, high * 2**0.4)


def _draw_best(
    ax: Axes, key: Key, study: Study, curves: Sequence[Curve], flops: np.ndarray, values: np.ndarray
) -> pd.DataFrame:
    """Median and range of the winners of each regime: `flops` and `values` are (resamples, regimes)."""
    middle, low, high = 0.5, (1 - study.level) / 2, (1 + study.level) / 2
    x = np.quantile(flops, middle, axis=0, method="inverted_cdf")
    lower, y, upper = np.quantile(values, [low, middle, high], axis=0, method="inverted_cdf")
    ax.vlines(x, lower, upper, color=BLUE, linewidth=2, alpha=0.5, zorder=3)
    ax.plot(x, y, color=BLUE, markersize=5, zorder=4, **NETWORK)
    key.add(line(color=BLUE, marker="o"), f"best: median, {100 * study.level:g} % of winners")
    more = {"regime": [c.regime for c in curves], "n": [len(c.table) for c in curves]}
    more |= {"planned": [c.planned for c in curves], "level": study.level, "resamples": study.resamples}
    return pd.DataFrame({"kind": "best", "x": x, "y": y, "lower": lower, "upper": upper} | more)


def _draw_fit(ax: Axes, key: Key, study: Study, fitted: Fit, metric: str, x: np.ndarray) -> list[pd.DataFrame]:
    """The fit and the limit that follows from it, with its coefficients in the key."""
    coefficients = dict(zip(fitted.terms, fitted.coefficients, strict=True))
    theirs = {term: printed(study, metric, term) for term in coefficients}
    law = " + ".join(FORMULAS[term].format(f"{number(c.estimate)} {_range(c)}") for term, c in coefficients.items())
    lines: dict[str, tuple[float, Look, str]] = {"fit": (1.0, {"color": BLACK}, f"fit: {law}")}
    if metric in LIMITED:
        times = number(fitted.multiplier, 2)
        lines["limit"] = (fitted.multiplier, {"color": RED, "linestyle": (0, (4, 1.5))}, f"limit: {times} × fit")
    frames = []
    for kind, (factor, look, label) in lines.items():
        ax.plot(x, factor * fitted(x), zorder=2, **look)
        key.add(line(**look), label)
        frames.append(pd.DataFrame({"kind": kind, "x": x, "y": factor * fitted(x), "multiplier": factor}))
    rows = [estimate_row(term, "coefficient", c, theirs[term]) for term, c in coefficients.items()]
    frames.append(pd.DataFrame([*rows, estimate_row("exponent", "coefficient", fitted.exponent, None)]))
    paper = " + ".join(FORMULAS[term].format(f"{p:g}") for term, p in theirs.items() if p is not None)
    key.add(None, f"free power: {bracketed(fitted.exponent)}" + (f"; paper: {paper}" if paper else ""))
    return frames


def _draw_resnets(
    ax: Axes, key: Key, study: Study, metric: str, x: np.ndarray, scales: tuple[float, float]
) -> list[pd.DataFrame]:
    """Published models with flops near those drawn; their times are of another device, and are not drawn."""
    column = {"activations": "acts", "params": "params"}.get(metric)
    if column is None or "model" not in study.published:
        return []
    looks: dict[str, Look] = {}
    frames, (f_scale, scale) = [], scales
    for family, (marker, colour) in RESNETS.items():
        models = study.published[study.published["family"] == family]
        near = models[models["flops"].between(x.min() * f_scale / NEAR, x.max() * f_scale * NEAR)]
        if len(near):
            columns: Row = {"x": near["flops"] / f_scale, "y": near[column] / scale}
            looks[family] = {"color": colour, "marker": marker, "markersize": 4, "linestyle": "none"}
            ax.plot(columns["x"], columns["y"], zorder=5, **looks[family])
            frames.append(pd.DataFrame({"kind": "model", "series": near["model"]} | columns))
    if looks:
        key.add(tuple(line(**look) for look in looks.values()), ", ".join(looks))
    return frames


def _range(interval: Interval) -> str:
    return f"[{number(interval.low)}, {number(interval.high)}]"


def _notes(study: Study, measured: pd.DataFrame, frames: Sequence[pd.DataFrame]) -> list[str]:
    """How times were measured, and what the best networks and their fits are."""
    level, resamples = f"{100 * study.level:g} %", f"{study.resamples:,}"
    notes = []
    if len(measured):
        row = measured.iloc[0]
        devices = ", ".join(measured["device"].unique())
        notes.append(
            f"time: {row['batch']} images of {row['resolution']} pixels in fp32 on {devices}, threads: "
            f"{row['threads']}, median and quartiles of {row['repeats']} passes after {row['warmup']} for warm-up"
        )
        notes.append(f"correlations: {level} BCa intervals ({resamples} resamples of networks, seed {study.seed})")
    notes.append(
        f"best: winners of {resamples} empirical-bootstrap resamples (the paper's, a quarter of the networks each); "
        f"fits: least squares of networks by how often they are the best of {BEST_OF} (of a quarter, if that is less), "
        f"residuals relative to the regime's median, coefficients with {level} percentile intervals over {resamples} "
        "resamples of networks, in units of the axes (the paper's: GF, M and ms on a V100); limit: above "
        f"{level} of the best networks"
    )
    if not any("model" in set(frame.get("kind", ())) for frame in frames):
        notes.append("ResNet and ResNeXt lie beyond these flops")
    return notes
