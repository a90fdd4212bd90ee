"""Parquet shards: one complete set of them per split, or a line that says what there is."""

import os
from pathlib import Path

import pytest
from helpers.small_sources import encoded, labels_of, of_shards, of_tree, picture, prepared, refusal, write_shard
from netspaces.data.errors import DatasetError
from netspaces.data.preparation import read
from netspaces.data.shards import find_shards

SPLITS = {"train": ("train",), "test": ("val", "validation")}


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


RIGHT = {
    "numbered": ["train-00000-of-00002", "train-00001-of-00002", "val-00000-of-00001"],
    "hashes": ["train-00000-of-00001-0123456789abcdef", "validation-00000-of-00001-fedcba9876543210"],
    "single": ["train", "validation"],
    "numbers alone": ["train-0", "train-1", "val_001", "val_002"],
    "folders": ["train/0000", "train/0001", "validation/0000"],
    "names in folders": ["data/train/train-00000-of-00001", "data/val/val-00000-of-00001"],
    "one configuration": ["plain_text/train/0000", "plain_text/validation/0000"],
}


@pytest.mark.parametrize("names", RIGHT.values(), ids=list(RIGHT))
def test_a_set_of_shards_is_found_and_others_are_no_part_of_it(tmp_path, names):
    others = ["train_extra-00000-of-00001", "train-extra", "extra-00000-of-00001", "trainer", "._train", "valid"]
    touch(tmp_path, *(f"{name}.parquet" for name in (*names, *others)))
    found = find_shards(tmp_path, SPLITS)
    assert [path for shards in found.values() for path in shards] == [tmp_path / f"{name}.parquet" for name in names]


ONE = ["train-00000-of-00001", "val-00000-of-00001"]
WRONG = {
    "two snapshots": (
        [f"snapshots/{hash}/data/{name}" for hash in ("aa", "bb") for name in ONE],
        "{}: train has {}/snapshots/aa/data/train-00000-of-00001.parquet and {}/snapshots/bb/data/train-00000-of-00001",
    ),
    "two configurations": (
        ["full/train/0000", "full/val/0000", "small/train/0000", "small/val/0000"],
        "{}: train has {}/full/train/0000.parquet and {}/small/train/0000.parquet, expected one set; name its folder",
    ),
    "a split of another snapshot": (
        ["aa/train-00000-of-00001", "bb/val-00000-of-00001"],
        "{}: splits lie in {}/aa and {}/bb, expected one folder for all",
    ),
    "two uploads": (
        [*ONE, "train-00000-of-00002", "train-00001-of-00002"],
        "{}: train has {}/train-00000-of-00001.parquet and {}/train-00000-of-00002.parquet, expected one set",
    ),
    "an upload of another hash": (
        ["train-00000-of-00001-0123456789abcdef", *ONE],
        "{}/train-00000-of-00001.parquet: another shard of the same number as {}/train-00000-of-00001-0123456789abcdef",
    ),
    "both names of the test split": ([*ONE, "validation-00000-of-00001"], "{}: val has {}/val-00000-of-00001.parquet"),
    "a single file beside shards": ([*ONE, "train"], "{}: train has {}/train-00000-of-00001.parquet and {}/train.parq"),
    "incomplete": (
        ["train-00003-of-00010", "val-00000-of-00001"],
        "{}/train-00000-of-00010.parquet: missing, expected 10 shards beside train-00003-of-00010.parquet",
    ),
    "a gap": (
        ["train/0000", "train/0002", "val/0000"],
        "{}/train/0001.parquet: missing, expected 3 shards beside 0000",
    ),
    "a gap with hashes": (
        ["train-0-of-2-0123456789abcdef", "val"],
        "{}/train-1-of-2-0123456789abcdef.parquet: missing, expected 2 shards beside train-0-of-2-0123456789abcdef",
    ),
    "one too many": (["train-0-of-1", "train-1-of-1", "val"], "{}/train-1-of-1.parquet: number 1, expected 0 to 0"),
    "none": (["train_extra-00000-of-00001"], "{}: no parquet file of the split train, such as train-00000-of-00001."),
}


