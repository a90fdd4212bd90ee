"""A page for exploring invented populations: what it is made of, and its file."""

import json
from functools import cache
from pathlib import Path

import pandas as pd
from netspaces.explorer.charts import compiled
from netspaces.explorer.content import page_content
from netspaces.explorer.page import page
from netspaces.populations.table import write_population
from netspaces.studies.study import Curve

from helpers.invented import curve


@cache
def library() -> dict:
    """What every page draws with; made once, because it takes seconds."""
    return compiled()


def curves() -> list[Curve]:
    """Three populations: runs of one are missing, two have diverged ones."""
    return [curve("AnyNetX_A", diverged=3), curve("AnyNetX_E"), curve("RegNetX", n=20, planned=24, diverged=1)]


def stated(of: Curve) -> dict:
    """A curve as the configuration states it."""
    return {"label": of.label, "population": of.population, "regime": of.regime, "recipe": of.recipe}


def settings(shown: list[Curve], **more) -> dict:
    """What a rule tells of a page with one study of two panels."""
    panels = {"spaces": [stated(of) for of in shown], "two": [stated(of) for of in shown[:2]]}
    return {
        "title": "Explore <invented> populations",
        "preset": "tiny",
        "statistics": {"error": "error_min", "level": 0.95},
        "studies": [{"name": "mine", "title": "Mine & theirs", "panels": panels}],
        "planned": {of.population: of.planned for of in shown},
    } | more


def write_tables(folder: Path, shown: list[Curve]) -> dict[str, Path]:
    """The files of some populations, by name."""
    tables = {of.population: folder / f"{of.population}.parquet" for of in shown}
    for of in shown:
        path = tables[of.population]
        write_population(of.table.assign(population=of.population), path, path.with_suffix(".csv"))
    return tables


def shown_table(shown: list[Curve]) -> pd.DataFrame:
    """The runs of some populations as the page numbers them."""
    return pd.concat([of.table.assign(label=of.label) for of in shown], ignore_index=True)


def write_page(folder: Path, shown: list[Curve] | None = None, **more) -> Path:
    """Write a page; returns its path."""
    shown = curves() if shown is None else shown
    content = page_content(settings(shown, **more), write_tables(folder, shown))
    path = folder / "explore.html"
    path.write_text(page(content, json.loads(json.dumps(library()))), encoding="utf-8")
    return path
