"""Readers: each source gives the same images and labels, and whatever is wrong with one is said in one line."""

import hashlib
import io
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from netspaces.datasets import DatasetError, load
from netspaces.images import Fitted
from netspaces.preparation import prepare
from netspaces.readers import complaint
from netspaces.torchvision_compat import import_torchvision
from PIL import Image

SCRIPTS = Path(__file__).parents[2] / "scripts"
COLOUR = {"resolution": 32, "channels": 3, "classes": 3}


def picture(seed: int, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> Image.Image:
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, np.uint8))


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def labels_of(n: int, classes: int = 3) -> list[int]:
    return [i % classes for i in range(n)]


def write_shard(path: Path, images: list, labels: list, nested: bool = True, **names: str) -> None:
    cells = [{"bytes": image, "path": None} for image in images] if nested else images
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {names.get("image", "image"): cells, names.get("label", "label"): labels}
    pq.write_table(pa.table(columns), path, row_group_size=4)


@pytest.fixture
def shards(tmp_path) -> Path:
    """Three train shards of 9 images and a test shard of 6, of 32x32 PNG images in three classes."""
    folder = tmp_path / "shards"
    for i in range(3):
        images = [encoded(picture(9 * i + j)) for j in range(9)]
        write_shard(folder / f"train-0000{i}-of-00003.parquet", images, labels_of(9))
    write_shard(folder / "test-00000-of-00001.parquet", [encoded(picture(100 + j)) for j in range(6)], labels_of(6))
    return folder


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


def of_shards(folder: Path, **options) -> dict:
    return {"name": "cifar10", **COLOUR, "source": "parquet", "folder": str(folder), **options}


def of_tree(folder: Path, **options) -> dict:
    return {"name": "imagefolder", **COLOUR, "resolution": 16, "folder": str(folder), **options}


def prepared(settings: dict, folder: Path, threads: int = 2):
    prepare(settings, folder, threads)
    return load(folder)


def refusal(settings: dict, folder: Path) -> str:
    """The one line with which a preparation is refused; it leaves nothing behind."""
    with pytest.raises(DatasetError) as error:
        prepare(settings, folder, 2)
    assert "\n" not in str(error.value)
    assert not folder.exists() or list(folder.iterdir()) == []
    return str(error.value)


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
    "not an image": (replaced(4, b"text"), "{1}: row 4: not an image in a format that Pillow reads"),
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


def test_cifar10_has_one_resolution(shards, tmp_path):
    message = refusal(of_shards(shards, resolution=28), tmp_path / "out")
    assert message.startswith(f"dataset: resolution is 28, expected 32: the train images of cifar10 ({shards}) are")


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


@pytest.mark.parametrize("spoil", ["missing", "damaged"])
def test_no_intact_cifar10_is_said_in_one_line(cifar, tmp_path, spoil):
    path = cifar / "cifar-10-batches-py" / "data_batch_2"
    path.unlink() if spoil == "missing" else path.write_bytes(b"not a pickle")
    message = refusal({"name": "cifar10", **COLOUR, "folder": str(cifar)}, tmp_path / "out")
    assert message.startswith(f"{cifar}: no intact CIFAR-10 in torchvision's layout (download: true fetches it): ")


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


def test_sixteen_bits_are_refused():
    with pytest.raises(ValueError, match="mode I;16, expected 8 bits per channel"):
        Fitted(8, 8, 1)(Image.fromarray(np.zeros((8, 8), np.uint16)))


