"""Readers of parquet shards and of torchvision's CIFAR-10: the same images, one line for whatever is wrong."""

import hashlib
import io
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from helpers.small_sources import (
    COLOUR,
    encoded,
    labels_of,
    of_shards,
    of_tree,
    picture,
    prepared,
    refusal,
    write_shard,
)
from netspaces.data.datasets import load
from netspaces.data.torchvision_import import import_torchvision
from PIL import Image

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture
def shards(tmp_path) -> Path:
    """Three train shards of 9 images and a test shard of 6, of 32x32 PNG images in three classes."""
    folder = tmp_path / "shards"
    for i in range(3):
        images = [encoded(picture(9 * i + j)) for j in range(9)]
        write_shard(folder / f"train-0000{i}-of-00003.parquet", images, labels_of(9))
    write_shard(folder / "test-00000-of-00001.parquet", [encoded(picture(100 + j)) for j in range(6)], labels_of(6))
    return folder


# ---- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet_shards_are_read_in_order(shards, tmp_path):
    dataset = prepared(of_shards(shards), tmp_path / "out")
    assert np.array_equal(dataset.train.images, [np.asarray(picture(i)) for i in range(27)])
    assert np.array_equal(dataset.test.images, [np.asarray(picture(100 + i)) for i in range(6)])
    assert dataset.train.labels.tolist() == labels_of(9) * 3


@pytest.mark.parametrize("layout", ["flat column", "other names", "folders", "single files", "JPEG"])
def test_other_parquet_layouts(layout, tmp_path):
    kind = "JPEG" if layout == "JPEG" else "PNG"
    images = [encoded(picture(i), kind) for i in range(6)]
    names = {"image": "img", "label": "fine"} if layout == "other names" else {}
    for split in ("train", "test"):
        file = {"folders": f"default/{split}/0000.parquet", "single files": f"{split}.parquet"}
        path = tmp_path / "in" / file.get(layout, f"data/{split}-00000-of-00001.parquet")
        write_shard(path, images, labels_of(6), layout != "flat column", **names)
    options = {f"{key}_column": value for key, value in names.items()}
    dataset = prepared(of_shards(tmp_path / "in", **options), tmp_path / "out")
    expected = [np.asarray(Image.open(io.BytesIO(image))) for image in images]
    assert np.array_equal(dataset.train.images, expected)


def test_imagenet_in_parquet_finds_its_test_images_under_validation(tmp_path):
    for split in ("train", "validation", "test"):
        images = [encoded(picture(i, (40, 30))) for i in range(6)]
        labels = [-1] * 6 if split == "test" else labels_of(6)
        write_shard(tmp_path / "in" / f"{split}-00000-of-00001.parquet", images, labels)
    settings = of_tree(tmp_path / "in", name="imagenet", source="parquet", stored_resolution=20)
    dataset = prepared(settings, tmp_path / "out")
    assert (dataset.train.images.shape, dataset.test.images.shape) == ((6, 20, 20, 3), (6, 16, 16, 3))


def replaced(row: int, image: object = None, label: object = None, shard: str = "train-00001-of-00003.parquet"):
    """A function that changes one row of a shard."""

    def change(folder: Path) -> None:
        table = pq.read_table(folder / shard).to_pydict()
        images, labels = [cell["bytes"] for cell in table["image"]], table["label"]
        images[row] = images[row] if image is None else image or None
        labels[row] = labels[row] if label is None else label or None
        write_shard(folder / shard, images, labels)

    return change


def rewritten(**names: str):
    """A function that writes the second shard with other columns."""
    return lambda folder: write_shard(
        folder / "train-00001-of-00003.parquet", [encoded(picture(0))] * 3, [0, 1, 2], **names
    )


WRONG_SHARDS = {
    "not an image": (replaced(4, b"text"), "{1}: row 4: not an image in a format that is read (JPEG"),
    "truncated": (replaced(4, encoded(picture(0), "JPEG")[:700]), "{1}: row 4: not a readable image (image file is "),
    "empty": (replaced(4, b""), "{1}: row 4: no image"),
    "size": (replaced(4, encoded(picture(0, (32, 31)))), "{1}: row 4: not a usable image (32 x 31 pixels, expected 32"),
    "mode": (replaced(4, encoded(picture(0, mode="L"))), "{1}: row 4: not a usable image (mode L, expected RGB)"),
    "label": (replaced(4, label=3), "{1}: row 4: label is 3, expected 0 to 2, there being 3 classes"),
    "negative label": (replaced(4, label=-1), "{1}: row 4: label is -1, expected 0 to 2"),
    "no label": (replaced(4, label=""), "{1}: row 4: no label"),
    "no image column": (rewritten(image="img"), "{1}: no column 'image' of encoded images; it has img, label"),
    "no label column": (rewritten(label="fine"), "{1}: no column 'label' of whole numbers; it has image, fine"),
    "missing shard": (lambda folder: (folder / "train-00001-of-00003.parquet").unlink(), "{1}: missing, expected 3 sh"),
    "damaged shard": (
        lambda folder: (folder / "train-00001-of-00003.parquet").write_bytes(b"PAR1" * 9),
        "{1}: not a readable parquet file (",
    ),
    "no test": (
        lambda folder: (folder / "test-00000-of-00001.parquet").unlink(),
        "{0}: no parquet file of the split test, such as test-00000-of-00001.parquet",
    ),
}


