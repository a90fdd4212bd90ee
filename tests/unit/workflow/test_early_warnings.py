"""What is said early: recipes of few steps, batches beyond the data, populations whose first networks learn nothing."""

from pathlib import Path

import pytest
from helpers.configurations import CONFIG, PRESETS
from helpers.records import DIVERGED, make_record, write_record
from helpers.small_sources import write_meta
from netspaces.configuration.loading import load
from netspaces.files.safe import write_json
from netspaces.workflow.early_warnings import FirstNetworks, recipe_warnings, weights_missing
from netspaces.workflow.paths import Paths


def warned(folder: Path, **given) -> list[str]:
    return recipe_warnings(load(given, CONFIG), Paths(str(folder)))


@pytest.mark.parametrize("preset", PRESETS)
def test_of_what_ships_nothing_is_said(tmp_path, preset):
    assert warned(tmp_path, preset=preset) == []


def test_few_steps_are_one_line_for_all_recipes(tmp_path):
    recipes = {"short": {"epochs": 3}, "medium": {"epochs": 3}, "long": {"epochs": 4}}
    expected = (
        "warning: fewer than 50 steps in all: recipes short (42), medium (42); networks may not leave chance error"
    )
    assert warned(tmp_path, recipes=recipes) == [expected]


def test_a_batch_larger_than_the_data_is_one_line(tmp_path):
    lines = warned(tmp_path, recipes={"long": {"batch_size": 1000, "epochs": 60}})
    assert lines == [
        "warning: batch_size is more than the training images: recipes long (1000 of 898); an epoch is one step"
    ]


def test_numbers_of_images_that_are_not_known_yet_are_not_guessed(tmp_path):
    images = {"name": "imagefolder", "folder": "photos", "resolution": 8, "channels": 1, "classes": 10}
    assert warned(tmp_path, dataset=images) == []
    (tmp_path / "dataset").mkdir()
    write_meta(tmp_path / "dataset")  # 10 training images
    few, large = warned(tmp_path, dataset=images)
    assert few.startswith("warning: fewer than 50 steps in all: recipes short (5), ") and "short (64 of 10)" in large


@pytest.mark.parametrize("keep, runs", [("none", 0), ("finals", 1), ("all", 2)])
def test_runs_that_were_trained_before_their_weights_were_kept_are_counted(tmp_path, keep, runs):
    paths, given = Paths(str(tmp_path)), {"run_studies": ["fig15_top_regnetx"], "keep_weights": keep}
    configuration = load(given, CONFIG)
    assert weights_missing(configuration, paths) == []
    final, kept, of_a_population, lost = (make_record(seed=seed) for seed in range(4))
    for record in (final, kept, of_a_population, lost | DIVERGED):
        write_record(tmp_path / "runs", record)
    (tmp_path / "runs" / f"{kept['key']}.safetensors").touch()
    (tmp_path / "runs" / "damaged.json").write_text("{")
    for repetition, record in enumerate((final, kept)):
        write_json(tmp_path / "finals" / configuration.final_populations[0] / f"{repetition}.json", record)
    lines = weights_missing(configuration, paths)
    start = f"keep_weights: {keep}, but the weights of {runs} runs in {tmp_path}/runs were not kept"
    assert [line.startswith(start) for line in lines] == [True] * bool(runs)


def written(path: Path, *records: dict) -> Path:
    """What a job of some networks wrote."""
    write_json(path, {"networks": [{"index": i, "record": record} for i, record in enumerate(records)]})
    return path


CHANCE, LEARNED = make_record(errors=(90.0, 88.0)), make_record(errors=(90.0, 60.0))
LOST = make_record() | DIVERGED


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([LOST] * 5, "are at chance error (5 diverged, 0 learned nothing): look at images"),
        ([LOST, CHANCE, CHANCE, LOST, CHANCE], "are at chance error (2 diverged, 3 learned nothing): look at images"),
        ([LOST] * 4 + [LEARNED], None),
        ([make_record(errors=(80.0,), recipe={"target": "rotation"})] * 5, None),
    ],
)
def test_the_first_networks_are_looked_at(tmp_path, records, expected):
    first = FirstNetworks(classes=10)
    lines = [first.add("A", written(tmp_path / f"{i}.json", record)) for i, record in enumerate(records)]
    assert lines[:4] == [None] * 4
    if expected:
        assert lines[4].startswith("warning: the first 5 networks of A ") and expected in lines[4]
    else:
        assert lines[4] is None
    assert first.add("A", written(tmp_path / "more.json", LOST)) is None, "it is said once"


def test_jobs_of_many_networks_are_enough_each(tmp_path):
    path = written(tmp_path / "job.json", *[LOST] * 8)
    first = FirstNetworks(classes=10)
    assert "the first 8 networks of A" in first.add("A", path) and "of B" in first.add("B", path)


@pytest.mark.parametrize(
    ("classes", "error", "at_chance"),
    [(2, 47.0, True), (2, 40.0, False), (10, 82.0, True), (10, 75.0, False), (200, 99.2, True), (200, 95.0, False)],
)
def test_hardly_better_than_guessing_depends_on_the_number_of_classes(tmp_path, classes, error, at_chance):
    path = written(tmp_path / "job.json", *[make_record(errors=(99.5, error))] * 5)
    assert (FirstNetworks(classes).add("A", path) is not None) == at_chance


def test_what_cannot_be_read_is_left_to_who_needs_it(tmp_path):
    first = FirstNetworks(classes=10)
    (tmp_path / "bad.json").write_text("{}")
    assert first.add("A", tmp_path / "bad.json") is None and first.add("A", tmp_path / "nothing.json") is None
