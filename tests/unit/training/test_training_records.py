"""Training: what a record says, that runs repeat, divergence, the validation split."""

import copy
import json
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from helpers.records import edit
from helpers.small_runs import (
    ARCHITECTURE,
    COMPLEXITY,
    OTHERS,
    RECIPE,
    STEPS,
    comparable,
    make_run,
    stop_after,
    train,
    undisturbed,
    validated,
)
from netspaces.files.safe import OneLineWarning, read_json
from netspaces.networks.architecture import Architecture
from netspaces.training import run as running
from netspaces.training import train as training
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe
from netspaces.training.records import read_record
from netspaces.training.run import Run
from torch.nn import functional

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- Records ---------------------------------------------------------------------------------------------------------


def test_a_record_says_what_was_trained_how_and_how_well(tmp_path):
    record = train(tmp_path, recipe={"learning_rate": 0.4}, seed=3)
    path = tmp_path / f"{record['key']}.json"
    assert list(tmp_path.iterdir()) == [path]
    assert record == read_record(path) == read_json(path, "a run record")
    assert Architecture.from_dict(record["architecture"]) == ARCHITECTURE
    assert record["complexity"] == COMPLEXITY
    assert record["recipe"] == Recipe(**RECIPE | {"learning_rate": 0.4}).to_dict()
    assert (record["seed"], record["dataset"], record["training_version"]) == (3, "checksum", 1)
    assert (record["status"], record["diverged_in_epoch"]) == ("finished", None)
    assert [sorted(epoch) for epoch in record["epochs"]] == [["test_error", "train_error", "train_loss"]] * 3
    assert record["images_per_second"] == pytest.approx(3 * 48 / record["seconds"])
    assert 10 < record["peak_memory_mb"] < 100_000
    assert set(record["versions"]) == {"python", "torch", "numpy"}
    assert (record["threads"], record["layout"]) == (1, "channels_last")


def test_errors_are_test_errors_in_percent_and_the_minimum_is_over_epochs(tmp_path, monkeypatch):
    measured = []
    test_error = Run.test_error

    def spy(run):
        test = run.batches.test
        with torch.no_grad():
            network = copy.deepcopy(run.network).eval()
            predicted = torch.cat([network(image[None]) for image in test.images.images]).argmax(1)
        measured.append(100 * int((predicted != test.labels).sum()) / 20)
        return test_error(run)

    monkeypatch.setattr(Run, "test_error", spy)
    monkeypatch.setattr(running, "EVALUATION_BATCH", 8)  # 20 images: two whole batches and a half
    record = train(tmp_path, recipe={"epochs": 8, "learning_rate": 1.0})
    assert [epoch["test_error"] for epoch in record["epochs"]] == measured
    assert len(set(measured)) > 1
    assert (record["error"], record["error_min"]) == (measured[-1], min(measured))


def test_training_loss_and_error_are_means_over_the_images_of_an_epoch():
    run, losses, wrong = make_run(), [], []
    step = run.train_step

    def spy(images, labels, rate):
        logits = copy.deepcopy(run.network)(images).detach()
        losses.extend(functional.cross_entropy(logits, labels, reduction="none").tolist())
        wrong.extend((logits.argmax(1) != labels).tolist())
        step(images, labels, rate)

    run.train_step = spy
    run.train(lambda: False, lambda: None, 60)
    for number, epoch in enumerate(run.epochs):
        of_epoch = slice(48 * number, 48 * (number + 1))
        assert epoch["train_loss"] == pytest.approx(np.mean(losses[of_epoch]), rel=1e-5)
        assert epoch["train_error"] == pytest.approx(100 * np.mean(wrong[of_epoch]))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    first, again, other = (train(tmp_path / str(i), seed=seed) for i, seed in enumerate([1, 1, 2]))
    assert comparable(first) == comparable(again)
    assert first["epochs"] != other["epochs"]
    assert first["key"] != other["key"]


