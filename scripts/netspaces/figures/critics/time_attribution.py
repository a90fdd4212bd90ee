"""What time follows: partial R^2 of flops, activations and parameters, by device, precision and batch size."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import NO_RUNS, NOT_MEASURED, say
from netspaces.figures.panels.estimates import POINT, VARIANCE, points, rows_axis
from netspaces.figures.style import COLOURS, GREY, Look, grid, house_style, title
from netspaces.statistics.anova import effects
from netspaces.statistics.attribution import shares
from netspaces.studies.study import Curve, Study
from netspaces.studies.times import COUNTED, Conditions, conditions_of, measurements, timing_note

KINDS = {
    "partial_r2": "partial R² (corrected: ω²) of a complexity for log time: x its value, y the row; `lower` and "
    "`upper` in x",
}
COLUMNS = (
    {
        "setting": "in what networks were timed, in words",
        "processor": "`cpu` or `cuda`",
        "precision": "precision of the arithmetic",
        "batch": "images per batch",
        "device": "name of the processor",
        "r2": "adjusted R² of all three complexities",
    }
    | VARIANCE
    | shared("n", "level", "resamples")
)
PASSES = {"inference": "Inference", "training": "Training step"}
BLOCKS = "blocks, given these"
MARKERS = "osD^vP*X"
FEWEST = 12  # networks
WANTS: dict = {"times": {"trained": True}}


@house_style()
def draw(study: Study) -> Drawing:
    """A panel per kind of pass: partial R^2 of each complexity, and of the number of blocks beside them."""
    curves = study.panel("times")
    conditions = conditions_of(study, curves)
    figure, (axes,) = grid(len(PASSES), key_rows=max(len(conditions), 1), height=3.1)
    frames = []
    for ax, letter, (kind, words) in zip(axes, "ab", PASSES.items(), strict=True):
        frames.append(time_panel(ax, study, curves, conditions, kind))
        title(ax, letter, words)
    note = (
        "partial R²: of log time, given the logs of the other two (blocks: of all three), corrected for chance (ω²); "
        f"lines: {100 * study.level:g} % intervals, {study.resamples:,} resamples of networks within regimes (seed "
        f"{study.seed}); R²: of all three"
    )
    footnote(figure, runs_note(curves), note, timing_note(study, curves), f"errors play no part ({error_note(curves)})")
    return finish(figure, study, frames)


def time_panel(ax: Axes, study: Study, curves: list[Curve], conditions: list[Conditions], kind: str) -> pd.DataFrame:
    """Partial R^2 of each complexity under all conditions under which this kind of pass was timed."""
    names = [*COUNTED.values(), BLOCKS]
    key, frames = Key(), []
    for i, timed in enumerate(conditions):
        table = networks(study, curves, timed, kind)
        if len(table) < FEWEST:
            continue
        effect, r2 = attributed(study, table)
        look: Look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        drawn = points(ax, effect, shift=0.16 * (i - (len(conditions) - 1) / 2), **look)
        device = {"processor": timed.processor, "precision": timed.precision, "batch": timed.batch}
        drawn = drawn.assign(setting=timed.name, device=timed.device, kind="partial_r2", r2=r2, **device)
        frames.append(drawn)
        key.add(line(**POINT | look), f"{timed.name}: R² {r2:.2f}, n = {len(table)}")
    if not frames:
        say(ax, NOT_MEASURED if any(len(c.table) for c in curves) else NO_RUNS)
        ax.set(xticks=[], yticks=[])
        return pd.DataFrame([{"panel": kind, "series": "flops", "kind": "partial_r2", "x": np.nan, "y": np.nan}])
    rows_axis(ax, [name.replace(", ", ",\n") for name in names], "partial R²")
    ax.set_xlim(min(-0.05, ax.get_xlim()[0]), 1)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    key.draw(ax)
    return pd.concat(frames, ignore_index=True).assign(panel=kind)


def networks(study: Study, curves: list[Curve], conditions: Conditions, kind: str) -> pd.DataFrame:
    """The networks of all curves that were timed under some conditions, with their times; `regime` says whence."""
    with_runs = [c for c in curves if len(c.table)]
    table = pd.concat(
        [measurements(study, c, conditions).assign(regime=c.regime) for c in with_runs], ignore_index=True
    )
    return table.rename(columns={f"{kind}_ms": "ms"}).dropna(subset=["ms"])


def attributed(study: Study, table: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Partial R^2 of the complexities and of the number of blocks; the adjusted R^2 of the complexities."""
    logs = {name: np.log(table[column].to_numpy(float)) for column, name in COUNTED.items()}
    time, regimes = np.log(table["ms"].to_numpy(float)), table["regime"]
    three = effects(logs, time, regimes, study.resampling)
    four = effects({**logs, BLOCKS: np.log(table["depth"].to_numpy(float))}, time, regimes, study.resampling)
    partial = pd.concat([three, four[four["term"] == BLOCKS]], ignore_index=True)
    r2 = shares(logs, time, resampling=study.resampling.estimates_only())["share"].iloc[-1]
    return partial.rename(columns={"term": "series", "omega2": "x", "low": "lower", "high": "upper"}), float(r2)
