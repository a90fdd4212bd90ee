"""Top models: the best network is selected by the configured error and judged by trainings that did not select it."""

import json
import math
import os
import runpy
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from helpers.documentation import DICTIONARY, named, named_of_figure
from helpers.drawn_text import overlaps, texts, words
from helpers.invented import curve
from helpers.published_studies import REGIMES, TOP, final_of, sweeps, top_models
from helpers.records import make_record, write_record
from netspaces.figures import FIGURES as FIGURE_MODULES
from netspaces.figures.drawing import Drawing, save
from netspaces.figures.panels.structure import architecture_of
from netspaces.figures.style import SMALLEST
from netspaces.files.safe import DamagedFile, read_json, write_json
from netspaces.files.tables import write_parquet
from netspaces.networks.architecture import Architecture
from netspaces.populations.finals import (
    finals_table,
    kept_weights,
    mean_interval,
    read_final,
    read_selected,
    select_best,
)
from netspaces.studies.study import Study
from netspaces.tables.paper import selected_models
from netspaces.tables.style import NOTHING, markdown
from netspaces.training.records import RecordError
from statsmodels.stats.weightstats import DescrStatsW

SCRIPTS = Path(__file__).parents[3] / "scripts"
NAME = "RegNetX-base-short"


def population(**changes) -> pd.DataFrame:
    table = curve("RegNetX", n=6).table
    return table.assign(**changes)


def record_of(selected: dict, **changes) -> dict:
    record = {"architecture": selected["architecture"], "status": "finished", "seconds": 1.0, "error_min": 3.0}
    return record | {"error": 5.0, "key": os.urandom(10).hex()} | changes


# ---- Selection -------------------------------------------------------------------------------------------------------


def test_the_network_with_the_smallest_error_is_selected():
    table = population(error_min=[5.0, 3.0, np.nan, 3.0, 9.0, 4.0], error=[1.0, 8.0, np.nan, 8.0, 9.0, 2.0])
    selected = select_best(table, "error_min")
    assert (selected["index"], selected["selection_error"], selected["n"]) == (1, 3.0, 5)
    assert select_best(table, "error")["index"] == 0
    row = table.iloc[1]
    assert Architecture.from_dict(selected["architecture"]) == architecture_of(row)
    assert selected["complexity"]["flops"] == row["flops"]
    assert selected["parameters"] == {name: row[name] for name in ("w_0", "w_a", "w_m")}
    assert json.loads(json.dumps(selected)) == selected


def test_sampled_values_of_a_recipe_stay_with_the_network():
    table = population(learning_rate=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], weight_decay=1e-4)
    selected = select_best(table, "error_min", ["learning_rate"])
    assert selected["recipe"] == {"learning_rate": table.loc[selected["index"], "learning_rate"]}
    assert select_best(table, "error_min")["recipe"] == {}


def test_a_space_without_a_linear_rule_has_no_parameters_of_one():
    assert select_best(curve("AnyNetX_A", n=3).table, "error_min")["parameters"] == {}


def test_a_population_without_runs_has_no_best_network():
    with pytest.raises(ValueError, match="RegNetX-base-short: no run has an error_selected"):
        select_best(population(error_selected=np.nan), "error_selected")


# ---- Repetitions -----------------------------------------------------------------------------------------------------


def test_interval_is_students_and_within_what_errors_can_be():
    errors = [3.0, 3.4, 2.9, 3.3, 3.1]
    assert mean_interval(errors, 0.9) == pytest.approx(DescrStatsW(errors).tconfint_mean(0.1))
    assert mean_interval([1.0, 60.0], 0.95) == (0.0, 100.0)
    assert all(math.isnan(end) for end in mean_interval([3.0], 0.95))


def test_a_row_says_how_good_the_selected_network_is():
    selected = select_best(population(), "error_min")
    records = {f"{i}.json": record_of(selected, error_min=3.0 + i) for i in range(4)}
    records["4.json"] = record_of(selected, error_min=90.0, status="diverged")
    (row,) = finals_table(selected, records, 0.95).to_dict("records")
    assert (row["repetitions"], row["diverged"], row["errors"]) == (5, 1, "3;4;5;6;90")
    assert row["mean"] == pytest.approx(21.6) and row["std"] == pytest.approx(np.std([3, 4, 5, 6, 90], ddof=1))
    assert row["selection_error"] == selected["selection_error"] and row["w_m"] == selected["parameters"]["w_m"]
    assert architecture_of(pd.Series(row)) == Architecture.from_dict(selected["architecture"])
    once = finals_table(selected, {"0.json": record_of(selected)}, 0.95).iloc[0]
    assert once["mean"] == 3.0 and np.isnan(once[["std", "low", "high"]].astype(float)).all()
    assert finals_table(select_best(population(), "error"), {"0.json": record_of(selected)}, 0.95)["mean"][0] == 5.0


