"""The published models: one architecture per row, however the file was read, and what their times become as CSV."""

import csv
import io
from dataclasses import fields

import pandas as pd
import pytest
from helpers.strategies import PUBLISHED, published
from netspaces.networks.widths import regnet
from netspaces.published.models import published_architecture, read_models
from netspaces.published.times import times_table
from netspaces.published.timing import Timing

MODELS = published()
ROWS = read_models(PUBLISHED)


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("RegNet")])
def test_the_stages_of_a_regnet_are_those_of_its_parameters(name):
    row = ROWS[name]
    linear = (int(row["depth"]), int(row["w0"]), float(row["wa"]), float(row["wm"]))
    ours = regnet(*linear, int(row["group_w"]), float(row["se_ratio"]))
    assert published_architecture(row) == ours


def test_a_row_as_pandas_reads_it_gives_the_same_architecture():
    extended = pd.concat([pd.read_csv(PUBLISHED), pd.DataFrame({"model": ["other"]})])  # whole numbers become floats
    rows = {row["model"]: row for row in extended.to_dict("records")}
    assert {name: published_architecture(rows[name]) for name in MODELS} == {
        name: model.architecture for name, model in MODELS.items()
    }


def test_times_are_whole_where_they_are_and_empty_where_nothing_was_timed():
    timing = Timing(1.5, 1.25, 1.75, 10 / 3, 3.0, 3.5, 4, 2, 1, 2, "Processor, of a kind (AVX)")
    text = times_table([{"model": "A"} | timing.columns(), {"model": "B"}]).to_csv(index=False)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {"model": "A"} | {name: str(value) for name, value in timing.columns().items()}
    assert rows[1] == {"model": "B"} | {field.name: "" for field in fields(Timing)}
