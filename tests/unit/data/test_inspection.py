"""A look at images of which nothing is known: reader, options, numbers, sizes, channels."""

from pathlib import Path

import numpy as np
import pytest
from helpers.small_sources import encoded, labels_of, picture, write_shard
from netspaces.data.errors import DatasetError
from netspaces.data.inspection import look_at
from PIL import Image


def classes_in(folder: Path, n: int, size: tuple[int, int] = (20, 30), mode: str = "RGB") -> Path:
    """Images of three classes."""
    for i, label in enumerate(labels_of(n)):
        path = folder / "cat cow dog".split()[label] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(i, size, mode).save(path)
    return folder


def refused(place: Path, is_file: bool = False) -> str:
    with pytest.raises(DatasetError) as error:
        look_at(str(place), is_file)
    return str(error.value)


def test_folders_of_classes_are_to_be_divided(tmp_path):
    found = look_at(str(classes_in(tmp_path, 30)), is_file=False)
    assert found.dataset == {"name": "imagefolder", "folder": str(tmp_path), "test_fraction": 0.2, "seed": 0}
    assert (found.train, found.per_class, found.test) == (24, [8, 8, 8], 6)
    assert (set(found.sides), found.channels, found.fixed) == ({20}, 3, False)


@pytest.mark.parametrize("name", ["val", "validation", "valid", "test"])
def test_a_test_split_is_found(tmp_path, name):
    classes_in(tmp_path / "train", 9)
    classes_in(tmp_path / name, 6)
    found = look_at(str(tmp_path), is_file=False)
    assert found.dataset.get("test_split", "val") == name and "test_fraction" not in found.dataset
    assert (found.train, found.test) == (9, 6)


def test_training_images_without_a_test_split_are_to_be_divided(tmp_path):
    classes_in(tmp_path / "train", 15)
    found = look_at(str(tmp_path), is_file=False)
    assert found.dataset["folder"] == str(tmp_path / "train") and (found.train, found.test) == (12, 3)


def test_grey_images_are_known_whatever_their_mode(tmp_path):
    assert look_at(str(classes_in(tmp_path / "grey", 15, mode="L")), is_file=False).channels == 1
    classes_in(tmp_path / "grey as colour", 15, mode="L")
    for path in (tmp_path / "grey as colour").rglob("*.png"):
        Image.open(path).convert("RGB").save(path)
    assert look_at(str(tmp_path / "grey as colour"), is_file=False).channels == 1
    picture(0).save(tmp_path / "grey" / "dog" / "99.png")
    assert look_at(str(tmp_path / "grey"), is_file=False).channels == 3


def test_images_all_over_the_classes_are_looked_at(tmp_path):
    classes_in(tmp_path, 300, (8, 8))
    for path in (tmp_path / "dog").iterdir():
        picture(0, (16, 24)).save(path)
    assert set(look_at(str(tmp_path), is_file=False).sides) == {8, 16}


def test_an_npz_file(tmp_path):
    labels, path = np.array(labels_of(6), np.uint8)[:, None], tmp_path / "own.npz"
    images = np.zeros((6, 28, 28), np.uint8)
    np.savez(path, train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    found = look_at(str(path), is_file=True)
    assert found.dataset == {"name": "npz", "file": str(path)}
    assert (found.train, found.test, found.sides, found.channels, found.fixed) == (6, 6, [28], 1, True)
    wide = images[:, :20]
    np.savez(path, train_images=wide, train_labels=labels, test_images=wide, test_labels=labels)
    assert refused(path, is_file=True) == f"{path}: the images are 20 x 28, expected squares"


def test_parquet_files(tmp_path):
    for name in ("train-0-of-1", "test-0-of-1"):
        names = {"image": "img", "label": "fine_label"}
        write_shard(tmp_path / f"{name}.parquet", [encoded(picture(i)) for i in range(6)], labels_of(6), **names)
    found = look_at(str(tmp_path), is_file=False)
    options = {"test_split": "test", "image_column": "img", "label_column": "fine_label"}
    assert found.dataset == {"name": "imagefolder", "source": "parquet", "folder": str(tmp_path)} | options
    assert (found.per_class, found.test, set(found.sides)) == ([2, 2, 2], 6, {32})


def test_parquet_files_without_a_test_split_are_refused(tmp_path):
    write_shard(tmp_path / "train-0-of-1.parquet", [encoded(picture(0))], [0])
    assert (
        refused(tmp_path) == f"{tmp_path}: parquet files of no test split, expected one of val, validation, valid, test"
    )


def test_parquet_columns_that_may_both_hold_labels_are_refused(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = {"image": [encoded(picture(0))], "fine": [0], "coarse": [0]}
    for name in ("train", "test"):
        pq.write_table(pa.table(content), tmp_path / f"{name}.parquet")
    expected = "columns of whole numbers: fine, coarse; expected one, or 'label'"
    assert refused(tmp_path) == f"{tmp_path / 'train.parquet'}: {expected}"


def test_tiny_imagenet_is_known_by_its_annotations(tmp_path):
    classes_in(tmp_path / "train", 6)
    (tmp_path / "val" / "images").mkdir(parents=True)
    picture(0).save(tmp_path / "val" / "images" / "0.png")
    (tmp_path / "val" / "val_annotations.txt").write_text("0.png\tcow\t0\n")
    found = look_at(str(tmp_path), is_file=False)
    assert (found.dataset["name"], found.train, found.test) == ("tiny_imagenet", 6, 1)


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, Path.touch], ids=["nothing", "empty folder", "file"])
def test_what_is_no_folder_of_images_is_one_line(tmp_path, make):
    make(tmp_path / "photos")
    message = refused(tmp_path / "photos")
    assert message.startswith(f"{tmp_path / 'photos'}") and "\n" not in message and len(message.splitlines()) == 1


def test_damaged_images_are_named(tmp_path):
    classes_in(tmp_path, 15)
    broken = tmp_path / "cat" / "00.png"
    broken.write_bytes(broken.read_bytes()[:200])
    messages = {refused(tmp_path)}
    assert all(str(broken) in message for message in messages)
