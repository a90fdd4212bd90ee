"""Figure 12: what inference time follows, and how complexity and time of the best networks grow with flops."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.stats import linregress

from netspaces.figures.panels.primitives import NO_RUNS, log2_axis, panel_curves, say
from netspaces.figures.style import (
    BLACK,
    BLUE,
    RED,
    error_note,
    finish,
    footnote,
    grid,
    house_style,
    key,
    number,
    pretty,
    runs_note,
    title,
)
from netspaces.statistics.flops_fits import (
    FORMS,
    LIMITED,
    PEARSON,
    SPEARMAN,
    Fit,
    chosen,
    correlation_interval,
    fit,
    winners,
)
from netspaces.statistics.intervals import Interval
from netspaces.studies.study import MEASURED, Curve, Drawing, Study, with_time

NAMES = {"flops": "flops", "params": "parameters", "activations": "activations", "time": "inference time"}
FORMULAS = {"constant": "{}", "sqrt": r"{} $\sqrt{{f}}$", "linear": "{} f"}
RESNETS = {"ResNet": ("s", "#CC79A7"), "ResNeXt": ("^", "#E69F00")}
NEAR = 1.6  # times the flops of what is drawn: published models farther off are left out
NETWORK = {"linestyle": "none", "marker": "o", "markeredgewidth": 0}


@house_style()
def draw(study: Study) -> Drawing:
    """Above: inference time against three metrics. Below: the best networks' metrics against flops, with fits."""
    best = panel_curves(study, "best")
    figure, (upper, lower) = grid(3, 2, key_rows=6)
    measured = times_of(study, panel_curves(study, "times"))
    frames = []
    for ax, letter, metric in zip(upper, "abc", ("flops", "params", "activations"), strict=True):
        frames.append(time_panel(ax, study, measured, metric))
        title(ax, letter, f"Time against {NAMES[metric]}")
    tables = [with_time(curve, study.inputs) for curve in best]
    scales = {metric: unit(pd.concat(tables).get(metric, pd.Series(dtype=float)), metric) for metric in NAMES}
    for ax, letter, metric in zip(lower, "def", FORMS, strict=True):
        frames.append(best_panel(ax, study, best, tables, metric, scales))
        title(ax, letter, f"Best networks: {NAMES[metric]}")
    notes = (runs_note(best), *_notes(study, measured, frames, scales), error_note(best))
    footnote(figure, *notes)
    return finish(figure, study, frames)


def unit(values: Sequence[float], metric: str) -> tuple[float, str]:
    """What an axis counts in: (its size, its name); milliseconds for time."""
    largest = np.max(np.asarray(values, float), initial=0)
    if metric == "flops":
        return (1e9, "GF") if largest >= 1e9 else (1e6, "MF")
    if metric == "time":
        return 1.0, "ms"
    return (1e6, "M") if largest >= 1e6 else (1e3, "k")


# ---- Upper row: inference time of sampled networks -------------------------------------------------------------------


