"""Previews: figures and tables from whatever runs the store has now, while others are still being trained.

Nothing is trained and nothing waited for: networks are sampled again, which is cheap, and their runs looked up by key.
What is drawn says in large type on how many runs of how many it rests.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path

import pandas as pd

from netspaces.data.errors import DatasetError
from netspaces.data.meta import checksum_of
from netspaces.explorer.charts import compiled
from netspaces.explorer.content import page_content
from netspaces.explorer.page import read_charts, write_page
from netspaces.figures import FIGURES
from netspaces.figures.drawing import Drawing
from netspaces.figures.drawing import save as save_figure
from netspaces.figures.style import RED, house_style
from netspaces.files.safe import write_text
from netspaces.files.tables import write_parquet
from netspaces.populations.imported import read_population
from netspaces.populations.population import Population
from netspaces.populations.table import architecture_keys, with_runs, write_population
from netspaces.spaces.sampling import sample
from netspaces.studies.regression import predictions_of
from netspaces.studies.study import Study, explained, load_study
from netspaces.tables.making import make_table
from netspaces.tables.style import Column, markdown, present
from netspaces.tables.style import save as save_table
from netspaces.training.records import RecordError, read_record
from netspaces.training.store import run_keys

STRIP = 0.25  # inches above a figure, for the mark
SIZE = 10  # points
COLUMNS = {
    "study": Column("name of the study", "study"),
    "runs": Column("runs that are there", "runs", "integer"),
    "planned": Column("runs that are planned", "planned", "integer"),
    "drawn": Column("whether it was drawn, or why not", "drawn"),
}


@dataclass(frozen=True)
class Store:
    """Where runs are, and what their keys are made of beside networks and recipes."""

    folder: Path
    dataset: str | None  # checksum; None if no dataset has been prepared, and so nothing trained

    @classmethod
    def at(cls, results: str | Path, dataset: str = "dataset") -> "Store":
        """The store of a results folder, for runs on one of the preset's datasets."""
        results = Path(results)
        try:
            checksum = checksum_of(results / dataset)
        except DatasetError as error:
            print(f"no runs: {error}")
            checksum = None
        return cls(results / "runs", checksum)

    def record(self, key: str) -> dict | None:
        """The record of a run, None if there is none (yet); a damaged one counts as none, and the log names it."""
        try:
            return read_record(self.folder / f"{key}.json")
        except FileNotFoundError:
            return None
        except RecordError as error:
            print(f"left out: {error}")
            return None


def population_so_far(population: Population, store: Store) -> pd.DataFrame:
    """The table of a population as it would be collected now."""
    drawn = sample(population.definition, population.regime, population.seed, range(population.n))
    table = pd.DataFrame(drawn.columns())
    table["architecture"] = architecture_keys(table)
    if store.dataset is None:
        return with_runs(population.name, table, {})
    keys = run_keys(drawn, population.recipe, population.training_seed, store.dataset)
    records = {int(index): store.record(key) for index, key in zip(drawn.indices, keys, strict=True)}
    return with_runs(population.name, table, {index: record for index, record in records.items() if record is not None})


def preview(
    results: str | Path,
    populations: Mapping[str, Population],
    imported: Mapping[str, Mapping],
    studies: Mapping[str, Mapping],
    explore: Mapping | None = None,
    predictions: Mapping[str, Mapping] | None = None,
) -> pd.DataFrame:
    """Draw all studies that can be drawn into `results`/preview; returns a row per study, also of those that cannot.

    Parameters
    ----------
    results : the preset's folder of results.
    populations : our own by name.
    imported : what is declared of those of others, by name.
    studies : by name, what `load_study` needs: study, published, inputs, untrained (of which it takes what is there),
        and the name of the predictions that it shares with others.
    explore : what the page to explore is told (`ExplorePage.params`); None for no page.
    predictions : by name, the study (of all populations that errors are predicted from) and its untrained networks.
    """
    folder, store_at = Path(results) / "preview", cache(partial(Store.at, results))
    makers: dict[str, Callable[[], pd.DataFrame]] = {}
    for name, population in populations.items():
        makers[name] = partial(_table_of, population, store_at)
    for name, declared in imported.items():
        makers[name] = partial(read_population, name, declared)
    tables, faults = _write_tables(makers, folder / "populations")
    shared = _predict(predictions or {}, tables, folder / "predictions")
    rows = [_preview_study(name, given, tables, faults, shared, folder) for name, given in studies.items()]
    if explore is not None:
        rows.append(_preview_page(explore, tables, faults, Path(results)))
    overview = present(pd.DataFrame(rows), "Preview", "From the runs that were there when it was made.", COLUMNS)
    write_text(folder / "preview.md", markdown(overview))
    return overview


def _table_of(population: Population, store_at: Callable[[str], Store]) -> pd.DataFrame:
    return population_so_far(population, store_at(population.dataset))


def _write_tables(
    makers: Mapping[str, Callable[[], pd.DataFrame]], folder: Path
) -> tuple[dict[str, Path], dict[str, str]]:
    """The files of populations that could be made, and what is wrong with the others, by name."""
    tables, faults = {}, {}
    for name, make in makers.items():
        try:
            table = make()
        except (ValueError, OSError) as error:
            faults[name] = f"{name}: {error}"
            continue
        tables[name] = folder / f"{name}.parquet"
        write_population(table, tables[name], tables[name].with_suffix(".csv"))
    return tables, faults


