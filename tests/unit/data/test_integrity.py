"""Digests of datasets: whatever bit changes, the file is named, or the block is not one that a job reads."""

import hashlib
import json
import os
from functools import partial

import numpy as np
import pytest
from helpers.plugins import bring
from netspaces.data import integrity
from netspaces.data.datasets import Split, load
from netspaces.data.errors import DatasetError
from netspaces.data.integrity import BlockDigests, check_dataset
from netspaces.data.preparation import prepare
from netspaces.data.reader import Reader
from netspaces.files.safe import write_json

SETTINGS = {"name": "tiny", "resolution": 4, "channels": 3, "classes": 3}


@pytest.fixture(params=["uint8", "jpeg"])
def folder(tmp_path, monkeypatch, request):
    """A prepared dataset of 60 + 60 images whose files have several blocks of 64 bytes."""
    monkeypatch.setattr(integrity, "BLOCK", 64)
    images = np.random.default_rng(0).integers(0, 256, (60, 4, 4, 3), np.uint8)
    splits = {name: Split(images, np.arange(60) % 3) for name in ("train", "test")}
    bring(monkeypatch, "tiny", READER=Reader(lambda: splits))
    prepare(SETTINGS | {"stored_as": request.param}, tmp_path)
    return tmp_path


def test_blocks_have_the_digests_of_their_bytes_however_these_come(monkeypatch):
    monkeypatch.setattr(integrity, "BLOCK", 10)
    content = bytes(range(37))
    expected = [hashlib.sha256(content[i : i + 10]).hexdigest()[:16] for i in range(0, 37, 10)]
    for pieces in ([37], [1] * 37, [10, 10, 17], [3, 0, 34], [20, 17]):
        digests, ends = BlockDigests(), np.cumsum(pieces)
        for start, end in zip((0, *ends), ends, strict=False):
            digests.update(memoryview(content)[start:end])
        assert digests.result() == expected


def test_every_bit_counts_when_a_dataset_is_checked_whole(folder):
    assert check_dataset(folder) == sum(path.stat().st_size for path in folder.glob("*_*"))
    rng = np.random.default_rng(0)
    for path in sorted(folder.glob("*_*")):
        whole = path.read_bytes()
        for place in rng.choice(len(whole), 20):
            content = bytearray(whole)
            content[place] ^= 1 << rng.integers(8)
            path.write_bytes(content)
            with pytest.raises(DatasetError, match="is damaged") as error:
                check_dataset(folder)
            assert str(error.value).startswith(f"{path} is damaged (the block at byte {place // 64 * 64:,} is not what")
        path.write_bytes(whole)
    check_dataset(folder)


def test_no_bit_of_meta_can_change(folder):
    path = folder / "meta.json"
    whole, meta = path.read_bytes(), json.loads(path.read_bytes())
    for place in np.random.default_rng(0).choice(len(whole), 200):
        content = bytearray(whole)
        content[place] ^= 1 << (place % 8)
        path.write_bytes(content)
        try:
            check_dataset(folder)
        except DatasetError as error:
            assert str(error).startswith(f"{path}") and "\n" not in str(error)
        else:
            assert json.loads(content) == meta, "only white space may differ"


def test_a_job_samples_blocks_of_large_files_and_many_jobs_check_all(folder, monkeypatch):
    monkeypatch.setattr(integrity, "WHOLE_BLOCKS", 9)
    assert check_dataset(folder, whole=False) < check_dataset(folder)
    path = sorted(folder.glob("train_images.*"))[0]
    content = bytearray(path.read_bytes())
    content[-len(content) // 2] ^= 1
    path.write_bytes(content)
    for _ in range(5000):
        try:
            check_dataset(folder, whole=False)
        except DatasetError:
            return
    raise AssertionError("no job came upon the damaged block")


@pytest.mark.parametrize("length", [-64, -1, 1, 64])
def test_a_file_of_another_length_is_found_whatever_is_sampled(folder, monkeypatch, length):
    monkeypatch.setattr(integrity, "WHOLE_BLOCKS", 9)
    path = sorted(folder.glob("train_images.*"))[0]
    content = path.read_bytes()
    path.write_bytes(content[:length] if length < 0 else content + bytes(length))
    with pytest.raises(DatasetError, match=f"{path} is damaged"):
        check_dataset(folder, whole=False)


@pytest.mark.parametrize("wrong", ["a pipe", "a folder", "a link to itself"])
def test_what_is_no_regular_file_is_named_and_a_pipe_is_not_waited_for(folder, wrong):
    for path in sorted(folder.glob("*_*")):
        content = path.read_bytes()
        path.unlink()
        {"a pipe": os.mkfifo, "a folder": os.mkdir, "a link to itself": lambda path: path.symlink_to(path)}[wrong](path)
        for read in (load, check_dataset, partial(check_dataset, whole=False)):
            with pytest.raises(DatasetError) as error:
                read(folder)
            assert str(error.value).startswith(f"{path} is damaged (") and "\n" not in str(error.value)
        path.rmdir() if wrong == "a folder" else path.unlink()
        path.write_bytes(content)
    check_dataset(folder)


def test_a_missing_file_is_named(folder):
    (folder / "test_labels.npy").unlink()
    with pytest.raises(DatasetError, match="test_labels.npy: missing, expected a prepared dataset"):
        check_dataset(folder)


def test_a_dataset_of_the_format_before_stays_valid_and_is_checked_too(folder, monkeypatch):
    meta = json.loads((folder / "meta.json").read_text())
    former = {key: value for key, value in meta.items() if key not in ("blocks", "settings", "code", "digest")}
    (folder / "meta.json").write_text(json.dumps(former | {"format": 3}, indent=1))
    assert load(folder).checksum == meta["checksum"]
    labels = folder / "train_labels.npy"
    content = bytearray(labels.read_bytes())
    content[-8] ^= 1
    labels.write_bytes(content)
    with pytest.raises(DatasetError, match="train_labels.npy is damaged"):
        load(folder)
    monkeypatch.setattr(integrity, "WHOLE_BLOCKS", 0)
    load(folder)  # too large for a job
    with pytest.raises(DatasetError, match="train_labels.npy is damaged"):
        check_dataset(folder)
    write_json(folder / "meta.json", former | {"format": 3, "files": {}})
    with pytest.raises(DatasetError, match="its checksum is not that of its files"):
        load(folder)