def times_of(study: Study, curves: Sequence[Curve]) -> pd.DataFrame:
    """The measured times of some populations, trained or not, a row per network; empty if nothing was measured."""
    found = [study.inputs[c.population].assign(regime=c.regime) for c in curves if c.population in study.inputs]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def time_panel(ax: Axes, study: Study, measured: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Inference time against a metric: networks with quartiles, a straight line, correlations."""
    panel = f"time_{metric}"
    scale, name = unit(measured.get(metric, ()), metric)
    ax.set(xlabel=f"{NAMES[metric]} ({name})", ylabel="inference time (ms)")
    if measured.empty:
        say(ax, "not measured yet")
        return pd.DataFrame([{"panel": panel, "series": MEASURED}])
    x, y = measured[metric].to_numpy() / scale, measured[MEASURED].to_numpy()
    low, high = measured["inference_low_ms"].to_numpy(), measured["inference_high_ms"].to_numpy()
    ax.vlines(x, low, high, color=BLUE, alpha=0.35, linewidth=1.0)
    ax.plot(x, y, color=BLUE, alpha=0.6, markersize=3, **NETWORK)
    ax.set(xlim=(0, 1.05 * x.max()), ylim=(0, 1.05 * high.max()))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6))
    columns = {"x": x, "y": y, "lower": low, "upper": high, "regime": measured["regime"], "index": measured["index"]}
    frames = [pd.DataFrame({"series": MEASURED, "kind": "time"} | columns)]
    handles, labels = [Line2D([], [], color=BLUE, alpha=0.6, markersize=3, **NETWORK)], [f"network, n = {len(x)}"]
    if np.ptp(x):
        slope, start, *_ = linregress(x, y)
        ends = np.array([x.min(), x.max()])
        ax.plot(ends, start + slope * ends, color=BLACK)
        frames.append(pd.DataFrame({"series": MEASURED, "kind": "line", "x": ends, "y": start + slope * ends}))
        handles.append(Line2D([], [], color=BLACK))
        labels.append(f"line: {number(start)} + {number(slope)} per {name}")
    for kind in (PEARSON, SPEARMAN):
        found = correlation_interval(x, y, kind, study.resampling)
        theirs = printed(study, f"time against {metric}", kind)
        frames.append(pd.DataFrame([_estimate(kind, "correlation", found, theirs) | {"n": len(x)}]))
        handles.append(Line2D([], [], linestyle="none"))
        labels.append(f"{kind.capitalize()}: {_bracketed(found)}" + ("" if theirs is None else f"; paper {theirs:g}"))
    key(ax, handles, labels)
    return _joined(frames, panel)


# ---- Lower row: best networks over regimes ---------------------------------------------------------------------------


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
        say(ax, "not measured yet" if any(map(len, tables)) else NO_RUNS)
        return pd.DataFrame([{"panel": metric, "series": curves[0].label}])
    curves, tables = zip(*pairs, strict=True)
    networks = pd.concat(tables)
    x, y = networks["flops"].to_numpy() / f_scale, networks[metric].to_numpy() / scale
    ax.plot(x, y, color="#B5B5B5", markersize=2.5, zorder=1, **NETWORK)
    frames = [pd.DataFrame({"kind": "network", "x": x, "y": y})]
    won = winners([curve.errors for curve in curves], study.resampling)
    flops, values = chosen("flops", tables, won) / f_scale, chosen(metric, tables, won) / scale
    frames.append(_best(flops, values, curves, study))
    best = frames[-1]
    ax.vlines(best["x"], best["lower"], best["upper"], color=BLUE, linewidth=2, alpha=0.5, zorder=3)
    ax.plot(best["x"], best["y"], color=BLUE, markersize=5, zorder=4, **NETWORK)
    handles = [Line2D([], [], color="#B5B5B5", markersize=2.5, **NETWORK), Line2D([], [], color=BLUE, marker="o")]
    labels = [f"network of {pretty(curves[0].label)}", f"best: median, {100 * study.level:g} % of winners"]
    if len(curves) > 1:
        fitted = fit(flops, values, FORMS[metric], study.level)
        parts = _fit_lines(ax, fitted, np.geomspace(x.min(), x.max(), 60), metric, study)
        for part, onto in zip(parts, (frames, handles, labels), strict=True):
            onto.extend(part)
    for part, onto in zip(_resnets(ax, study, metric, x, f_scale, scale), (frames, handles, labels), strict=True):
        onto.extend(part)
    drawn = pd.concat([frame for frame in frames if frame["kind"].iloc[0] != "coefficient"])
    low, high = drawn[["y", "lower"]].min(axis=None), drawn[["y", "upper"]].max(axis=None)
    log2_axis(ax.xaxis, drawn["x"].min() / 2**0.4, drawn["x"].max() * 2**0.4)
    log2_axis(ax.yaxis, low / 2**0.4, high * 2**0.4)
    key(ax, handles, labels)
    return _joined([frame.assign(series=frame.get("series", curves[0].label)) for frame in frames], metric)


def _best(flops: np.ndarray, values: np.ndarray, curves: Sequence[Curve], study: Study) -> pd.DataFrame:
    middle, low, high = 0.5, (1 - study.level) / 2, (1 + study.level) / 2
    x = np.quantile(flops, middle, axis=0, method="inverted_cdf")
    lower, y, upper = np.quantile(values, [low, middle, high], axis=0, method="inverted_cdf")
    more = {"regime": [c.regime for c in curves], "n": [len(c.table) for c in curves]}
    more |= {"planned": [c.planned for c in curves], "level": study.level, "resamples": study.resamples}
    return pd.DataFrame({"kind": "best", "x": x, "y": y, "lower": lower, "upper": upper} | more)


def _fit_lines(ax: Axes, fitted: Fit, x: np.ndarray, metric: str, study: Study) -> tuple[list, list, list]:
    """The fit and the limit that follows from it: (frames, handles, labels)."""
    frames, handles, labels = [], [], []
    named = zip(fitted.terms, fitted.coefficients, strict=True)
    estimates = {term: (found, printed(study, metric, term)) for term, found in named}
    law = " + ".join(FORMULAS[term].format(number(found.estimate)) for term, (found, _) in estimates.items())
    lines = {"fit": (1.0, {"color": BLACK}, f"fit: {law}")}
    if metric in LIMITED:
        times = number(fitted.multiplier, 2)
        lines["limit"] = (fitted.multiplier, {"color": RED, "linestyle": (0, (4, 1.5))}, f"limit: {times} × fit")
    for kind, (factor, look, label) in lines.items():
        ax.plot(x, factor * fitted(x), zorder=2, **look)
        frames.append(pd.DataFrame({"kind": kind, "x": x, "y": factor * fitted(x), "multiplier": factor}))
        handles.append(Line2D([], [], **look))
        labels.append(label)
    rows = [_estimate(term, "coefficient", found, theirs) for term, (found, theirs) in estimates.items()]
    frames.append(pd.DataFrame([*rows, _estimate("exponent", "coefficient", fitted.exponent, None)]))
    intervals = ", ".join(_range(found) for found, _ in estimates.values())
    paper = " + ".join(FORMULAS[term].format(f"{p:g}") for term, (_, p) in estimates.items() if p is not None)
    extra = [f"coefficients in {intervals}", f"free power: {_bracketed(fitted.exponent)}"]
    extra += [f"paper: {paper}"] if paper else []
    return frames, handles + [Line2D([], [], linestyle="none")] * len(extra), labels + extra


def _resnets(
    ax: Axes, study: Study, metric: str, x: np.ndarray, f_scale: float, scale: float
) -> tuple[list, list, list]:
    """Published models with flops near those drawn: (frames, handles, labels); their times are of another device."""
    column = {"activations": "acts", "params": "params"}.get(metric)
    frames, handles, labels = [], [], []
    if column is None or "model" not in study.published:
        return frames, handles, labels
    for family, (marker, colour) in RESNETS.items():
        models = study.published[study.published["family"] == family]
        near = models["flops"].between(x.min() * f_scale / NEAR, x.max() * f_scale * NEAR)
        if near.any():
            at = {"x": models[near]["flops"] / f_scale, "y": models[near][column] / scale}
            look = {"color": colour, "marker": marker, "markersize": 4, "linestyle": "none"}
            ax.plot(at["x"], at["y"], zorder=5, **look)
            frames.append(pd.DataFrame({"kind": "model", "series": models[near]["model"]} | at))
            handles.append(Line2D([], [], **look))
            labels.append(family)
    return frames, handles, labels


# ---- Numbers and notes -----------------------------------------------------------------------------------------------


def printed(study: Study, quantity: str, term: str) -> float | None:
    """A number that the paper prints, in its own units (GF, M, ms on a V100); None where it prints none."""
    rows = study.published
    if not {"quantity", "term", "value"} <= set(rows):
        return None
    found = rows[(rows["quantity"] == quantity) & (rows["term"] == term)]["value"]
    return None if found.empty else float(found.iloc[0])


def _estimate(series: str, kind: str, found: Interval, theirs: float | None) -> dict:
    row = {"series": series, "kind": kind, "y": found.estimate, "lower": found.low, "upper": found.high}
    return row | {"level": found.level, "published": np.nan if theirs is None else theirs}


def _range(found: Interval) -> str:
    return f"[{number(found.low)}, {number(found.high)}]"


def _bracketed(found: Interval) -> str:
    return "–" if np.isnan(found.estimate) else f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}]"


def _notes(study: Study, measured: pd.DataFrame, frames: Sequence[pd.DataFrame], scales: Mapping) -> list[str]:
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
        f"best: winners of {resamples} empirical-bootstrap resamples (a quarter of the networks each); fits: least "
        "squares of winners, residuals relative to the regime's median, coefficients with central "
        f"{level} of the fits through one winner per regime, in units of the axes (the paper's: GF, M and ms on a "
        f"V100); limit: above {level} of winners"
    )
    if not any("model" in set(frame.get("kind", ())) for frame in frames):
        notes.append("ResNet and ResNeXt lie beyond these flops")
    return notes


def _joined(frames: Sequence[pd.DataFrame], panel: str) -> pd.DataFrame:
    frame = pd.concat([part.dropna(axis="columns", how="all") for part in frames], ignore_index=True)
    frame.insert(0, "panel", panel)
    return frame
