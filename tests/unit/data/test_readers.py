"""Readers of folders of images and of arrays: whatever is wrong is said in one line."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from helpers.small_sources import labels_of, of_tree, picture, prepared, refusal
from netspaces.data.preparation import prepare, read
from netspaces.data.torchvision_import import import_torchvision
from PIL import Image


@pytest.fixture
def tree(tmp_path) -> Path:
    """Image files of several sizes, formats and modes, in the layout train/CLASS, val/CLASS."""
    sizes, modes = [(40, 30), (30, 40), (24, 24), (25, 61)], ["RGB", "L"]
    for split, n in (("train", 12), ("val", 6)):
        for i, label in enumerate(labels_of(n)):
            name = f"{split}/{'cat cow dog'.split()[label]}/{i:02d}.{'png' if i % 2 else 'JPEG'}"
            (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
            picture(i, sizes[i % 4], modes[i % 3 == 0]).save(tmp_path / "tree" / name)
    return tmp_path / "tree"


# ---- Folders of images -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
def test_images_in_folders_are_resized_and_cropped_as_torchvision_does(tree, tmp_path, channels):
    settings = of_tree(tree, channels=channels, stored_resolution=20)
    dataset = prepared(settings, tmp_path / "out")
    transforms = import_torchvision().transforms
    for split, part, side in (("train", dataset.train, 20), ("val", dataset.test, 16)):
        files = sorted((tree / split).rglob("*.*"))
        pil = [Image.open(file).convert("RGB" if channels == 3 else "L") for file in files]
        fit = transforms.Compose([transforms.Resize(20), transforms.CenterCrop(side)])
        expected = np.stack([np.asarray(fit(image)).reshape(side, side, channels) for image in pil])
        assert np.array_equal(part.images, expected)
        assert part.labels.tolist() == ["cat cow dog".split().index(file.parent.name) for file in files]


def test_validation_images_are_cut_like_test_images(tree, tmp_path):
    whole = prepared(of_tree(tree, stored_resolution=20), tmp_path / "whole")
    cut = prepared(of_tree(tree, stored_resolution=20, validation_fraction=0.25), tmp_path / "cut")
    assert (cut.train.images.shape, cut.validation.images.shape) == ((9, 20, 20, 3), (3, 16, 16, 3))
    assert sorted(cut.validation.labels) == [0, 1, 2]
    crops = {image.tobytes() for image in whole.train.images[:, 2:18, 2:18]}
    assert {image.tobytes() for image in cut.validation.images} < crops


def test_the_number_of_threads_changes_nothing(tree, tmp_path):
    checksums = {prepared(of_tree(tree), tmp_path / str(threads), threads).checksum for threads in (1, 2, 5)}
    assert len(checksums) == 1


def test_a_test_split_of_another_name(tree, tmp_path):
    (tree / "val").rename(tree / "test")
    assert refusal(of_tree(tree), tmp_path / "out") == f"{tree / 'val'}: no such folder"
    assert len(prepared(of_tree(tree, test_split="test"), tmp_path / "out").test.labels) == 6


WRONG_TREES = {
    "not an image": (lambda t: (t / "val/dog/02.JPEG").write_bytes(b"text"), "{}/val/dog/02.JPEG: not an image in a"),
    "empty": (lambda t: (t / "val/dog/02.JPEG").write_bytes(b""), "{}/val/dog/02.JPEG: an empty file"),
    "truncated JPEG": (
        lambda t: (t / "train/dog/02.JPEG").write_bytes((t / "train/dog/02.JPEG").read_bytes()[:800]),
        "{}/train/dog/02.JPEG: not a readable image (",
    ),
    "truncated PNG": (
        lambda t: (t / "train/dog/05.png").write_bytes((t / "train/dog/05.png").read_bytes()[:800]),
        "{}/train/dog/05.png: not a ",
    ),
    "no split": (lambda t: (t / "train").rename(t / "training"), "{}/train: no such folder"),
    "no class": (lambda t: (t / "val/dog").rename(t / "dog"), "{}/val: 2 folders, one per class, expected classes: 3"),
    "empty class": (lambda t: [f.unlink() for f in (t / "val/dog").iterdir()], "{}/val/dog: no image, expected"),
    "class renamed": (lambda t: (t / "val/dog").rename(t / "val/god"), "{}: class 'dog' has a folder in only one of"),
}


@pytest.mark.parametrize("spoil, message", WRONG_TREES.values(), ids=list(WRONG_TREES))
def test_wrong_folders_and_images_are_named_in_one_line(tree, tmp_path, spoil, message):
    spoil(tree)
    assert refusal(of_tree(tree), tmp_path / "out").startswith(message.format(tree))


# ---- Arrays ----------------------------------------------------------------------------------------------------------


def arrays(**changes) -> dict[str, np.ndarray]:
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 5, 2), np.uint8)
    labels = np.array(labels_of(6), np.uint8)
    return {f"{s}_{k}": v for s in ("train", "test") for k, v in (("images", images), ("labels", labels))} | changes


def test_arrays_in_an_npz_file(tmp_path):
    settings = {"name": "npz", "file": str(tmp_path / "own.npz"), "resolution": 5, "channels": 2, "classes": 3}
    np.savez(tmp_path / "own.npz", **arrays())
    dataset = prepared(settings, tmp_path / "out")
    assert np.array_equal(dataset.train.images, arrays()["train_images"])
    assert dataset.test.labels.tolist() == labels_of(6)
    grey = {f"{split}_images": arrays()[f"{split}_images"][..., 0] for split in ("train", "test")}
    np.savez(tmp_path / "own.npz", **arrays(**grey))
    assert prepared(settings | {"channels": 1}, tmp_path / "out").train.images.shape == (6, 5, 5, 1)


def test_labels_in_a_column_are_one_per_image(tmp_path):
    settings = {"name": "npz", "file": str(tmp_path / "own.npz"), "resolution": 5, "channels": 2, "classes": 3}
    np.savez(tmp_path / "own.npz", **arrays(test_labels=np.array(labels_of(6), np.uint8)[:, None]))
    assert prepared(settings, tmp_path / "out").test.labels.tolist() == labels_of(6)


def test_medmnist_is_read_as_it_is_published(tmp_path):
    labels, rng = np.array(labels_of(6), np.uint8)[:, None], np.random.default_rng(0)
    content = {f"{split}_labels": labels for split in ("train", "val", "test")}
    content |= {f"{split}_images": rng.integers(0, 256, (6, 28, 28), np.uint8) for split in ("train", "val", "test")}
    np.savez(tmp_path / "pneumoniamnist.npz", **content)
    settings = {"name": "npz", "file": str(tmp_path / "pneumoniamnist.npz"), "resolution": 28, "channels": 1}
    dataset = prepared(settings | {"classes": 3}, tmp_path / "out")
    assert np.array_equal(dataset.train.images[..., 0], content["train_images"])
    assert dataset.test.labels.tolist() == labels_of(6)
    np.savez(tmp_path / "pneumoniamnist.npz", **content | {"train_labels": np.zeros((6, 14), np.uint8)})
    assert "train_labels holds uint8 (6, 14), expected whole" in refusal(settings | {"classes": 3}, tmp_path / "none")


def test_arrays_that_are_not_needed_are_not_read(tmp_path):
    settings = {"name": "npz", "file": str(tmp_path / "own.npz"), "resolution": 5, "channels": 2, "classes": 3}
    np.savez(tmp_path / "own.npz", **arrays(), others=np.array([{}]), val_images=np.zeros((2, 2)))
    assert len(prepared(settings, tmp_path / "out").test.labels) == 6
    assert read(settings)["train"].source == f"{tmp_path / 'own.npz'}, left out 2 other arrays"


WRONG_ARRAYS = {
    "no array": ({"test_labels": None}, "no array 'test_labels'; it has train_images, train_labels, test_images"),
    "floats": ({"train_images": np.zeros((6, 5, 5, 2))}, "train_images holds float64 (6, 5, 5, 2), expected uint8 (n"),
    "NaN": ({"train_images": np.full((6, 5, 5, 2), np.nan, "f4")}, "train_images holds float32 (6, 5, 5, 2), expected"),
    "16 bits": ({"test_images": np.zeros((6, 5, 5, 2), "u2")}, "test_images holds uint16 (6, 5, 5, 2), expected uint8"),
    "truth": ({"test_images": np.zeros((6, 5, 5, 2), bool)}, "test_images holds bool (6, 5, 5, 2), expected uint8"),
    "NaN labels": ({"test_labels": np.full(6, np.nan)}, "test_labels holds float64 (6,), expected whole numbers (6,)"),
    "flat": ({"train_images": np.zeros((6, 50), np.uint8)}, "train_images holds uint8 (6, 50), expected uint8 (n, hei"),
    "labels": ({"test_labels": np.zeros(5, int)}, "test_labels holds int64 (5,), expected whole numbers (6,), one per"),
    "one-hot": ({"test_labels": np.zeros((6, 3), int)}, "test_labels holds int64 (6, 3), expected whole numbers (6,)"),
    "objects": ({"test_labels": np.array([{}] * 6)}, "not an .npz file of arrays ("),
}


@pytest.mark.parametrize("changes, message", WRONG_ARRAYS.values(), ids=list(WRONG_ARRAYS))
def test_wrong_arrays_are_named_in_one_line(tmp_path, changes, message):
    path = tmp_path / "own.npz"
    np.savez(path, **{key: value for key, value in arrays(**changes).items() if value is not None})
    settings = {"name": "npz", "file": str(path), "resolution": 5, "channels": 2, "classes": 3}
    assert refusal(settings, tmp_path / "out").startswith(f"{path}: {message}")


@pytest.mark.parametrize("content, message", [(None, "no such file"), (b"text", "not an .npz file of arrays (")])
def test_a_wrong_npz_file_is_named(tmp_path, content, message):
    path = tmp_path / "own.npz"
    if content:
        path.write_bytes(content)
    settings = {"name": "npz", "file": str(path), "resolution": 5, "channels": 2, "classes": 3}
    assert refusal(settings, tmp_path / "out").startswith(f"{path}: {message}")


def test_meta_says_what_is_stored(tree, tmp_path):
    prepare(of_tree(tree, stored_resolution=20, validation_fraction=0.25), tmp_path)
    meta = json.loads((tmp_path / "meta.json").read_text())
    stated = {key: meta[key] for key in ("resolution", "stored_resolution", "train", "validation", "test")}
    assert stated == {"resolution": 16, "stored_resolution": 20, "train": 9, "validation": 3, "test": 6}


def test_an_npz_file_that_is_a_pipe_or_a_folder_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    for path in (tmp_path / "pipe.npz", tmp_path):
        settings = {"name": "npz", "file": str(path), "resolution": 5, "channels": 2, "classes": 3}
        assert refusal(settings, tmp_path / "out") == f"{path}: not a regular file"