def _predict(told: Mapping[str, Mapping], tables: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Files of the predicted errors that studies share, by name; without those that cannot be made now.

    A study whose predictions are not there predicts from its own populations.
    """
    made = {}
    for name, given in told.items():
        try:
            own = {curve["population"]: tables[curve["population"]] for curve in given["study"]["panels"]["all"]}
            study = load_study(given["study"], own, untrained=_there(given["untrained"]))
            write_parquet(folder / f"{name}.parquet", predictions_of(study))
        except Exception:  # as for studies, which say what is wrong
            traceback.print_exc()
            continue
        made[name] = folder / f"{name}.parquet"
    return made


def _there(untrained: Mapping[str, str]) -> dict[str, str]:
    """The files of untrained networks that have been made, by population."""
    return {name: path for name, path in untrained.items() if Path(path).exists()}


def _preview_study(
    name: str,
    given: Mapping,
    tables: Mapping[str, Path],
    faults: Mapping[str, str],
    shared: Mapping[str, Path],
    folder: Path,
) -> dict:
    """Draw one study; a row that says on how many runs, or why not."""
    panels = given["study"]["panels"]
    used = dict.fromkeys(curve["population"] for curves in panels.values() for curve in curves)
    row = {"study": name, "runs": 0, "planned": 0}
    try:
        for population in used:
            if population in faults:
                raise ValueError(faults[population])
        if missing := [path for path in given["inputs"].values() if not Path(path).exists()]:
            raise ValueError(f"{missing[0]} has not been made yet")
        own = {population: tables[population] for population in used}
        predicted, untrained = shared.get(given.get("predictions", ""), ""), _there(given.get("untrained", {}))
        study = load_study(given["study"], own, given["published"], given["inputs"], untrained, predicted)
        runs, planned = sum(len(curve.table) for curve in study.curves), sum(curve.planned for curve in study.curves)
        row |= {"runs": runs, "planned": planned}
        mark = f"PREVIEW: {runs:,} of {planned:,} runs"
        _draw(study, given["study"], mark, folder / f"{given['study']['kind']}s" / name)
    except Exception as error:  # whatever is wrong with one study must not cost the others
        traceback.print_exc()
        return row | {"drawn": f"not drawn: {error or type(error).__name__}".splitlines()[0]}
    return row | {"drawn": "yes"}


def _preview_page(told: Mapping, tables: Mapping[str, Path], faults: Mapping[str, str], results: Path) -> dict:
    """Write the page to explore what is there; a row that says on how many runs, or why it was not written."""
    row = {"study": "explore", "runs": 0, "planned": sum(told["planned"].values())}
    named = dict.fromkeys(
        curve["population"] for study in told["studies"] for curve in chain(*study["panels"].values())
    )
    whole = [_without(study, faults) for study in told["studies"]]
    there = {name: tables[name] for name in named if name in tables}
    try:
        content = page_content({**told, "studies": whole}, there, results / "runs")
        counts = [(population["n"], population["planned"]) for population in content["populations"]]
        row |= {"runs": sum(n for n, _ in counts), "planned": sum(planned for _, planned in counts)}
        content["mark"] = f"PREVIEW: {row['runs']:,} of {row['planned']:,} runs"
        charts = results / "explore" / "charts.json"
        write_page(
            content, read_charts(charts) if charts.exists() else compiled(), results / "preview" / "explore.html"
        )
    except Exception as error:  # as for studies
        traceback.print_exc()
        return row | {"drawn": f"not drawn: {error or type(error).__name__}".splitlines()[0]}
    lacking = [faults[name] for name in named if name in faults]
    return row | {"drawn": f"yes, but without {'; '.join(lacking)}" if lacking else "yes"}


def _without(study: Mapping, faults: Mapping[str, str]) -> dict:
    """A study without the curves of populations that could not be made."""
    panels = study["panels"].items()
    return {
        **study,
        "panels": {panel: [c for c in curves if c["population"] not in faults] for panel, curves in panels},
    }


def _draw(study: Study, params: Mapping, mark: str, stem: Path) -> None:
    """Draw a study with a mark; `params` are those of its rule, `stem` the names of its files without their ends."""
    name = params["module"]
    if params["kind"] == "table":
        save_table(marked_table(make_table(name, study), mark), stem)
    else:
        drawing = explained(FIGURES[name], study, FIGURES.literal(name, "WANTS"))
        save_figure(marked_figure(drawing, mark), stem)


def marked_table(table: pd.DataFrame, mark: str) -> pd.DataFrame:
    """The table with a mark before its title and, in the CSV, in a column of its own."""
    attributes = table.attrs | {"caption": f"{mark}. {table.attrs.get('caption', '')}".strip()}
    attributes["headers"] = attributes.get("headers") or {name: name for name in table}
    marked = table.assign(preview=mark)
    marked.attrs = attributes
    return marked


def marked_figure(drawing: Drawing, mark: str) -> Drawing:
    """The drawing with a mark in a strip of its own above it, and in a column of its data."""
    figure = drawing.figure
    width, height = figure.get_size_inches()
    share = height / (height + STRIP)
    with house_style():
        figure.set_size_inches(width, height + STRIP)
        for ax in figure.axes:
            if ax.get_axes_locator() is None:  # an inset moves with the axes that it is in
                x, y, w, h = ax.get_position().bounds
                ax.set_position((x, y * share, w, h * share))
        for text in figure.texts:
            text.set_y(text.get_position()[1] * share)
        figure.text(0.01, 1 - 0.05 / (height + STRIP), mark, color=RED, weight="bold", fontsize=SIZE, va="top")
    return Drawing(figure, drawing.data.assign(preview=mark))