@pytest.mark.parametrize("spoil, message", WRONG_SHARDS.values(), ids=list(WRONG_SHARDS))
def test_wrong_shards_are_named_in_one_line(shards, tmp_path, spoil, message):
    spoil(shards)
    expected = message.format(shards, shards / "train-00001-of-00003.parquet")
    assert refusal(of_shards(shards), tmp_path / "out").startswith(expected)


def test_a_class_without_an_image_is_named(shards, tmp_path):
    for row in (2, 5):
        replaced(row, label=1, shard="test-00000-of-00001.parquet")(shards)
    message = refusal(of_shards(shards), tmp_path / "out")
    assert message == f"dataset: classes is 3, but no test image ({shards}) is of class 2"


def test_cifar10_has_32_pixels_or_a_part_of_them(shards, tmp_path):
    message = refusal(of_shards(shards, resolution=28), tmp_path / "out")
    assert message == "dataset: resolution is 28, expected one of 32, 16, 8, 4, 2, 1: cifar10 has 32 pixels"
    dataset = prepared(of_shards(shards, resolution=16), tmp_path / "out")
    whole = np.stack([np.asarray(picture(i), float) for i in range(27)])
    means = (whole[:, ::2, ::2] + whole[:, 1::2, ::2] + whole[:, ::2, 1::2] + whole[:, 1::2, 1::2]) / 4
    assert np.array_equal(dataset.train.images, np.floor(means + 0.5))


# ---- torchvision's CIFAR-10 ------------------------------------------------------------------------------------------


@pytest.fixture
def cifar(tmp_path, monkeypatch) -> Path:
    """torchvision's layout with a few images, whose checksums torchvision is told."""
    folder = tmp_path / "torchvision" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    lists = {"train_list": [], "test_list": []}
    for i, name in enumerate(["data_batch_1", "data_batch_2", "test_batch"]):
        data = np.random.default_rng(i).integers(0, 256, (6, 3072), np.uint8)
        content = pickle.dumps({"data": data, "labels": labels_of(6)})
        (folder / name).write_bytes(content)
        md5 = hashlib.md5(content).hexdigest()
        lists["test_list" if name == "test_batch" else "train_list"].append([name, md5])
    content = pickle.dumps({"label_names": ["cat", "cow", "dog"]})
    (folder / "batches.meta").write_bytes(content)
    known = {"filename": "batches.meta", "key": "label_names", "md5": hashlib.md5(content).hexdigest()}
    for key, value in {**lists, "meta": known}.items():
        monkeypatch.setattr(import_torchvision().datasets.CIFAR10, key, value)
    return folder.parent


def test_cifar10_in_torchvisions_layout(cifar, tmp_path):
    dataset = prepared({"name": "cifar10", **COLOUR, "folder": str(cifar), "download": True}, tmp_path / "out")
    with open(cifar / "cifar-10-batches-py" / "data_batch_2", "rb") as file:
        second = pickle.load(file)["data"].reshape(6, 3, 32, 32).transpose(0, 2, 3, 1)
    assert np.array_equal(dataset.train.images[6:], second)
    assert dataset.train.labels.tolist() == labels_of(6) * 2


def test_both_layouts_are_made_smaller_alike(cifar, tmp_path):
    settings = {"name": "cifar10", **COLOUR, "folder": str(cifar)}
    whole = prepared(settings, tmp_path / "whole")
    for split, images in (("train", whole.train.images), ("test", whole.test.images)):
        cells = [encoded(Image.fromarray(image)) for image in images]
        write_shard(tmp_path / "in" / f"{split}.parquet", cells, labels_of(len(cells)))
    smaller = {"resolution": 8, "train_images": 6, "test_images": 3}
    checksums = [
        prepared(source | smaller, tmp_path / "out").checksum for source in (settings, of_shards(tmp_path / "in"))
    ]
    assert checksums[0] == checksums[1] != whole.checksum


@pytest.mark.parametrize("spoil", ["missing", "damaged"])
def test_no_intact_cifar10_is_said_in_one_line(cifar, tmp_path, spoil):
    path = cifar / "cifar-10-batches-py" / "data_batch_2"
    path.unlink() if spoil == "missing" else path.write_bytes(b"not a pickle")
    message = refusal({"name": "cifar10", **COLOUR, "folder": str(cifar)}, tmp_path / "out")
    assert message.startswith(f"{cifar}: no intact CIFAR10 in torchvision's layout (download: true fetches it): ")


# ---- Killed outright -------------------------------------------------------------------------------------------------


KILLED = """
import os, signal, sys
sys.path.insert(0, {scripts!r})
from netspaces.data import images
from netspaces.data import parquet
from netspaces.data.preparation import prepare
images.BLOCK = parquet.BLOCK = 4
original, calls = images.EncodedImages.read, []
def read(self, named):
    calls.append(named)
    if len(calls) == 20:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, named)
images.EncodedImages.read = read
prepare({settings!r}, {folder!r})
"""


def test_a_preparation_that_is_killed_outright_leaves_the_dataset_of_before(shards, tmp_path):
    out = tmp_path / "out"
    whole = prepared(of_shards(shards), out)
    program = KILLED.format(scripts=str(SCRIPTS), settings=of_shards(shards), folder=str(out))
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    assert list(out.glob(".*.npy.*"))
    assert load(out).checksum == whole.checksum
    assert prepared(of_shards(shards), out).checksum == whole.checksum
    assert not list(out.glob(".*.npy.*"))
