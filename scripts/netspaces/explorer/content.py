"""What a page knows: networks and their measures, populations with their bands, and what one may choose to look at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from netspaces.data.errors import DatasetError
from netspaces.data.meta import META, read_meta
from netspaces.explorer.columns import packed
from netspaces.explorer.measures import measures
from netspaces.explorer.networks import errors_by_epoch, joined, structure_columns, summary
from netspaces.figures.notes import ERRORS
from netspaces.figures.style import COLOURS, DASHES
from netspaces.populations.table import read_collected

LINE = 1.6  # pixels: the width of a line, of which dash patterns are multiples
NAMED = {"-.": (6.4, 1.6, 1.0, 1.6)}  # matplotlib's own pattern


def page_content(settings: Mapping, tables: Mapping[str, str | Path], store: str | Path | None = None) -> dict:
    """All that a page shows, as plain JSON values.

    Parameters
    ----------
    settings : of the rule: title, preset, `statistics` (error, level), `studies` (name, title and panels of curves),
        `planned` networks and folders of `datasets` by population.
    tables : the files of populations, by name.
    store : the folder of run records, for errors after each epoch.
    """
    error, level = settings["statistics"]["error"], settings["statistics"]["level"]
    populations = {name: read_collected(path) for name, path in tables.items()}
    planned = {name: settings["planned"].get(name, len(table)) for name, table in populations.items()}
    networks = joined(populations, error)
    found = measures(networks)
    structure = structure_columns(networks)
    shown = {"population", "index", "status", "key", "epochs", "seconds", "device", "reason"}
    shown |= {column for measure in found for column in measure.columns}
    shown |= {*structure.get("whole", ()), *chain.from_iterable(structure.get("per_stage", {}).values())}
    curves = errors_by_epoch(networks["key"], store) if "key" in networks else []
    return {
        "title": settings["title"],
        "preset": settings["preset"],
        "mark": settings.get("mark", ""),
        "level": level,
        "error": ERRORS.get(error, error),
        "colours": list(COLOURS),
        "dashes": [pixels(dash) for dash in DASHES],
        "views": views(settings["studies"], list(populations)),
        "populations": [
            summary(name, table, planned[name], error, level) | images_of(settings.get("datasets", {}).get(name))
            for name, table in populations.items()
        ],
        "measures": [measure.plain() for measure in found],
        "structure": structure,
        "n": len(networks),
        "columns": {str(name): packed(networks[name]) for name in networks if name in shown},
        "by_epoch": curves if any(curves) else None,
    }


def images_of(folder: str | Path | None) -> dict[str, Any]:
    """Channels and classes of a prepared dataset, for which networks are built; nothing if it is not there."""
    if folder is None:
        return {}
    try:
        meta = read_meta(Path(folder) / META)
    except DatasetError as error:
        print(f"images are not known: {error}")
        return {}
    return {"channels": meta["channels"], "classes": meta["classes"]}


def pixels(dash: Any) -> list[float]:
    """A dash pattern of the figures in pixels.

    >>> pixels("-"), pixels((0, (5, 1.25)))
    ([], [8.0, 2.0])
    """
    pattern = () if dash == "-" else NAMED[dash] if isinstance(dash, str) else dash[1]
    return [round(LINE * length, 2) for length in pattern]


def views(studies: Sequence[Mapping], populations: Sequence[str]) -> list[dict]:
    """What can be chosen: each study whole, each panel of those with several, and all populations at the end.

    A view has a name and series, each of them a label and the number of its population; labels are distinct.
    """
    places = {name: place for place, name in enumerate(populations)}
    found = []
    for study in studies:
        panels = {panel: curves for panel, curves in study["panels"].items() if curves}
        whole = [curve for curves in panels.values() for curve in curves]
        found += [_view(study, "", whole, places)] if whole else []
        found += [_view(study, panel, curves, places) for panel, curves in panels.items() if len(panels) > 1]
    if len(studies) != 1 or not found:
        series = [{"label": name, "population": place} for name, place in places.items()]
        found.append({"study": "", "title": "All populations", "panel": "", "series": series})
    return found


def _view(study: Mapping, panel: str, curves: Sequence[Mapping], places: Mapping[str, int]) -> dict:
    """One view: a population that occurs in several panels is there once, with its first label."""
    first: dict[str, Mapping] = {}
    for curve in curves:
        first.setdefault(curve["population"], curve)
    own = list(first.values())
    labels = [curve["label"] for curve in own]
    counts = Counter(labels)
    if counts and max(counts.values()) > 1:
        longer = [f"{curve['label']}, {curve['regime']}, {curve['recipe']}" for curve in own]
        counted = Counter(longer)
        names = [curve["population"] for curve in own]
        labels = [
            label if counts[label] == 1 else more if counted[more] == 1 else name
            for label, more, name in zip(labels, longer, names, strict=True)
        ]
    series = [
        {"label": label, "population": places[curve["population"]]} for label, curve in zip(labels, own, strict=True)
    ]
    return {"study": study["name"], "title": study["title"], "panel": panel.replace("_", " "), "series": series}


def counts(content: Mapping) -> pd.DataFrame:
    """The populations of a page and on how many runs each rests, for logs and tests."""
    return pd.DataFrame(content["populations"])[["name", "n", "planned", "diverged"]]