def test_a_record_of_another_network_is_refused():
    selected, other = (select_best(population().iloc[rows], "error_min") for rows in ([0], [1]))
    with pytest.raises(RecordError, match=r"1.json is damaged \(it is of another network"):
        finals_table(selected, {"0.json": record_of(selected), "1.json": record_of(other)}, 0.95)


def test_a_repetition_that_is_there_twice_is_refused():
    selected = select_best(population(), "error_min")
    records = {f"{i}.json": record_of(selected, key=key) for i, key in enumerate("aba")}
    with pytest.raises(RecordError, match=r"^2.json is damaged \(it is the same run as 0.json\): remove both and run"):
        finals_table(selected, records, 0.95)


def test_a_selected_network_is_of_the_population_that_its_file_names(tmp_path):
    selected = select_best(population(), "error_min")
    for name in (NAME, "AnyNetX_A-base-short"):
        write_json(tmp_path / f"{name}.json", selected)
    assert read_selected(tmp_path / f"{NAME}.json") == selected
    with pytest.raises(DamagedFile, match=f"it is of population {NAME}, expected AnyNetX_A-base-short"):
        read_selected(tmp_path / "AnyNetX_A-base-short.json")


def test_a_repetition_is_read_and_compared_with_the_store(tmp_path):
    path, store, record = tmp_path / "0.json", tmp_path / "runs", make_record()
    write_json(path, record)
    stored = write_record(store, record)
    assert read_final(path, store) == record
    write_json(path, make_record(errors=(1.0, 2.0)))
    with pytest.raises(RecordError, match=rf"^{path} is damaged \(it is not the run in {stored}\): remove it and run"):
        read_final(path, store)
    path.write_text("{")
    with pytest.raises(DamagedFile, match=r"0.json is damaged \(not JSON"):
        read_final(path, store)


def test_the_row_names_the_weights_that_are_kept_in_the_order_of_the_errors(tmp_path):
    records = [make_record(errors=(error,)) | {"key": str(i)} for i, error in enumerate([3.0, 2.0, 4.0])]
    store = tmp_path / "runs"
    assert kept_weights(records, store) == ["", "", ""]
    store.mkdir()
    for key in "02":
        (store / f"{key}.safetensors").touch()
    files = kept_weights(records, store)
    assert files == ["runs/0.safetensors", "", "runs/2.safetensors"]
    selected = select_best(population(), "error_min")
    of = {"0.json": record_of(selected)}
    assert finals_table(selected, of, 0.95, files)["weights"][0] == "runs/0.safetensors;;runs/2.safetensors"
    assert [finals_table(selected, of, 0.95, none)["weights"][0] for none in ((), ["", ""])] == ["", ""]


def test_scripts_select_a_network_and_its_columns_are_in_the_dictionary(tmp_path):
    write_parquet(tmp_path / f"{NAME}.parquet", population())
    snakemake = SimpleNamespace(
        input=[tmp_path / f"{NAME}.parquet"],
        output=[tmp_path / "selected.json"],
        log=[tmp_path / "log"],
        config={},
        params=SimpleNamespace(error="error_min", sampled=[]),
    )
    runpy.run_path(str(SCRIPTS / "select_best.py"), {"snakemake": snakemake})
    selected = read_json(tmp_path / "selected.json", "a selected network")
    assert selected == select_best(population(), "error_min")
    assert set(selected) <= named(DICTIONARY, "Top models")
    columns = set(finals_table(selected, {"0.json": record_of(selected)}, 0.95)) - set(population())
    assert columns <= named(DICTIONARY, "Top models")


# ---- Figures and the table -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn() -> Callable[..., Drawing]:
    """Draws a figure of top models, each study once."""

    @cache
    def draw(name: str, n: int, repetitions: int) -> Drawing:
        return FIGURE_MODULES[name](top_models(name, n, repetitions))

    return draw


