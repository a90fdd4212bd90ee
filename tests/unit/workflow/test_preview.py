"""Previews: what the store has now is what they draw, marked with its count; nothing that is missing is fatal."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from helpers.explored import library
from helpers.invented import study as invented_study
from matplotlib.backends.backend_agg import FigureCanvasAgg
from netspaces.configuration.loading import load as load_configuration
from netspaces.data.datasets import load
from netspaces.data.preparation import prepare
from netspaces.figures.paper import fig09_regnet
from netspaces.figures.style import HEIGHT
from netspaces.files.tables import write_parquet
from netspaces.populations.population import Population
from netspaces.spaces.sampling import sample
from netspaces.spaces.untrained import sample_untrained
from netspaces.tables.style import latex, markdown
from netspaces.tables.summaries import populations
from netspaces.training.store import run_keys
from netspaces.training.train import train_network
from netspaces.workflow.preview import Store, marked_figure, marked_table, population_so_far, preview

CONFIG = Path(__file__).parents[3] / "config"
POPULATION, OTHER = "RegNetX-base-short", "RegNetX_wm2-base-short"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SimpleNamespace:
    """A results folder with a dataset and runs of the first two of four networks of one population, none of another."""
    results = tmp_path_factory.mktemp("results")
    found = load_configuration({}, CONFIG)
    prepare(found.settings["dataset"], results / "dataset")
    dataset = load(results / "dataset")
    populations = {
        f"{space}-base-short": Population(
            name=f"{space}-base-short",
            space=space,
            definition=found.spaces[space],
            regime={"flops": [1e5, 2e5]},
            recipe={"epochs": 1},
            n=4,
            seed=0,
            repeat=1,
        )
        for space in ("RegNetX", "RegNetX_wm2")
    }
    drawn = sample(found.spaces["RegNetX"], {"flops": [1e5, 2e5]}, 0, range(4))
    records = [
        train_network(
            drawn.architectures.row(row),
            {name: int(values[row]) for name, values in drawn.complexity.columns().items()},
            {"epochs": 1},
            1,
            dataset,
            results / "runs",
        )
        for row in (0, 1)
    ]
    return SimpleNamespace(
        results=results, populations=populations, drawn=drawn, records=records, checksum=dataset.checksum
    )


def study(module: str, *names: str, **more) -> dict:
    """What a rule tells the preview of a study."""
    curves = [
        {"space": n.split("-")[0], "label": n, "population": n, "regime": "base", "recipe": "short"} for n in names
    ]
    kind, _, entry = module.partition("s.")
    told = {
        "name": "mine",
        "kind": kind,
        "module": entry,
        "title": "Mine",
        "panels": {"spaces": curves},
        "definitions": {},
    }
    told |= {
        "planned": dict.fromkeys(names, 4),
        "preset": {"regimes": {"base": {}}, "recipes": {"short": {"epochs": 1}}},
    }
    told |= {"statistics": {"error": "error_min", "level": 0.95, "margin": 1.0, "resamples": 100, "seed": 0}}
    return {"study": told, "published": [], "inputs": {}} | more


# ---- Runs ------------------------------------------------------------------------------------------------------------


def test_keys_are_those_that_training_uses(run):
    keys = run_keys(run.drawn, {"epochs": 1}, 1, run.checksum)
    assert keys[:2] == [record["key"] for record in run.records] and len(set(keys)) == 4
    assert run_keys(run.drawn, {"epochs": 2}, 1, run.checksum)[0] != keys[0]


def test_a_population_so_far_has_its_runs_and_its_missing_ones(run):
    store = Store.at(run.results)
    table = population_so_far(run.populations[POPULATION], store)
    assert table["status"].tolist() == ["finished", "finished", "missing", "missing"]
    assert table["error_min"].tolist()[:2] == [record["error_min"] for record in run.records]
    none = population_so_far(run.populations[OTHER], store)
    assert (none["status"] == "missing").all() and list(none) == list(table)


def test_runs_of_another_training_version_do_not_count(run, monkeypatch):
    monkeypatch.setattr("netspaces.training.store.TRAINING_VERSION", 2)
    table = population_so_far(run.populations[POPULATION], Store.at(run.results))
    assert (table["status"] == "missing").all()


def test_without_a_dataset_there_are_no_runs(run, tmp_path):
    store = Store.at(tmp_path)
    assert store.dataset is None
    assert (population_so_far(run.populations[POPULATION], store)["status"] == "missing").all()


def test_a_damaged_record_counts_as_missing(run, tmp_path, capsys):
    store = Store(tmp_path, run.checksum)
    (tmp_path / "abc.json").write_text("{")
    assert store.record("abc") is None and store.record("none") is None
    assert "left out: " in capsys.readouterr().out


# ---- Studies ---------------------------------------------------------------------------------------------------------


def test_studies_are_drawn_with_their_counts_or_listed_with_a_reason(run):
    studies = {
        "mine": study("figures.error_distributions", POPULATION, OTHER),
        "mine_table": study("tables.populations", POPULATION),
        "later": study("figures.error_distributions", POPULATION, inputs={"times": str(run.results / "times.csv")}),
        "broken": study("figures.fig09_regnet", POPULATION),
        "impossible": study("figures.error_distributions", "AnyNetX_A-base-short"),
    }
    impossible = replace(run.populations[POPULATION], regime={"flops": [1, 2]})
    populations = run.populations | {"AnyNetX_A-base-short": impossible}
    made = preview(run.results, populations, {}, studies).set_index("study")
    assert made["drawn"].tolist()[:2] == ["yes", "yes"]
    assert made.loc["mine", ["runs", "planned"]].tolist() == [2, 8]
    assert made.loc["later", "drawn"] == f"not drawn: {run.results}/times.csv has not been made yet"
    assert made.loc["broken", "drawn"].startswith("not drawn: ")
    assert "flops above 2" in made.loc["impossible", "drawn"]
    folder = run.results / "preview"
    figure = pd.read_csv(folder / "figures" / "mine.csv")
    assert (figure["preview"] == "PREVIEW: 2 of 8 runs").all()
    assert "PREVIEW: 2 of 4 runs" in (folder / "tables" / "mine_table.md").read_text()
    assert "not drawn" in (folder / "preview.md").read_text()
    assert len(pd.read_csv(folder / "populations" / f"{POPULATION}.csv")) == 4


def test_studies_share_the_predictions_that_they_name(run, tmp_path, monkeypatch):
    fits = []
    monkeypatch.setattr("netspaces.studies.regression.fitted", lambda study: fits.append(study.name) or {})
    found = run.populations[POPULATION]
    untrained = {POPULATION: str(tmp_path / "untrained.parquet")}
    columns = sample_untrained(found.definition, found.regime, found.seed, 4, 8)
    write_parquet(untrained[POPULATION], pd.DataFrame(columns))
    table = study("tables.regression_estimates", POPULATION, untrained=untrained, predictions="all")
    told = study("tables.regression_estimates", POPULATION)["study"] | {"name": "all"}
    told["panels"] = {"all": told["panels"]["spaces"]}
    predictions = {"all": {"study": told, "untrained": untrained}}
    for given, expected in ((predictions, ["all"]), ({}, ["all", "mine", "mine"])):
        made = preview(run.results, run.populations, {}, {"one": table, "two": table}, predictions=given)
        assert made["drawn"].tolist() == ["yes", "yes"] and fits == expected
    lacking = {"all": {"study": told | {"panels": {"all": [{"population": "none"}]}}, "untrained": untrained}}
    made = preview(run.results, run.populations, {}, {"one": table}, predictions=lacking)
    assert made["drawn"].tolist() == ["yes"] and fits[3:] == ["mine"]


def test_the_page_to_explore_is_written_with_its_counts_and_says_what_it_lacks(run, monkeypatch):
    monkeypatch.setattr("netspaces.workflow.preview.compiled", library)  # which compiles once
    curves = [{"label": name, "population": name, "regime": "base", "recipe": "short"} for name in run.populations]
    told = {"title": "All", "preset": "digits", "statistics": {"error": "error_min", "level": 0.95}}
    told |= {"studies": [{"name": "mine", "title": "Mine", "panels": {"spaces": curves}}]}
    told |= {"planned": dict.fromkeys(run.populations, 4), "datasets": {}}
    made = preview(run.results, run.populations, {}, {}, told).set_index("study")
    assert made.loc["explore", ["runs", "planned", "drawn"]].tolist() == [2, 8, "yes"]
    page = (run.results / "preview" / "explore.html").read_text()
    assert '<p id="mark">PREVIEW: 2 of 8 runs</p>' in page
    impossible = {OTHER: replace(run.populations[OTHER], regime={"flops": [1, 2]})}
    made = preview(run.results, run.populations | impossible, {}, {}, told).set_index("study")
    assert made.loc["explore", ["runs", "planned"]].tolist() == [2, 4]
    assert made.loc["explore", "drawn"].startswith(f"yes, but without {OTHER}: ")


def test_a_marked_figure_has_a_strip_above_what_it_had():
    drawing = fig09_regnet.draw(invented_study("fig09_regnet"))
    before = [ax.get_position().height * drawing.figure.get_figheight() for ax in drawing.figure.axes]
    marked = marked_figure(drawing, "PREVIEW: 1 of 2 runs")
    after = [ax.get_position().height * marked.figure.get_figheight() for ax in marked.figure.axes]
    assert after == pytest.approx(before) and min(after) > HEIGHT / 2
    (mark,) = [text for text in marked.figure.texts if text.get_text().startswith("PREVIEW")]
    renderer = FigureCanvasAgg(marked.figure).get_renderer()
    box = mark.get_window_extent(renderer)
    assert not any(box.overlaps(ax.get_tightbbox(renderer)) for ax in marked.figure.axes)
    others = [text for text in marked.figure.texts if text is not mark]
    assert others and not any(box.overlaps(text.get_window_extent(renderer)) for text in others)


def test_a_marked_table_says_so_in_every_format():
    table = marked_table(populations.make(invented_study("fig09_regnet")), "PREVIEW: 1 of 2 runs")
    assert "PREVIEW: 1 of 2 runs" in markdown(table) and "PREVIEW: 1 of 2 runs" in latex(table)
    assert (table["preview"] == "PREVIEW: 1 of 2 runs").all()
