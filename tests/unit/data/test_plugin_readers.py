"""A reader in a file of a user's: its options are checked, its dataset is prepared, and its images may be counted."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.small_sources import prepared, refusal
from netspaces.data.image_counts import ImageCounts, count_images
from netspaces.data.options import complaint
from netspaces.data.readers import READERS
from netspaces.plugins.loading import forget_plugins, load_plugins

STRIPES = """
from typing import Literal
import numpy as np
from netspaces.data.datasets import Split
from netspaces.data.reader import Reader

def read(resolution: int, classes: int, images: int, direction: Literal["up", "down"] = "up", gain: float = 1):
    labels = np.arange(images) % classes
    pixels = np.broadcast_to(labels[:, None, None, None], (images, resolution, resolution, 1)).astype(np.uint8)
    return {"train": Split(pixels, labels), "test": Split(pixels, labels)}

READER = Reader(read, lambda dataset: (dataset["images"], dataset["images"]))
"""
SETTINGS = {"name": "stripes", "resolution": 4, "channels": 1, "classes": 2, "images": 6}


@pytest.fixture
def stripes(tmp_path) -> Path:
    """A user's file, loaded for one test."""
    path = tmp_path / "stripes.py"
    path.write_text(STRIPES)
    load_plugins([path])
    yield path
    forget_plugins()


def test_its_dataset_is_prepared_like_any_other(stripes, tmp_path):
    dataset = prepared(SETTINGS, tmp_path / "out")
    assert dataset.train.images.shape == (6, 4, 4, 1) and dataset.test.labels.tolist() == [0, 1] * 3
    assert dataset.train.images[:, 0, 0, 0].tolist() == [0, 1] * 3
    assert list(READERS)[-1] == "stripes"


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ({"images": "many"}, "images", "dataset.images: got 'many', expected an integer"),
        ({"direction": "left"}, "direction", "dataset.direction: got 'left', expected one of up, down"),
        ({"gain": "loud"}, "gain", "dataset.gain: got 'loud', expected a number"),
        ({"folder": "x"}, "folder", "dataset: unknown key 'folder', expected one of name, resolution, channels, "),
        ({"images": None}, "name", "dataset: missing key 'images', which dataset stripes needs"),
    ],
)
def test_its_options_are_checked_from_its_signature(stripes, change, key, message):
    dataset = {k: value for k, value in (SETTINGS | change).items() if value is not None}
    at_fault, said = complaint(dataset)
    assert at_fault == key and said.startswith(message)
    assert complaint(SETTINGS | {"gain": 2, "direction": "down"}) is None


def test_options_of_a_type_that_yaml_does_not_have_are_left_to_the_reader(tmp_path):
    typed = STRIPES.replace("images: int", "images: list[int] | Path")
    (tmp_path / "stripes.py").write_text("from pathlib import Path\n" + typed)
    load_plugins([tmp_path / "stripes.py"])
    try:
        assert complaint(SETTINGS | {"images": "anything"}) is None
    finally:
        forget_plugins()


def test_its_images_are_counted_before_they_are_prepared_if_it_can(stripes, tmp_path):
    assert count_images(SETTINGS, tmp_path / "meta.json") == ImageCounts(6, 6)
    stripes.write_text(STRIPES.replace(', lambda dataset: (dataset["images"], dataset["images"])', ""))
    forget_plugins()
    load_plugins([stripes])
    assert not count_images(SETTINGS, tmp_path / "meta.json").known


def test_a_reader_without_a_test_split_is_refused_in_one_line(stripes, tmp_path):
    stripes.write_text(STRIPES.replace(', "test": Split(pixels, labels)', ""))
    forget_plugins()
    load_plugins([stripes])
    message = refusal(SETTINGS, tmp_path / "out")
    assert message == "dataset: the reader stripes gave the splits train, expected train and test"


def test_checking_options_imports_no_package_that_reads_images():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from netspaces.data.options import complaint; "
        "from netspaces.data.readers import READERS; list(READERS.values()); "
        "print(*{'sklearn', 'PIL', 'torchvision', 'torch', 'pyarrow', 'pandas', 'scipy'} & set(sys.modules))"
    )
    library = Path(__file__).parents[3] / "scripts"
    run = subprocess.run([sys.executable, "-c", code, str(library)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
