"""What is mostly a mistake in images is said in a line: other ranges of values, copies, animations."""

import shutil

import numpy as np
import pytest
from helpers.small_sources import encoded, of_tree, picture
from netspaces.data.preparation import prepare
from PIL import Image


def npz(tmp_path, **changed):
    """Settings of an .npz file of three classes, whose arrays may be changed."""
    random = np.random.default_rng(0)
    arrays = {
        f"{name}_images": random.integers(0, 256, (n, 8, 8, 3), np.uint8) for name, n in (("train", 30), ("test", 9))
    }
    arrays |= {"train_labels": np.arange(30) % 3, "test_labels": np.arange(9) % 3}
    arrays |= {name: change(arrays) for name, change in changed.items()}
    np.savez(tmp_path / "images.npz", **arrays)
    return {"name": "npz", "file": str(tmp_path / "images.npz"), "resolution": 8, "channels": 3, "classes": 3}


def tree(folder, content=lambda split, label, i: encoded(picture(sum(map(ord, split + label)) * 10 + i, (16, 16)))):
    for split, n in (("train", 4), ("val", 2)):
        for label in "abc":
            (folder / split / label).mkdir(parents=True)
            for i in range(n):
                (folder / split / label / f"{i}.png").write_bytes(content(split, label, i))
    return of_tree(folder)


def warnings(settings, folder):
    return [line for line in prepare(settings, folder) if line.startswith("warning")]


def test_nothing_is_said_of_usual_images(tmp_path):
    assert warnings(npz(tmp_path), tmp_path / "dataset") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda arrays: arrays["test_images"] // 255, "values of test images are up to 1, "),
        (lambda arrays: arrays["test_images"] // 8 + 224, "values of test images are up to 255, 239 on average"),
        (lambda arrays: arrays["test_images"] // 4, "values of test images are up to 63, "),
    ],
)
def test_test_images_of_another_range_of_values_are_named(tmp_path, change, said):
    (line,) = warnings(npz(tmp_path, test_images=change), tmp_path / "dataset")
    assert line.startswith(f"warning: npz ({tmp_path}/images.npz): {said}")
    assert line.endswith("; expected the same range") and "of training images up to 255, 12" in line


def test_arrays_that_are_trained_on_and_tested_are_counted(tmp_path):
    settings = npz(
        tmp_path, test_images=lambda arrays: np.concatenate([arrays["train_images"][:2], arrays["test_images"][2:]])
    )
    (line,) = warnings(settings, tmp_path / "dataset")
    assert line.endswith(": 2 of 9 test images are also training images, byte by byte")


def test_copies_of_files_are_counted_whatever_becomes_of_them(tmp_path):
    settings = tree(tmp_path / "images") | {"stored_resolution": 24}
    shutil.copy(tmp_path / "images/val/b/1.png", tmp_path / "images/train/a/copy.png")
    (line,) = warnings(settings, tmp_path / "dataset")
    assert line.endswith(": 1 of 6 test images are also training images, byte by byte")


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_images_of_several_frames_are_counted(tmp_path, kind):
    settings = tree(tmp_path / "images")
    first, second = picture(1, (16, 16)), picture(2, (16, 16))
    first.save(tmp_path / "images/train/a/moving.png", kind, save_all=True, append_images=[second])
    assert Image.open(tmp_path / "images/train/a/moving.png").n_frames == 2
    (line,) = warnings(settings, tmp_path / "dataset")
    assert line.endswith(": 1 images have several frames, of which the first is taken")