@pytest.mark.parametrize(
    "name, n, repetitions",
    [
        *(("fig15_top_regnetx", *of) for of in [(12, 5), (12, 1), (1, 2), (12, 0), (0, 0)]),
        *(("fig16_top_regnety", *of) for of in [(12, 5), (0, 0)]),  # drawn by the same function
    ],
)
def test_structures_are_drawn_legibly_whatever_is_there(drawn, name, n, repetitions):
    drawing = drawn(name, n, repetitions)
    shown = texts(drawing)
    assert min(text.get_fontsize() for text in shown) >= SMALLEST
    assert overlaps(drawing, shown) == []
    said = " ".join(words(shown).split())
    assert f"n = {n}" in said and "minimum over epochs" in said
    assert said.count("no runs yet") == (0 if repetitions else len(REGIMES))
    assert ("5 final trainings" in said) == (repetitions == 5)


@pytest.mark.parametrize("name", TOP)
def test_published_structures_are_those_of_the_papers_tables(drawn, name):
    of, data = top_models(name), drawn(name, 12, 5).data
    published = of.published.query("family == @TOP[@name]").set_index("model")
    blocks = data.query("panel == 'published' and kind == 'block'").groupby("series", sort=False)
    assert list(blocks.groups) == list(published.index) and len(published) == 12
    for model, rows in blocks:
        widths, depths = ([int(v) for v in published.loc[model, key].split(";")] for key in ("ws", "ds"))
        assert rows["y"].tolist() == np.repeat(widths, depths).tolist()
        assert (rows["flops"] == published.loc[model, "flops"]).all()
        line = data.query("kind == 'linear' and series == @model")["y"]
        assert line.diff().dropna().to_numpy() == pytest.approx(published.loc[model, "wa"])
    assert set(data["kind"]) | set(data) <= named_of_figure(name)


def test_selected_structures_are_those_of_the_populations(drawn):
    of, data = top_models("fig15_top_regnetx"), drawn("fig15_top_regnetx", 12, 5).data
    for shown in of.panels["selected"]:
        final = of.inputs[shown.population].iloc[0]
        rows = data.query("panel == 'selected' and kind == 'block' and series == @shown.label")
        assert len(rows) == final["depth"] and (rows["error"] == final["mean"]).all()
        assert rows["y"].iloc[0] == final["width_1"] and rows["y"].iloc[-1] == final["width_4"]


def test_a_study_without_published_models_has_the_selected_ones_only(drawn):
    of = top_models("fig15_top_regnetx")
    none = Study(of.name, of.title, of.panels, inputs=of.inputs)
    drawing = FIGURE_MODULES[of.name](none)
    assert set(drawing.data["panel"]) == {"selected"}
    assert "the paper's models" not in words(texts(drawing))
    selected = drawn(of.name, 12, 5).data.query("panel == 'selected'")
    assert drawing.data["y"].tolist() == selected["y"].tolist()


def test_same_study_gives_same_bytes(drawn, tmp_path):
    name = "fig16_top_regnety"
    drawings = [drawn(name, 12, 5), FIGURE_MODULES[name](top_models(name))]
    one, other = (save(drawing, tmp_path / str(i), ["svg"]) for i, drawing in enumerate(drawings))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_selected_models_in_a_table():
    curves = sweeps("RegNetX")
    inputs = {shown.population: final_of(shown) for shown in curves[:-1]}
    panels = {"RegNetX": [*curves[:-1], replace(curves[-1], planned=20)]}
    table = selected_models.make(Study("selected_models", "Selected", panels, inputs=inputs))
    page = DICTIONARY.with_name("tables.md")
    listed = named(page, "selected_models") | named(page, "Columns of several tables")
    assert table["regime"].tolist() == REGIMES and set(table) <= listed
    first, last = table.iloc[0], table.iloc[-1]
    errors = [float(error) for error in first["errors"].split(";")]
    assert first["mean"] == pytest.approx(np.mean(errors)) and first["selection_error"] == curves[0].errors.min()
    assert first["low"] < first["mean"] < first["high"]
    assert (last["n"], last["planned"]) == (12, 20) and np.isnan(last["mean"])
    assert NOTHING in markdown(table) and "optimistic" in table.attrs["note"]
