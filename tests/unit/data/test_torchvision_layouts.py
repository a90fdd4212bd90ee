"""CIFAR-100, SVHN and STL-10 in torchvision's layouts: made-up files, whose digests torchvision is told."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from helpers.small_sources import labels_of, prepared, refusal
from netspaces.data.torchvision_import import import_torchvision
from scipy.io import savemat

N = 6
OF = {"channels": 3, "classes": 3}


def images_of(seed: int, side: int) -> np.ndarray:
    """Images (n, side, side, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (N, side, side, 3), np.uint8)


def digest(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


@pytest.fixture
def cifar100(tmp_path, monkeypatch) -> Path:
    """Pickles with rows of 3,072 values, channels first, and two kinds of labels."""
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for seed, name in enumerate(["train", "test"]):
        data = images_of(seed, 32).transpose(0, 3, 1, 2).reshape(N, 3072)
        content = {"data": data, "fine_labels": labels_of(N), "coarse_labels": [0] * N}
        (folder / name).write_bytes(pickle.dumps(content))
    (folder / "meta").write_bytes(pickle.dumps({"fine_label_names": ["cat", "cow", "dog"]}))
    known = {f"{name}_list": [[name, digest(folder / name)]] for name in ("train", "test")}
    meta = {"filename": "meta", "key": "fine_label_names", "md5": digest(folder / "meta")}
    for key, value in (known | {"meta": meta}).items():
        monkeypatch.setattr(import_torchvision().datasets.CIFAR100, key, value)
    return tmp_path


@pytest.fixture
def svhn(tmp_path, monkeypatch) -> Path:
    """MATLAB files: images last in X, labels (n, 1) in which the digit 0 is 10."""
    known = {}
    for seed, name in enumerate(["train", "test"]):
        path, labels = tmp_path / f"{name}_32x32.mat", np.array(labels_of(N))
        columns = {"X": images_of(seed, 32).transpose(1, 2, 3, 0), "y": np.where(labels, labels, 10)[:, None]}
        savemat(path, columns)
        known[name] = ["", path.name, digest(path)]
    monkeypatch.setattr(import_torchvision().datasets.SVHN, "split_list", known)
    return tmp_path


@pytest.fixture
def stl10(tmp_path, monkeypatch) -> Path:
    """Bytes of images, channels first and columns before rows, and labels from 1."""
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    for seed, name in enumerate(["train", "test"]):
        (folder / f"{name}_X.bin").write_bytes(images_of(seed, 96).transpose(0, 3, 2, 1).tobytes())
        (folder / f"{name}_y.bin").write_bytes(bytes(label + 1 for label in labels_of(N)))
        files = [[f"{name}_{part}.bin", digest(folder / f"{name}_{part}.bin")] for part in "Xy"]
        monkeypatch.setattr(import_torchvision().datasets.STL10, f"{name}_list", files)
    return tmp_path


@pytest.mark.parametrize(("name", "side"), [("cifar100", 32), ("svhn", 32), ("stl10", 96)])
def test_layouts_of_torchvision_are_read(name, side, request, tmp_path):
    folder = request.getfixturevalue(name)
    dataset = prepared({"name": name, "resolution": side, **OF, "folder": str(folder)}, tmp_path / "out")
    for seed, split in enumerate([dataset.train, dataset.test]):
        assert np.array_equal(split.images, images_of(seed, side))
        assert split.labels.tolist() == labels_of(N)


@pytest.mark.parametrize(
    ("name", "shown", "file"),
    [
        ("cifar100", "CIFAR100", "cifar-100-python/train"),
        ("svhn", "SVHN", "test_32x32.mat"),
        ("stl10", "STL10", "stl10_binary/train_X.bin"),
    ],
)
def test_a_damaged_file_is_one_line(name, shown, file, request, tmp_path):
    folder = request.getfixturevalue(name)
    (folder / file).write_bytes(b"other")
    message = refusal({"name": name, "resolution": 32, **OF, "folder": str(folder)}, tmp_path / "out")
    assert message.startswith(f"{folder}: no intact {shown} in torchvision's layout (download: true fetches it): ")
