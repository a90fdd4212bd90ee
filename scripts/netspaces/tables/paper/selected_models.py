"""The best network of each population, trained again: how it was selected, what it is, how good it is."""

import pandas as pd

from netspaces.studies.networks import stage_texts, stages_of
from netspaces.studies.study import Curve, Row, Study
from netspaces.tables.style import Column, present

COLUMNS = {
    "panel": Column("family", "family"),
    "regime": Column("name of the regime", "regime"),
    "depths": Column("blocks of each stage", "d"),
    "widths": Column("widths of the stages, channels", "w"),
    "group_widths": Column("group widths of the stages, channels", "g"),
    "flops": Column("multiply-adds for one image", "MF", "mega"),
    "params": Column("learnable parameters", "params (M)", "mega"),
    "activations": Column("elements of the outputs of all convolutions, for one image", "acts (M)", "mega"),
    "n": Column("networks with a run, among which it is the best", "n", "integer"),
    "planned": Column("networks in all", "planned", "integer"),
    "selection_error": Column(
        "error by which it was selected, the smallest of n and of another recipe than the final one, %: optimistic",
        "selected at",
        "share",
    ),
    "repetitions": Column("trainings with the recipe `final`", "repetitions", "integer"),
    "mean": Column("mean of their errors, %", "mean", "share"),
    "std": Column("standard deviation of their errors, percentage points", "deviation", "share"),
    "low": Column("lower end of Student's t interval of the mean, %", "low", "share"),
    "high": Column("upper end of Student's t interval of the mean, %", "high", "share"),
    "space": Column("design space"),
    "population": Column("name of the population from which it was selected"),
    "index": Column("its number in the population"),
    "bottlenecks": Column("bottleneck ratios of the stages"),
    "errors": Column("errors of the final trainings, separated by `;`, %"),
    "diverged": Column("how many of them diverged; they count with their chance error"),
    "error": Column("by which error it was selected: `error_min`, `error` or `error_selected`"),
    "level": Column("confidence of the interval"),
    "seconds": Column("mean duration of the final trainings, s"),
}
WANTS: dict = {"*": {"trained": True, "finals": True}}


def make(study: Study) -> pd.DataFrame:
    """A row per population of the study; cells are empty where nothing was trained yet."""
    rows = [_row(study, panel, curve) for panel, curves in study.panels.items() for curve in curves]
    table = pd.DataFrame(rows)
    note = (
        "Top-1 errors in percent. Selected at: the smallest error of the n networks of a population, by which this one "
        "was chosen; being the smallest of many, it is optimistic, and it is that of another recipe. Mean, deviation "
        f"and {100 * study.level:g} % interval (Student's t): over trainings with the recipe final and other seeds, "
        "which were not selected. The interval speaks of seeds only, not of other test images or other draws."
    )
    return present(table, study.title, note, COLUMNS)


def _row(study: Study, panel: str, curve: Curve) -> dict:
    row: Row = {"panel": panel, "space": curve.space, "regime": curve.regime, "population": curve.population}
    row |= {"n": len(curve.table), "planned": curve.planned}
    finals = study.inputs.get(curve.population)
    if finals is None or finals.empty:
        return row
    final = finals.iloc[0]
    texts = stage_texts(stages_of(final))
    row |= {"depths": ", ".join(texts["d"]), "widths": ", ".join(texts["w"]), "group_widths": ", ".join(texts["g"])}
    row |= {"bottlenecks": ", ".join(dict.fromkeys(texts["b"]))}
    names = ("flops", "params", "activations", "index", "selection_error", "error", "repetitions", "errors")
    row |= {name: final[name] for name in (*names, "mean", "std", "low", "high", "level", "diverged", "seconds")}
    return row | {"n": int(final["n"])}
