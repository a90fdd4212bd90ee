"""Numbers of images: those of a prepared dataset, and before that those which it will have."""

import pytest
from netspaces.data.datasets import load
from netspaces.data.image_counts import ImageCounts, count_images
from netspaces.data.preparation import prepare

DIGITS = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5, "seed": 0}


def test_known_datasets_are_known_before_they_are_prepared(tmp_path):
    meta = tmp_path / "meta.json"
    assert count_images({"name": "imagenet"}, meta) == ImageCounts(1_281_167, 50_000)
    assert count_images({"name": "cifar10", "validation_fraction": 0.1}, meta) == ImageCounts(45_000, 10_000, 5000)
    assert not count_images({"name": "npz"}, meta).known


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
