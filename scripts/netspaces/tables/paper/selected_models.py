"""The best network of each population, trained again: how it was selected, what it is, how good it is."""

import pandas as pd

from netspaces.studies.networks import stage_texts, stages_of
from netspaces.studies.study import Curve, Study
from netspaces.tables.style import present

COLUMNS = {
    "panel": ("family", "text"),
    "regime": ("regime", "text"),
    "depths": ("d", "text"),
    "widths": ("w", "text"),
    "group_widths": ("g", "text"),
    "flops": ("MF", "mega"),
    "params": ("params (M)", "mega"),
    "activations": ("acts (M)", "mega"),
    "n": ("n", "integer"),
    "planned": ("planned", "integer"),
    "selection_error": ("selected at", "share"),
    "repetitions": ("repetitions", "integer"),
    "mean": ("mean", "share"),
    "std": ("deviation", "share"),
    "low": ("low", "share"),
    "high": ("high", "share"),
}
MORE = ["space", "population", "index", "bottlenecks", "errors", "diverged", "error", "level", "seconds"]


def make(study: Study) -> pd.DataFrame:
    """A row per population of the study; cells are empty where nothing was trained yet."""
    rows = [_row(study, panel, curve) for panel, curves in study.panels.items() for curve in curves]
    table = pd.DataFrame(rows).reindex(columns=[*COLUMNS, *MORE])
    note = (
        "Top-1 errors in percent. Selected at: the smallest error of the n networks of a population, by which this one "
        "was chosen; being the smallest of many, it is optimistic, and it is that of another recipe. Mean, deviation "
        f"and {100 * study.level:g} % interval (Student's t): over trainings with the recipe final and other seeds, "
        "which were not selected. The interval speaks of seeds only, not of other test images or other draws."
    )
    return present(table, study.title, note, COLUMNS)


def _row(study: Study, panel: str, curve: Curve) -> dict:
    row = {"panel": panel, "space": curve.space, "regime": curve.regime, "population": curve.population}
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
