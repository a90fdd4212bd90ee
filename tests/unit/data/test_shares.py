"""A stated part of the images: as many of each class, the first of them, whatever holds the images."""

import numpy as np
from helpers.small_sources import encoded, of_shards, picture, prepared, refusal, write_shard
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from netspaces.data.reduction import reduced, reduced_in_parts
from netspaces.data.shares import first_of_each_class

LABELS = {"train": [2, 0, 0, 1, 1, 2, 0, 1, 2, 2], "test": [1, 2, 0, 0, 1, 2]}


@given(labels=arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 4)), per_class=st.integers(0, 20))
def test_the_first_of_each_class_are_taken(labels, per_class):
    taken = first_of_each_class(labels, per_class)
    for label in range(5):
        of_class = taken[labels == label]
        assert of_class.tolist() == [True] * min(per_class, len(of_class)) + [False] * max(0, len(of_class) - per_class)


def test_a_share_of_a_dataset_is_another_dataset(tmp_path):
    for split, labels in LABELS.items():
        images = [encoded(picture(100 * (split == "test") + i)) for i in range(len(labels))]
        write_shard(tmp_path / "in" / f"{split}.parquet", images, labels)
    whole = prepared(of_shards(tmp_path / "in"), tmp_path / "out")
    share = prepared(of_shards(tmp_path / "in", train_images=6, test_images=3), tmp_path / "out")
    assert np.array_equal(share.train.images, [np.asarray(picture(i)) for i in (0, 1, 2, 3, 4, 5)])
    assert share.train.labels.tolist() == [2, 0, 0, 1, 1, 2]
    assert np.array_equal(share.test.images, [np.asarray(picture(100 + i)) for i in (0, 1, 2)])
    assert share.checksum != whole.checksum
    assert prepared(of_shards(tmp_path / "in", test_images=6), tmp_path / "out").checksum == whole.checksum


def test_an_image_that_is_left_out_is_not_decoded(tmp_path):
    images = [encoded(picture(i)) for i in range(5)] + [b"no image"]
    for split in ("train", "test"):
        write_shard(tmp_path / "in" / f"{split}.parquet", images, [0, 1, 2, 0, 1, 2])
    assert "row 5: not an image" in refusal(of_shards(tmp_path / "in"), tmp_path / "out")
    share = {"train_images": 3, "test_images": 3}
    assert len(prepared(of_shards(tmp_path / "in", **share), tmp_path / "out").train.labels) == 3


def test_a_class_of_too_few_images_is_named(tmp_path):
    for split, labels in LABELS.items():
        images = [encoded(picture(i)) for i in range(len(labels))]
        write_shard(tmp_path / "in" / f"{split}.parquet", images, labels)
    message = refusal(of_shards(tmp_path / "in", train_images=12), tmp_path / "out")
    assert message == f"dataset: train_images is 12, 4 of each class, but class 0 ({tmp_path / 'in'}) has 3"


@given(
    image=st.sampled_from([1, 2, 4]).flatmap(
        lambda factor: st.tuples(st.just(factor), arrays(np.uint8, (3, 4 * factor, 2 * factor, 2)))
    )
)
def test_a_reduced_image_has_the_means_of_its_blocks(image):
    factor, images = image
    smaller = reduced(images, factor)
    for row in range(4):
        for column in range(2):
            block = images[:, row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
            assert np.array_equal(smaller[:, row, column], np.floor(block.mean(axis=(1, 2)) + 0.5))
    assert np.array_equal(reduced_in_parts(images, factor), smaller)
