"""The plan: what is to be trained and what that will cost, from the populations and the store."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import definition
from netspaces.cost.coefficients import DEFAULTS
from netspaces.cost.demands import forecast
from netspaces.cost.prediction import Predictor
from netspaces.data.datasets import Dataset, Split
from netspaces.data.image_counts import ImageCounts
from netspaces.populations.population import Population
from netspaces.training.train import train_network
from netspaces.workflow.plan import COLUMNS, Plan, keys_of, make_plan, plan_preset, runs_in, shown

DATASET = {"name": "npz", "resolution": 8, "channels": 1, "classes": 10}
PREDICTOR = Predictor("cpu", DATASET, ImageCounts(900, 300), DEFAULTS["cpu"])
RECIPE = {"epochs": 2, "batch_size": 64}
KEPT = {"keep_weights": "none", "final_repetitions": 5}


def population(space: str = "AnyNetX_A", n: int = 10, **changes) -> Population:
    regime = changes.pop("regime", {"flops": [1e5, 1e6]})
    recipe = changes.pop("recipe", RECIPE)
    return Population(f"{space}-base-short", space, definition(space), regime, recipe, n, 0, **changes)


def plan(*populations: Population, trained=(), predictor: Predictor = PREDICTOR, sizes=(1, 1)) -> Plan:
    return make_plan(populations, {"dataset": predictor}, {"dataset": "checksum"}, set(trained), *sizes)


def rows(*populations: Population, **options) -> list[dict]:
    return plan(*populations, **options).rows


@pytest.mark.parametrize(
    "dataset, images, said",
    [
        ({"stored_as": "jpeg", "stored_resolution": 256}, ImageCounts(1_281_167, 50_000), "take about 26 GB of disk"),
        ({"stored_resolution": 256}, ImageCounts(1_281_167, 50_000), "take 259 GB of disk"),
        ({"resolution": 32}, ImageCounts(45_000, 10_000, 5000), "take 184 MB of disk"),
    ],
)
def test_what_prepared_images_take_is_what_will_be_stored(dataset, images, said):
    settings = {"name": "imagenet", "resolution": 224, "channels": 3, "classes": 10} | dataset
    lines = plan(population(), predictor=replace(PREDICTOR, dataset=settings, images=images)).explanation
    assert lines[-1].endswith(said)


def test_hours_left_are_divided_by_the_gpus_that_work_at_the_same_time():
    def line(gpus: int | None, trained=()) -> list[str]:
        return replace(plan(population(), trained=trained), gpus=gpus).on_gpus

    total = plan(population()).rows[-1]
    assert line(None) == []
    for gpus, jobs, word in ((1, 1, "1 GPU"), (4, 4, "4 GPUs"), (16, 10, "10 GPUs")):  # there are ten jobs
        left, low, high = (shown(total[name] / jobs) for name in ("hours_left", "hours_left_low", "hours_left_high"))
        assert line(gpus) == [f"{word} at the same time, one job on each: {left} hours left, from {low} to {high}"]
    assert "0 hours left" in line(4, names_of(population()))[0]
    assert line(4)[0] in replace(plan(population()), gpus=4).text


def names_of(one: Population) -> list[str]:
    return keys_of(one, forecast(one.definition, one.regime, one.seed, one.n), "checksum")


def test_a_row_per_population_and_their_total():
    *parts, total = rows(population(), population("RegNetX", 7))
    assert [(row["networks"], row["to_train"], row["jobs"]) for row in parts] == [(10, 10, 10), (7, 7, 7)]
    for name in ("networks", "trained", "to_train", "jobs", "hours", "hours_left", "disk_mb"):
        assert total[name] == pytest.approx(sum(row[name] for row in parts))
    assert all(row["hours"] > 0 and row["disk_mb"] > 0 for row in parts)


def test_hours_are_those_of_the_networks_and_the_starts_of_jobs():
    known = forecast(definition("AnyNetX_A"), {"flops": [1e5, 1e6]}, 0, 10)
    seconds = PREDICTOR.seconds(known.networks, RECIPE).sum()
    start = DEFAULTS["cpu"].per_job
    assert rows(population())[0]["hours"] == pytest.approx((seconds + 10 * start) / 3600)
    assert rows(population(), sizes=(5, 2))[0]["hours"] == pytest.approx((seconds / 2 + 2 * start) / 3600)


def test_trained_networks_cost_nothing_more():
    one = population()
    names = names_of(one)
    before, after = rows(one)[0], rows(one, trained=names[:4])[0]
    assert (after["trained"], after["to_train"]) == (4, 6)
    assert 0 < after["hours_left"] < before["hours_left"] == before["hours"] == after["hours"]
    assert rows(one, trained=names)[0]["hours_left"] == 0
    assert rows(one, trained=["another"])[0]["trained"] == 0


def test_the_same_networks_in_two_populations_are_trained_once():
    first, second, total = rows(population(), replace(population(n=12), name="again"))
    assert (first["to_train"], second["to_train"]) == (10, 2)
    assert total["hours_left"] == pytest.approx(first["hours_left"] + second["hours_left"])


def test_the_hours_left_have_the_spread_of_the_prediction():
    row = rows(population())[0]
    spread = DEFAULTS["cpu"].spread
    assert row["hours_left_low"] * spread == pytest.approx(row["hours_left"]) == row["hours_left_high"] / spread


def test_a_population_that_cannot_be_sampled_is_reported():
    impossible = population(regime={"flops": [1, 2]}, n=4)
    row, other, total = rows(impossible, population("RegNetX"))
    assert "no network found" in row["note"] and row["to_train"] == 4 and row["hours"] > 0
    assert other["note"] == "" and total["networks"] == 14
    assert "no network found" in plan(impossible).text


def test_runs_go_by_the_names_that_training_gives_them(tmp_path):
    one = population(n=2, recipe={"epochs": 1, "batch_size": 4})
    known = forecast(one.definition, one.regime, one.seed, one.n)
    split = Split(np.zeros((4, 8, 8, 1), np.uint8), np.arange(4))
    data = Dataset(split, split, 10, (0.5,), (0.5,), "checksum")
    costs = {name: int(values[1]) for name, values in known.drawn.complexity.columns().items()}
    train_network(known.drawn.architectures.row(1), costs, one.recipe, one.seed, data, tmp_path)
    assert runs_in(tmp_path) == {names_of(one)[1]}
    assert rows(one, trained=runs_in(tmp_path))[0]["trained"] == 1


def test_the_file_has_every_column_and_full_rows():
    of = plan(population(), population("RegNetX"))
    read = list(csv.DictReader(io.StringIO(of.csv)))
    assert list(read[0]) == list(COLUMNS) and len(read) == 3
    assert read[-1]["population"] == "total" and read[-1]["seconds_max"] == ""
    assert float(read[0]["hours"]) == pytest.approx(of.rows[0]["hours"], rel=1e-5)


@pytest.mark.parametrize("keep, parts", [("none", (0, 0)), ("finals", (0, 3)), ("all", (1, 3))])
def test_disk_counts_the_weights_that_are_kept(tmp_path, keep, parts):
    one, other = population(), population("RegNetX", 7)
    settings = {"device": "cpu", "dataset": DATASET, "models_per_job": 5, "networks_at_once": 1}
    kept = {"keep_weights": keep, "final_repetitions": 3}
    named = {one.name: one, other.name: other}
    found = plan_preset(named, settings | kept, tmp_path, finals=[one.name])
    bare = plan_preset(named, settings | KEPT, tmp_path)
    for row, before, of, finals in zip(found.rows, bare.rows, (one, other), (parts[1], 0), strict=False):
        params = forecast(of.definition, of.regime, of.seed, of.n).networks["params"]
        weights = parts[0] * params.sum() + finals * params.max()
        assert row["disk_mb"] == pytest.approx(before["disk_mb"] + 4 * weights / 2**20)
    assert found.rows[-1]["disk_mb"] == pytest.approx(sum(row["disk_mb"] for row in found.rows[:-1]))
    assert f"the weights that are kept (keep_weights: {keep})" in found.text


ROW = {"networks": 1200, "trained": 0, "to_train": 9, "jobs": 3, "hours": 13345.026, "hours_left": 0.0}
SHOWN = Plan([{"population": "A, b", "seconds_max": 1 / 3, "note": ""} | ROW, ROW], {"dataset": PREDICTOR}, 1, 1)


def test_the_file_has_six_digits_and_empty_cells_where_a_total_makes_no_sense():
    assert SHOWN.csv.splitlines()[1:] == [
        '"A, b",1200,0,9,3,,0.333333,13345,0,,,,,',
        ",1200,0,9,3,,,13345,0,,,,,",
    ]


def test_the_terminal_has_numbers_to_the_right():
    header, first, second = SHOWN.text.splitlines()[-3:]
    assert header.startswith("population  networks  trained") and header.endswith("disk MB")
    assert first.startswith("A, b           1,200        0         9     3") and "0.333  13,345     0" in first
    assert len(second) == len(first) == header.index("left") + len("left")


def test_a_plan_of_a_preset_finds_what_is_there(tmp_path):
    settings = {"device": "cpu", "dataset": DATASET, "models_per_job": 5, "networks_at_once": 1} | KEPT
    one = population()
    before = plan_preset({one.name: one}, settings, tmp_path)
    assert before.rows[0]["trained"] == 0 and before.rows[0]["jobs"] == 2 and "assumption" in before.text
    (tmp_path / "runs").mkdir()
    known = forecast(one.definition, one.regime, one.seed, one.n)
    for key in keys_of(one, known, "dataset")[:3]:
        (tmp_path / "runs" / f"{key}.json").touch()
    assert plan_preset({one.name: one}, settings, tmp_path).rows[0]["trained"] == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [(13345.026, "13,345"), (99.96, "100.0"), (0.0123456, "0.0123"), (0.0, "0"), (7000, "7,000"), ("total", "total")],
)
def test_numbers_in_the_terminal(value, expected):
    assert shown(value) == expected


@pytest.mark.parametrize(("runs", "origin"), [(0, "shipped"), (512, "fitted to 512 runs")])
def test_what_it_rests_on_is_said(runs, origin):
    predictor = replace(PREDICTOR, coefficients=replace(DEFAULTS["cpu"], runs=runs, spread=1.5))
    text = plan(population(), predictor=predictor, sizes=(5, 2)).text
    assert origin in text and "core-hours" in text and "1.5 times" in text and "900 training" in text
    assert "assumption" not in text
    unknown = replace(predictor, device="cuda", images=ImageCounts(900, 300, known=False))
    text = Plan([], {"dataset": unknown}, 1, 1).text
    assert "assumption" in text and "GPU-hours" in text
