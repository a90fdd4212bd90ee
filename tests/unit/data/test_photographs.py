"""Patches of photographs: balanced, cut without overlap, and neither trivial nor impossible to tell apart."""

import numpy as np
import pytest
from netspaces.data.errors import DatasetError
from netspaces.data.readers import photographs
from sklearn.neighbors import NearestCentroid

SETTINGS = {"resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5, "seed": 0}


@pytest.fixture(scope="module")
def splits():
    return photographs.read(**SETTINGS)


def flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / 255.0


def test_patches_are_balanced_and_as_many_as_foretold(splits):
    train, test = photographs.count(SETTINGS)
    assert (len(splits["train"].labels), len(splits["test"].labels)) == (train, test) == (1040, 1040)
    for split in splits.values():
        assert split.images.shape == (len(split.labels), 8, 8, 1) and split.images.dtype == np.uint8
        assert np.bincount(split.labels).tolist() == [len(split.labels) // 10] * 10


def test_patches_are_cut_from_the_photographs_and_overlap_nowhere(splits):
    """Every patch of the grid is there once: their pixels add up to those of the used part of both photographs."""
    used = [strip for name in photographs.PHOTOGRAPHS for strip in photographs._strips(photographs._grey(name))]
    total = sum(np.rint(strip[: 8 * (len(strip) // 8)]).sum() for strip in used)
    assert sum(split.images.sum(dtype=float) for split in splits.values()) == pytest.approx(total)
    rows, columns = len(used[0]) // 8, used[0].shape[1] // 8
    assert photographs.patches_per_class(8) == rows * columns == 26 * 8


def test_the_same_seed_gives_the_same_split_and_another_another(splits):
    again, other = photographs.read(**SETTINGS), photographs.read(**SETTINGS | {"seed": 1})
    assert np.array_equal(again["train"].images, splits["train"].images)
    assert not np.array_equal(other["train"].images, splits["train"].images)
    assert np.array_equal(other["train"].labels, splits["train"].labels)


def test_there_is_something_to_learn_and_it_is_not_easy(splits):
    """Even the nearest mean image does better than chance, 90 %; the label is not simply written in the brightness."""
    model = NearestCentroid().fit(flat(splits["train"].images), splits["train"].labels)
    error = 100 * (1 - model.score(flat(splits["test"].images), splits["test"].labels))
    assert 50 < error < 87


@pytest.mark.parametrize("change", [{"channels": 3}, {"classes": 5}, {"resolution": 300}, {"test_fraction": 0.001}])
def test_what_the_photographs_cannot_give_is_refused(change):
    with pytest.raises(DatasetError, match="^dataset: photographs has "):
        photographs.read(**SETTINGS | change)
