"""Options of the library's readers: the key at fault is named, with what was expected."""

import re
from pathlib import Path

import pytest
import yaml
from helpers.small_sources import COLOUR, of_shards, of_tree
from netspaces.data.options import complaint


@pytest.mark.parametrize(
    "settings, key, message",
    [
        ({"name": "mnist"}, "name", "dataset.name: got 'mnist', expected one of cifar10, cifar100, digits, "),
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
        (
            {"name": "npz", "file": "x", "train_images": 31},
            "train_images",
            "dataset.train_images: got 31, expected a multiple of classes, 3",
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


def test_the_documented_blocks_of_usual_datasets_are_valid():
    page = Path(__file__).parents[3] / "docs" / "how-to" / "own_data.md"
    section = page.read_text().split("\n## Usual datasets\n")[1].split("\n## ")[0]
    blocks = [yaml.safe_load(block)["dataset"] for block in re.findall("```yaml\n(.*?)```", section, re.S)]
    assert {"cifar100", "svhn", "stl10", "tiny_imagenet", "npz", "imagefolder"} == {block["name"] for block in blocks}
    assert [complaint(block) for block in blocks] == [None] * len(blocks)
