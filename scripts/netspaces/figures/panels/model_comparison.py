"""Error of published models against what they cost, family by family."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.key import Key, line
from netspaces.figures.notes import footnote
from netspaces.figures.panels.axes import log2_axis
from netspaces.figures.style import COLOURS, DASHES, Look, grid, house_style
from netspaces.studies.models import model_table
from netspaces.studies.study import Row, Study

KINDS = {
    "model": "a published model: x a cost (GF, M), y its error in %, as printed; `lower`, `upper`: its deviation",
    "evaluated": "the same with torchvision's weights; `lower`, `upper`: interval over images",
}
COLUMNS = {"model": "name of the model"}
COSTS = {
    "flops": ("multiply-adds (GF)", 1e9),
    "params": ("parameters (M)", 1e6),
    "activations": ("activations (M)", 1e6),
}
MARKERS = "osD^"


@house_style()
def draw_comparison(study: Study, families: Mapping[str, Sequence[str]]) -> Drawing:
    """A panel per cost, log2; lines join the models of a family, hollow markers are torchvision's weights."""
    figure, axes = grid(len(COSTS), key_rows=len(families) + 1)
    tables = {family: model_table(study, models) for family, models in families.items()}
    evaluated = any(table["imagenet_error"].notna().any() for table in tables.values())
    frames = [
        _family(ax, cost, family, tables[family], i)
        for ax, cost in zip(axes[0], COSTS, strict=True)
        for i, family in enumerate(tables)
    ]
    for ax, (cost, (name, unit)) in zip(axes[0], COSTS.items(), strict=True):
        values = pd.concat([table[cost] for table in tables.values()]) / unit
        log2_axis(ax.xaxis, values.min() / 2**0.4, values.max() * 2**0.4)
        ax.set(xlabel=name, ylabel="error (%)")
    _draw_key(axes[0][0], list(tables), evaluated)
    footnote(
        figure,
        "error: top-1 on ImageNet, as the paper prints it; bars: deviation of its 5 trainings",
        "costs: computed here",
        "hollow: torchvision's weights, from recipes of their own, evaluated here" if evaluated else "",
    )
    return finish(figure, study, frames)


def _look(i: int) -> Look:
    return {"color": COLOURS[i], "linestyle": DASHES[i], "marker": MARKERS[i], "markersize": 4}


def _family(ax: Axes, cost: str, family: str, table: pd.DataFrame, i: int) -> pd.DataFrame:
    x, y, deviation = table[cost] / COSTS[cost][1], table["paper_top1_error"], table["paper_top1_std"]
    ax.errorbar(x, y, yerr=deviation, capsize=1.5, elinewidth=0.8, **_look(i))
    frame = pd.DataFrame({"kind": "model", "x": x, "y": y, "lower": y - deviation, "upper": y + deviation})
    frames = [frame.assign(model=table["model"])]
    evaluated = table[table["imagenet_error"].notna()]
    if len(evaluated):
        places, errors = evaluated[cost] / COSTS[cost][1], evaluated["imagenet_error"]
        ax.plot(places, errors, **_look(i) | {"linestyle": "none", "markerfacecolor": "white"})
        columns: Row = {"x": places, "y": errors, "lower": evaluated["imagenet_low"]}
        columns |= {"upper": evaluated["imagenet_high"], "model": evaluated["model"]}
        frames.append(pd.DataFrame({"kind": "evaluated", **columns}))
    return pd.concat(frames, ignore_index=True).assign(panel=cost, series=family)


def _draw_key(ax: Axes, families: Sequence[str], evaluated: bool) -> None:
    """One key for all panels, below the first."""
    key = Key()
    for i, family in enumerate(families):
        key.add(line(**_look(i)), family)
    if evaluated:
        look: Look = {"color": "#3A3A3A", "linestyle": "none", "marker": "o", "markerfacecolor": "white"}
        key.add(line(**look), "torchvision's weights")
    key.draw(ax)
