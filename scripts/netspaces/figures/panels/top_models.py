"""Structure diagrams of top models: the paper's, exactly from its parameters, and those selected here."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import steps
from netspaces.figures.panels.axes import NO_RUNS, say
from netspaces.figures.panels.steps import width_axis, width_steps
from netspaces.figures.style import BLACK, BLUE, RED, SMALL, Look, grid, house_style, pretty
from netspaces.networks.architecture import PER_STAGE, SINGULAR, Architectures
from netspaces.networks.complexity import complexity
from netspaces.published.models import published_architecture
from netspaces.studies.networks import stage_texts, stages_of
from netspaces.studies.study import Curve, Study
from netspaces.studies.wording import number

KINDS = steps.KINDS | {"linear": "the line from which widths were quantised, by block"}
COLUMNS = {
    "w_0": "first width of the line, channels",
    "w_a": "slope of the line, channels per block",
    "w_m": "width ratio of stages",
    "text": "parameters of the network, as drawn",
    "flops": "multiply-adds of the network",
    "std": "deviation of its error over trainings, percentage points",
} | shared("network", "error")
DIAGRAMS = 4  # in a row
SIZE = {"width": 2.35, "height": 1.55}  # inches, of a diagram


@house_style()
def draw_top_models(study: Study, family: str) -> Drawing:
    """Upper rows: the published models of a family. Lower rows: the best network of each population of the study.

    A study of one's own, which names no published models, has the lower rows only.
    """
    published = study.published
    models = published[published["family"] == family].to_dict("records") if "family" in published else []
    curves = study.panel("selected")
    rows = [-(-len(part) // DIAGRAMS) for part in (models, curves)]
    figure, axes = grid(DIAGRAMS, sum(rows), **SIZE)
    upper, lower = axes[: rows[0]].ravel(), axes[rows[0] :].ravel()
    frames = [_published(ax, row) for ax, row in zip(upper, models, strict=False)]
    frames += [_selected(ax, study, curve) for ax, curve in zip(lower, curves, strict=False)]
    for ax in [*upper[len(models) :], *lower[len(curves) :]]:
        ax.set_axis_off()
    _share_axes(upper[: len(models)])
    _share_axes(lower[: len(curves)])
    repetitions = {int(final["repetitions"]) for c in curves if (final := _final(study, c)) is not None}
    trained = f"{min(repetitions)} final trainings" if repetitions else "the final trainings"
    footnote(
        figure,
        *(["blue: the paper's models, error in % on ImageNet (mean ± deviation of 5)"] if models else []),
        f"orange: the best network of each population here, mean ± deviation over {trained}",
        "dashed: $u_j = w_0 + w_a\\,j$",
        runs_note(curves),
        error_note(curves),
    )
    return finish(figure, study, frames)


def _final(study: Study, curve: Curve) -> pd.Series | None:
    """The selected network of a population, None if there is none yet."""
    table = study.inputs.get(curve.population)
    return None if table is None or table.empty else table.iloc[0]


def _published(ax: Axes, row: Mapping) -> pd.DataFrame:
    """A model of the paper."""
    architecture = published_architecture(row)
    flops = int(complexity(Architectures.from_rows([architecture])).flops[0])
    error, deviation = row["paper_top1_error"], row["paper_top1_std"]
    head = f"{row['model']}: {error:.1f} ± {deviation:.2f}"
    linear = {"w_0": row["w0"], "w_a": row["wa"], "w_m": row["wm"]}
    stages = {SINGULAR[name]: getattr(architecture, name) for name in PER_STAGE}
    frame = _diagram(ax, stages, flops, linear, head, BLUE)
    return frame.assign(panel="published", series=row["model"], error=error, std=deviation)


def _selected(ax: Axes, study: Study, curve: Curve) -> pd.DataFrame:
    """The best network of a population, with its error after the final trainings."""
    row = _final(study, curve)
    if row is None:
        say(ax, NO_RUNS)
        return pd.DataFrame([{"panel": "selected", "series": curve.label, "kind": "block"}])
    deviation = "" if np.isnan(row["std"]) else f" ± {row['std']:.2f}"
    head = f"{pretty(curve.label)}: {row['mean']:.1f}{deviation}"
    linear = {name: row[name] for name in ("w_0", "w_a", "w_m") if name in row}
    frame = _diagram(ax, stages_of(row), row["flops"], linear, head, RED)
    named = {"network": int(row["index"]), "error": row["mean"], "std": row["std"]}
    return frame.assign(panel="selected", series=curve.label, **named)


def _diagram(
    ax: Axes, stages: Mapping[str, Sequence[float] | np.ndarray], flops: float, linear: Mapping, head: str, colour: str
) -> pd.DataFrame:
    """One network: the width of each block, the line it was quantised from, its parameters above."""
    widths = np.repeat(stages["width"], np.asarray(stages["depth"], int))
    frames = [width_steps(ax, widths, color=colour, marker="o", markersize=2.4)]
    if linear:
        u = linear["w_0"] + linear["w_a"] * np.arange(len(widths))
        ax.plot(u, color=BLACK, linewidth=0.8, linestyle=(0, (4, 2)))
        frames.append(pd.DataFrame({"kind": "linear", "x": np.arange(len(widths)), "y": u, **linear}))
    text = _parameters(stages, flops, linear)
    ax.set_title(head, pad=37 if linear else 26, color=colour)
    place: Look = {
        "xytext": (0, 4),
        "textcoords": "offset points",
        "va": "bottom",
        "fontsize": SMALL,
        "linespacing": 1.25,
    }
    ax.annotate(text, (0, 1), xycoords="axes fraction", **place)
    return pd.concat(frames, ignore_index=True).assign(text=text, flops=flops)


def _parameters(stages: Mapping[str, Sequence[float] | np.ndarray], flops: float, linear: Mapping) -> str:
    """d, g, b, flops and w of a network on two lines, and the linear rule's parameters on a third."""
    d, w, g, b = stage_texts(stages).values()
    g, b = list(dict.fromkeys(g)), list(dict.fromkeys(b))  # values that stages share once
    size = f"{number(flops / 1e9, 2)} GF" if flops >= 1e8 else f"{number(flops / 1e6, 2)} MF"
    lines = [f"d {', '.join(d)}   g {', '.join(g)}   b {', '.join(b)}   {size}", f"w {', '.join(w)}"]
    if linear:
        lines.append(f"$w_0$ {linear['w_0']:g}   $w_a$ {linear['w_a']:.4g}   $w_m$ {linear['w_m']:.2f}")
    return "\n".join(lines)


def _share_axes(axes: np.ndarray) -> None:
    """One scale for the diagrams of a group, so that they can be compared."""
    lines = [line.get_xydata() for ax in axes for line in ax.get_lines()[:1]]
    points = np.concatenate(lines) if lines else np.array([[0, 8], [7, 64]])
    for ax in axes:
        width_axis(ax, points[:, 1], int(points[:, 0].max()) + 1)
        ax.set(xlabel="block j", ylabel="$w_j$")