WRONG_TREES = {
    "not an image": (lambda t: (t / "val/dog/02.JPEG").write_bytes(b"text"), "{}/val/dog/02.JPEG: not an image in a"),
    "empty": (lambda t: (t / "val/dog/02.JPEG").write_bytes(b""), "{}/val/dog/02.JPEG: not an image in a format"),
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
    "empty class": (lambda t: [f.unlink() for f in (t / "val/dog").iterdir()], "{}/val: Found no valid file for the "),
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
    grey = {f"{split}_images": np.zeros((6, 5, 5), np.uint8) for split in ("train", "test")}
    np.savez(tmp_path / "own.npz", **arrays(**grey))
    assert prepared(settings | {"channels": 1}, tmp_path / "out").train.images.shape == (6, 5, 5, 1)


WRONG_ARRAYS = {
    "no array": ({"test_labels": None}, "no array 'test_labels'; it has train_images, train_labels, test_images"),
    "floats": ({"train_images": np.zeros((6, 5, 5, 2))}, "train_images holds float64 (6, 5, 5, 2), expected uint8 (n"),
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


# ---- Killed outright -------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
sys.path.insert(0, {scripts!r})
from netspaces import images, parquet
from netspaces.preparation import prepare
images.BLOCK = parquet.BLOCK = 4
original, calls = images.EncodedImages.decode, []
def decode(self, named):
    calls.append(named)
    if len(calls) == 20:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, named)
images.EncodedImages.decode = decode
prepare({settings!r}, {folder!r})
"""


def test_a_preparation_that_is_killed_outright_leaves_no_dataset(shards, tmp_path):
    out = tmp_path / "out"
    whole = prepared(of_shards(shards), out)
    program = KILLED.format(scripts=str(SCRIPTS), settings=of_shards(shards), folder=str(out))
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    assert list(out.glob(".*.npy.*"))
    with pytest.raises(DatasetError, match="meta.json: missing"):
        load(out)
    assert prepared(of_shards(shards), out).checksum == whole.checksum
    assert not list(out.glob(".*.npy.*"))


def test_meta_says_what_is_stored(tree, tmp_path):
    prepare(of_tree(tree, stored_resolution=20, validation_fraction=0.25), tmp_path)
    meta = json.loads((tmp_path / "meta.json").read_text())
    stated = {key: meta[key] for key in ("resolution", "stored_resolution", "train", "validation", "test")}
    assert stated == {"resolution": 16, "stored_resolution": 20, "train": 9, "validation": 3, "test": 6}


# ---- Options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings, key, message",
    [
        ({"name": "mnist"}, "name", "dataset.name: got 'mnist', expected one of digits, cifar10, imagefolder, "),
        ({"name": "npz", "path": "x"}, "path", "dataset: unknown key 'path', expected one of name, "),
        ({"name": "npz"}, "name", "dataset: missing key 'file', which dataset npz needs"),
        ({"name": "npz", "file": 3}, "file", "dataset.file: got 3, expected text"),
        ({"name": "cifar10", "folder": "x", "source": "zip"}, "source", "dataset.source: got 'zip', expected one of t"),
        ({"name": "cifar10", "folder": "x", "download": 1}, "download", "dataset.download: got 1, expected true or f"),
        (
            {"name": "imagenet", "folder": "x", "stored_resolution": 2.5},
            "stored_resolution",
            "dataset.stored_resolution: got 2.5, expected an integer",
        ),
        (
            {"name": "imagenet", "folder": "x", "stored_resolution": 31},
            "stored_resolution",
            "dataset.stored_resolution: got 31, expected at least resolution, 32",
        ),
        ({"name": "imagenet", "folder": "x", "channels": 2}, "channels", "dataset.channels: got 2, expected 1 or 3"),
        (
            {"name": "npz", "file": "x", "stored_as": "jpeg", "channels": 2},
            "channels",
            "dataset.channels: got 2, expected 1 or 3",
        ),
        ({"name": "digits", "test_fraction": 1, "seed": 0}, "test_fraction", "dataset.test_fraction: got 1, expected"),
    ],
)
def test_wrong_options_are_named_with_their_key(settings, key, message):
    found = complaint(COLOUR | settings)
    assert found[0] == key and found[1].startswith(message)


def test_right_options_are_not_complained_about():
    for settings in (of_tree(Path("x"), stored_resolution=None), of_shards(Path("x"), validation_fraction=0.1)):
        assert complaint(settings) is None