@pytest.mark.parametrize("names, message", WRONG.values(), ids=list(WRONG))
def test_what_is_not_one_whole_set_is_refused(tmp_path, names, message):
    touch(tmp_path, *(f"{name}.parquet" for name in names))
    with pytest.raises(DatasetError) as error:
        find_shards(tmp_path, SPLITS)
    assert str(error.value).startswith(message.replace("{}", str(tmp_path)))


def test_one_snapshot_of_a_cache_is_read_when_it_is_named(tmp_path):
    for snapshot, seed in (("aa", 0), ("bb", 10)):
        for split in ("train", "test"):
            blob = tmp_path / "blobs" / f"{snapshot}{split}"
            write_shard(blob, [encoded(picture(seed + (split == "test") + 2 * i)) for i in range(3)], labels_of(3))
            shard = tmp_path / "snapshots" / snapshot / f"{split}-00000-of-00001.parquet"
            shard.parent.mkdir(parents=True, exist_ok=True)
            shard.symlink_to(blob)
    assert "expected one set; name its folder" in refusal(of_shards(tmp_path), tmp_path / "out")
    settings = of_shards(tmp_path / "snapshots" / "bb")
    assert len(prepared(settings, tmp_path / "out").train.labels) == 3


def test_a_shard_that_is_both_training_and_test_images_is_refused(tmp_path):
    write_shard(tmp_path / "train-0.parquet", [encoded(picture(i)) for i in range(3)], labels_of(3))
    (tmp_path / "test-0.parquet").symlink_to("train-0.parquet")
    message = refusal(of_shards(tmp_path), tmp_path / "out")
    assert message == f"{tmp_path / 'test-0.parquet'}: a shard of train and of test, expected other images in each"


def test_how_many_shards_were_taken_and_left_out_is_said(tmp_path):
    for name in ("train-0-of-2", "train-1-of-2", "test-0-of-1", "train_extra-0-of-1"):
        write_shard(tmp_path / f"{name}.parquet", [encoded(picture(i)) for i in range(3)], labels_of(3))
    assert {split: opened.source for split, opened in read(of_shards(tmp_path)).items()} == {
        "train": f"2 parquet files in {tmp_path}, left out 1 others below {tmp_path}",
        "test": f"1 parquet files in {tmp_path}, left out 1 others below {tmp_path}",
    }


@pytest.mark.parametrize(
    "files, options",
    [
        (["train-00000-of-00001", "test-00000-of-00001"], {"image": "img", "label": "fine_label"}),
        (["train-00000-of-00001", "test-00000-of-00001", "extra-00000-of-00001"], {}),
        (["train-00000-of-00001-1359597a978bc4fa", "valid-00000-of-00001-70d52db3c749a935"], {}),
    ],
    ids=["CIFAR-100", "SVHN", "Tiny ImageNet"],
)
def test_layouts_of_usual_datasets_are_read_by_the_general_reader(tmp_path, files, options):
    for name in files:
        write_shard(tmp_path / f"{name}.parquet", [encoded(picture(i)) for i in range(3)], labels_of(3), **options)
    columns = {f"{key}_column": value for key, value in options.items()}
    settings = of_tree(tmp_path, source="parquet", test_split=files[1].partition("-")[0], **columns)
    assert len(prepared(settings, tmp_path / "out").train.labels) == 3


@pytest.mark.parametrize("spoil", [os.mkfifo, os.mkdir, lambda path: os.symlink("nothing", path)])
def test_a_shard_that_is_no_regular_file_is_refused(tmp_path, spoil):
    write_shard(tmp_path / "test-0.parquet", [encoded(picture(i)) for i in range(3)], labels_of(3))
    spoil(tmp_path / "train-0.parquet")
    assert refusal(of_shards(tmp_path), tmp_path / "out") == f"{tmp_path / 'train-0.parquet'}: not a regular file"
