"""Images and labels of any reader: what training could not use is refused before anything is trained."""

import numpy as np
import pytest
from helpers.plugins import bring
from helpers.small_sources import refusal
from netspaces.data.datasets import Split, load
from netspaces.data.preparation import prepare
from netspaces.data.reader import Reader

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), np.uint8)
LABELS = np.array([0, 1, 2] * 2)
SETTINGS = {"name": "tiny", "resolution": 4, "channels": 3, "classes": 3, "file": "own.npz"}


@pytest.fixture
def reads(monkeypatch):
    """A function that makes the reader of `tiny` give these images and labels in both splits, but for `changes`."""

    def give(images: np.ndarray = IMAGES, labels: np.ndarray = LABELS, **changes: Split) -> None:
        splits = {name: Split(images, labels) for name in ("train", "test")} | changes
        bring(monkeypatch, "tiny", READER=Reader(lambda file: splits))

    return give


def constant(channel: int, value: int) -> np.ndarray:
    images = IMAGES.copy()
    images[..., channel] = value
    return images


@pytest.mark.parametrize("channel, value", [(0, 7), (2, 0), (1, 255)])
def test_a_constant_channel_is_named(reads, tmp_path, channel, value):
    reads(constant(channel, value))
    assert refusal(SETTINGS, tmp_path / "out") == (
        f"dataset: channel {channel} of the training images of tiny (own.npz) is {value} in every pixel, "
        "expected pixels that differ"
    )


def test_a_channel_that_is_constant_in_test_images_only_is_accepted(reads, tmp_path):
    reads(test=Split(constant(0, 7), LABELS))
    prepare(SETTINGS, tmp_path)
    assert min(load(tmp_path).std) > 0


LABELS_OF_NO_USE = {
    "NaN": (np.array([0, 1, np.nan] * 2), "hold float64 (6,), expected whole numbers (6,), one per image"),
    "fractions": (LABELS / 2, "hold float64 (6,), expected whole numbers (6,), one per image"),
    "one-hot": (np.eye(3, dtype=int)[LABELS], "hold int64 (6, 3), expected whole numbers (6,), one per image"),
    "too few": (LABELS[:5], "hold int64 (5,), expected whole numbers (6,), one per image"),
    "text": (np.array(["cat", "cow", "dog"] * 2), "hold <U3 (6,), expected whole numbers (6,), one per image"),
}


@pytest.mark.parametrize("labels, message", LABELS_OF_NO_USE.values(), ids=list(LABELS_OF_NO_USE))
def test_labels_that_are_no_whole_numbers_are_refused(reads, tmp_path, labels, message):
    reads(test=Split(IMAGES, labels))
    assert refusal(SETTINGS, tmp_path / "out") == f"dataset: the test labels of tiny (own.npz) {message}"


def test_labels_of_a_shape_with_one_column_are_taken(reads, tmp_path):
    reads(labels=LABELS[:, None].astype(np.uint8))
    prepare(SETTINGS, tmp_path)
    assert load(tmp_path).train.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    "images, message",
    [
        (IMAGES / 255, "4 x 4 x 3 of float64, expected height x width x channels of uint8"),
        (IMAGES.astype(np.uint16), "4 x 4 x 3 of uint16, expected height x width x channels of uint8"),
        (IMAGES[..., 0], "4 x 4 of uint8, expected height x width x channels of uint8"),
    ],
    ids=["float", "16 bits", "no channel"],
)
def test_images_of_another_type_are_not_cut_to_bytes(reads, tmp_path, images, message):
    reads(test=Split(images, LABELS))
    assert refusal(SETTINGS, tmp_path / "out") == f"dataset: the test images of tiny (own.npz) are {message}"


def test_a_split_without_images_is_refused(reads, tmp_path):
    reads(test=Split(IMAGES[:0], LABELS[:0]))
    assert refusal(SETTINGS, tmp_path / "out") == "dataset: tiny (own.npz) has no test images"


def test_one_class_is_refused(reads, tmp_path):
    reads(labels=np.zeros(6, int))
    message = refusal(SETTINGS | {"classes": 1}, tmp_path / "out")
    assert message == "dataset: classes is 1, expected at least 2: one class is nothing to learn"


@pytest.mark.parametrize("fraction", [0.001, 0.9999])
def test_a_test_fraction_that_leaves_a_class_without_images_is_refused(tmp_path, fraction):
    settings = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "seed": 0, "test_fraction": fraction}
    assert refusal(settings, tmp_path / "out").startswith(f"dataset: test_fraction is {fraction}: ")
