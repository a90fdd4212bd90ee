"""Training without labels: by how many quarter turns an image was rotated is what a network learns to tell."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers.small_runs import (
    ARCHITECTURE,
    DATASET,
    RECIPE,
    STEPS,
    comparable,
    examples,
    make_run,
    step_on,
    stop_after,
    train,
    validated,
)
from netspaces.data.datasets import Split
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run
from netspaces.training.targets.rotation import turned

pytestmark = pytest.mark.usefixtures("one_thread")

ROTATION = {"target": "rotation"}


def test_images_are_turned_each_by_its_number():
    images, turns = torch.rand(9, 3, 5, 5), torch.arange(9) % 4
    found = turned(images.contiguous(memory_format=torch.channels_last), turns)
    assert found.is_contiguous(memory_format=torch.channels_last)
    for image, turn, expected in zip(images.numpy(), turns.tolist(), found, strict=True):
        assert np.array_equal(expected, np.rot90(image, turn, (1, 2)))


@pytest.mark.parametrize("augmentation", [[], ["crop", "flip"]])
def test_a_network_sees_turned_images_and_learns_the_turns(augmentation):
    run, plain = (make_run(augmentation=augmentation, target=target) for target in ("rotation", "labels"))
    images, turns = examples(run, torch.arange(50))
    assert torch.equal(images, turned(examples(plain, torch.arange(50))[0], turns))
    assert sorted(set(turns.tolist())) == [0, 1, 2, 3]
    assert run.network.head.weight.shape[0] == 4


def test_turns_belong_to_seed_epoch_and_image():
    run = make_run(**ROTATION)
    images, turns = examples(run, torch.arange(50))
    rows = torch.tensor([31, 4, 17])
    assert torch.equal(examples(run, rows)[0], images[rows]) and torch.equal(examples(run, rows)[1], turns[rows])
    run.epochs.append({})
    assert not torch.equal(examples(run, torch.arange(50))[1], turns)
    other = Run(ARCHITECTURE, Recipe.from_dict(RECIPE | ROTATION), 1, DATASET)
    assert not torch.equal(examples(other, torch.arange(50))[1], turns)


def test_labels_have_no_say(tmp_path):
    unlabelled = replace(validated(), classes=2)
    parts = {name: getattr(unlabelled, name) for name in ("train", "validation", "test")}
    parts = {name: Split(split.images, np.zeros_like(split.labels)) for name, split in parts.items()}
    with_labels = train(tmp_path / "a", recipe=ROTATION, dataset=validated())
    assert comparable(train(tmp_path / "b", recipe=ROTATION, dataset=replace(unlabelled, **parts))) == comparable(
        with_labels
    )
    assert with_labels["recipe"]["target"] == "rotation"
    assert 0 <= with_labels["epochs"][0]["validation_error"] <= 100


def test_every_test_image_counts_in_all_four_rotations():
    run = make_run(**ROTATION, learning_rate=0.5)
    for step in range(STEPS):
        step_on(run, torch.arange(12) + 12 * step)
    network = copy.deepcopy(run.network).eval()
    images = run.batches.test.images.images
    with torch.no_grad():
        wrong = [int((network(images.rot90(turn, (2, 3))).argmax(1) != turn).sum()) for turn in range(4)]
    assert run.test_error() == 100 * sum(wrong) / 80
    assert len(set(wrong)) > 1


def test_guessing_errs_in_three_of_four_cases(tmp_path):
    many_classes = replace(DATASET, classes=10)
    record = train(tmp_path, recipe=ROTATION | {"learning_rate": 1e6}, dataset=many_classes)
    assert (record["status"], record["error"]) == ("diverged", 75)


def test_a_network_learns_to_tell_rotations(tmp_path):
    images = np.zeros((60, 6, 6, 1), np.uint8)
    images[:, :3] = np.random.default_rng(0).integers(100, 255, (60, 3, 6, 1))  # bright above, dark below
    split = Split(images, np.zeros(60, np.int64))
    dataset = replace(DATASET, train=split, test=split, mean=(0.35,), std=(0.35,))
    assert train(tmp_path, recipe=ROTATION | {"epochs": 8}, dataset=dataset)["error"] < 10


@pytest.mark.parametrize("stop", [1, STEPS + 2])
def test_a_run_that_is_resumed_ends_in_the_same_bytes(tmp_path, stop):
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=ROTATION, stopping=stop_after(stop))
    assert comparable(train(tmp_path / "a", recipe=ROTATION)) == comparable(train(tmp_path / "b", recipe=ROTATION))


def test_images_that_are_not_square_are_refused():
    split = Split(DATASET.train.images[:, :4], DATASET.train.labels)
    with pytest.raises(ValueError, match="recipe: target is rotation, expected square images, not 4 x 6"):
        Run(ARCHITECTURE, Recipe.from_dict(RECIPE | ROTATION), 0, replace(DATASET, train=split))


def test_another_target_is_refused():
    with pytest.raises(ValueError, match="recipe: target is 'jigsaw', expected labels or rotation"):
        Recipe(epochs=1, target="jigsaw")
