"""Numbers of images: those of a prepared dataset, and before that those which it will have."""

import numpy as np
import pytest
from helpers.small_sources import encoded, labels_of, of_shards, of_tree, picture, write_shard
from netspaces.data.datasets import load
from netspaces.data.image_counts import ImageCounts, count_images
from netspaces.data.preparation import prepare

DIGITS = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5, "seed": 0}


def test_known_datasets_are_known_before_they_are_prepared(tmp_path):
    meta = tmp_path / "meta.json"
    assert count_images({"name": "imagenet"}, meta) == ImageCounts(1_281_167, 50_000)
    assert count_images({"name": "cifar10", "validation_fraction": 0.1}, meta) == ImageCounts(45_000, 10_000, 5000)
    part = {"name": "cifar10", "train_images": 1000, "test_images": 200, "validation_fraction": 0.1}
    assert count_images(part, meta) == ImageCounts(900, 200, 100)
    unknown = {"name": "npz", "file": str(tmp_path / "none.npz"), "train_images": 1000}
    assert not count_images(unknown, meta).known
    assert count_images(unknown | {"test_images": 200}, meta) == ImageCounts(1000, 200)


def tree(folder, images: int) -> None:
    """A folder of three classes, with so many images each and something else."""
    for label in range(3):
        (folder / str(label)).mkdir(parents=True)
        (folder / str(label) / "notes.txt").write_text("no image")
        for number in range(images):
            picture(number, (8, 8)).save(folder / str(label) / f"{number}.png")


def sources(folder) -> dict[str, dict]:
    """Datasets of files: a folder that is divided, one that is not, parquet files, an .npz file."""
    tree(folder / "divided" / "train", 5)
    tree(folder / "divided" / "test", 2)
    tree(folder / "whole", 7)
    for split, n in (("train", 9), ("test", 6)):
        write_shard(folder / "parquet" / f"{split}.parquet", [encoded(picture(i)) for i in range(n)], labels_of(n))
    images = {
        f"{split}_images": np.arange(n * 16, dtype=np.uint8).reshape(n, 4, 4)
        for split, n in (("train", 9), ("test", 6))
    }
    labels = {f"{split}_labels": np.array(labels_of(n))[:, None] for split, n in (("train", 9), ("test", 6))}
    np.savez(folder / "own.npz", **images, **labels)
    return {
        "divided": of_tree(folder / "divided", test_split="test"),
        "whole": of_tree(folder / "whole", test_fraction=0.3, seed=0),
        "parquet": of_shards(folder / "parquet", test_split="test") | {"name": "imagefolder"},
        "npz": {"name": "npz", "file": str(folder / "own.npz"), "resolution": 4, "channels": 1, "classes": 3},
    }


@pytest.mark.parametrize(
    ("name", "counts"), [("divided", (15, 6)), ("whole", (14, 7)), ("parquet", (9, 6)), ("npz", (9, 6))]
)
def test_files_are_counted_before_they_are_read(tmp_path, name, counts):
    settings = sources(tmp_path)[name]
    before = count_images(settings, tmp_path / "out" / "meta.json")
    assert before == ImageCounts(*counts)
    prepare(settings, tmp_path / "out")
    assert count_images(settings, tmp_path / "out" / "meta.json") == before


@pytest.mark.parametrize("name, place", [("npz", {"file": "gone.npz"}), ("imagefolder", {"folder": "gone"})])
def test_a_source_that_is_not_there_is_not_counted(tmp_path, name, place):
    declared = {"name": name, "classes": 2} | {key: str(tmp_path / value) for key, value in place.items()}
    assert not count_images(declared, tmp_path / "meta.json").known


@pytest.mark.parametrize("name", ["digits", "photographs"])
@pytest.mark.parametrize("fractions", [{"test_fraction": 0.5}, {"test_fraction": 0.3, "validation_fraction": 0.13}])
def test_counts_before_a_preparation_are_those_after_it(tmp_path, name, fractions):
    settings = DIGITS | {"name": name} | fractions
    before = count_images(settings, tmp_path / "meta.json")
    prepare(settings, tmp_path)
    assert count_images(settings, tmp_path / "meta.json") == before
    dataset = load(tmp_path)
    assert (before.train, before.test) == (len(dataset.train.labels), len(dataset.test.labels))


def test_a_prepared_dataset_says_how_many_images_it_has(tmp_path):
    prepare(DIGITS | {"validation_fraction": 0.1}, tmp_path)
    assert count_images({"name": "npz"}, tmp_path / "meta.json") == ImageCounts(808, 899, 90)