def test_networks_do_not_see_each_other(tmp_path):
    architectures = [ARCHITECTURE, *OTHERS]
    alone = {a: comparable(train(tmp_path / f"alone-{i}", a)) for i, a in enumerate(architectures)}
    for order in ([2, 0, 1], [1, 2, 0]):
        torch.manual_seed(sum(order))
        np.random.seed(order[0])
        for i in order:
            assert comparable(train(tmp_path / str(order), architectures[i])) == alone[architectures[i]]


def test_a_run_in_the_store_is_not_trained_again(tmp_path, monkeypatch):
    record = train(tmp_path)
    orphan = tmp_path / f"{record['key']}.checkpoint"
    orphan.write_bytes(b"left by a job that was killed between writing the record and removing this")
    monkeypatch.setattr(training, "Run", None)
    assert train(tmp_path) == record
    assert not orphan.exists()


def test_two_writers_of_one_run_do_no_harm(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(train, tmp_path, checkpoint_seconds=0.0) for _ in range(2)]
    assert [comparable(run.result()) for run in runs] == [undisturbed(0.0)] * 2
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_damaged_record_is_set_aside_and_its_network_is_trained_again(tmp_path):
    record = train(tmp_path)
    path = tmp_path / f"{record['key']}.json"
    edit(path, error_min=1.0)
    with pytest.warns(OneLineWarning, match=rf"^{path} is damaged .*, now {path.name}.damaged: its network is trained"):
        again = train(tmp_path)
    assert comparable(again) == comparable(record) == comparable(read_record(path))
    assert sorted(left.name for left in tmp_path.iterdir()) == [path.name, f"{path.name}.damaged"]


def test_a_record_from_before_digests_is_found_and_gets_one(tmp_path, monkeypatch):
    record = train(tmp_path)
    path = tmp_path / f"{record['key']}.json"
    path.write_text(json.dumps(record))
    monkeypatch.setattr(training, "Run", None)
    assert train(tmp_path) == record
    assert json.loads(path.read_text()).keys() - record.keys() == {"digest"}


def test_a_job_removes_what_killed_writers_of_its_run_left(tmp_path):
    key = train(tmp_path / "another")["key"]
    (tmp_path / "runs").mkdir()
    for name in (f".{key}.json.{'0' * 16}", f".{key}.checkpoint.{'1' * 16}", f".other.json.{'2' * 16}"):
        (tmp_path / "runs" / name).write_bytes(b"half of a file")
    for _ in range(2):  # trained, then found
        train(tmp_path / "runs")
        left = sorted(path.name for path in (tmp_path / "runs").iterdir())
        assert left == [f".other.json.{'2' * 16}", f"{key}.json"]
        (tmp_path / "runs" / f".{key}.json.{'3' * 16}").touch()


# ---- Recipes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"epochs": 1, "epoch": 2}, "recipe: epoch is unknown, expected one of augmentation, batch_size, "),
        ({"batch_size": 2}, "recipe: epochs is missing"),
        ({"epochs": 1, "update_rate_every": "batch"}, "update_rate_every is 'batch', expected step or epoch"),
        ({"epochs": 1, "precision": "fp16"}, "precision is 'fp16', expected fp32 or tf32 or bf16 or auto"),
        ({"epochs": 1, "augmentation": ["flip", "flap"]}, "augmentation has 'flap', expected some of colour, crop"),
    ],
)
def test_wrong_recipes_are_refused_in_one_line(wrong, message):
    with pytest.raises(ValueError, match=message) as error:
        Recipe.from_dict(wrong)
    assert "\n" not in str(error.value)


def test_equal_recipes_have_equal_keys_however_written(tmp_path):
    keys = {train(tmp_path, recipe=recipe)["key"] for recipe in ({"weight_decay": 0}, {"weight_decay": 0.0})}
    keys |= {train(tmp_path, recipe={"weight_decay": 0, "momentum": 0.9})["key"]}
    assert len(keys) == 1


# ---- Divergence ------------------------------------------------------------------------------------------------------


def test_a_diverged_run_is_a_record_with_the_error_of_guessing(tmp_path):
    record = train(tmp_path, recipe={"learning_rate": 1e6, "epochs": 5})
    assert (record["status"], record["error"], record["error_min"]) == ("diverged", 75, 75)
    assert record["diverged_in_epoch"] == len(record["epochs"]) + 1 == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def poisoned(at_step: int, what: str):
    """`train_step` that spoils the loss or the weights in the given step."""
    original = Run.train_step

    def train_step(run, images, expected, rate):
        original(run, images, expected, rate)
        if len(run.epochs) * STEPS + run.step == at_step:
            run.loss.fill_(math.nan) if what == "loss" else run.parameters[0].data.fill_(math.nan)

    return train_step


@pytest.mark.parametrize("what", ["loss", "weights"])
@pytest.mark.parametrize("step, epoch", [(STEPS + 1, 2), (2 * STEPS, 2), (3 * STEPS, 3)])
def test_divergence_is_noticed_in_its_epoch(tmp_path, monkeypatch, what, step, epoch):
    monkeypatch.setattr(Run, "train_step", poisoned(step, what))
    record = train(tmp_path)
    assert (record["status"], record["error_min"], record["diverged_in_epoch"]) == ("diverged", 75, epoch)
    assert len(record["epochs"]) == epoch - 1


def test_an_interrupted_run_diverges_all_the_same(tmp_path):
    recipe = {"learning_rate": 1e6}
    with pytest.raises(Interrupted):
        train(tmp_path / "interrupted", recipe=recipe, stopping=stop_after(3))
    resumed = train(tmp_path / "interrupted", recipe=recipe)
    assert comparable(resumed) == comparable(train(tmp_path / "undisturbed", recipe=recipe))


def infinite_at(step: int):
    """`cross_entropy` that is infinite in the given step of a run."""
    original, calls = functional.cross_entropy, iter(range(1, 10**6))
    return lambda *a, **options: original(*a, **options) * (math.inf if next(calls) == step else 1.0)


@pytest.mark.parametrize("step, epoch, in_step", [(1, 1, 1), (STEPS, 1, STEPS), (2 * STEPS + 2, 3, 2)])
def test_the_first_step_with_a_loss_that_is_not_finite_is_recorded(tmp_path, monkeypatch, step, epoch, in_step):
    monkeypatch.setattr(functional, "cross_entropy", infinite_at(step))
    record = train(tmp_path)
    assert (record["status"], record["diverged_in_epoch"], record["diverged_in_step"]) == ("diverged", epoch, in_step)


def test_the_step_of_divergence_survives_an_interruption(tmp_path, monkeypatch):
    monkeypatch.setattr(functional, "cross_entropy", infinite_at(STEPS + 2))
    with pytest.raises(Interrupted):
        train(tmp_path, stopping=stop_after(STEPS + 3))
    assert train(tmp_path)["diverged_in_step"] == 2


def test_finite_losses_of_a_network_whose_outputs_are_not_name_no_step(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "train_step", poisoned(STEPS, "weights"))
    record = train(tmp_path)
    assert (record["diverged_in_epoch"], record["diverged_in_step"]) == (1, None)


# ---- Validation ------------------------------------------------------------------------------------------------------


def test_the_selected_error_is_the_test_error_of_the_best_epoch_on_validation(tmp_path, monkeypatch):
    validation, test = iter([30.0, 10.0, 10.0]), iter([5.0, 40.0, 3.0])
    monkeypatch.setattr(Run, "error_on", lambda run, examples: next(validation if len(examples.labels) == 28 else test))
    record = train(tmp_path, dataset=validated())
    assert [epoch["validation_error"] for epoch in record["epochs"]] == [30, 10, 10]
    assert (record["error_selected"], record["error"], record["error_min"]) == (40, 3, 3)


def test_validation_changes_nothing_else(tmp_path):
    record, plain = train(tmp_path / "a", dataset=validated()), train(tmp_path / "b")
    assert record["error_selected"] in [epoch["test_error"] for epoch in plain["epochs"]]
    assert plain["error_selected"] is None
    for epoch in record["epochs"]:
        assert 0 <= epoch.pop("validation_error") <= 100
    assert record["epochs"] == plain["epochs"]


def test_a_diverged_run_has_the_error_of_guessing_on_validation_too(tmp_path):
    assert train(tmp_path, recipe={"learning_rate": 1e6}, dataset=validated())["error_selected"] == 75
