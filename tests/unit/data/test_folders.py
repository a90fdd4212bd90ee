"""Folders of images: what is taken and left out is counted, and nothing is taken twice."""

import os
import socket
from pathlib import Path

import numpy as np
import pytest
from helpers.small_sources import encoded, labels_of, of_tree, picture, prepared, refusal
from netspaces.data.preparation import prepare, read


@pytest.fixture
def tree(tmp_path) -> Path:
    """Two images of each of three classes in train and in val."""
    folder = tmp_path / "tree"
    for i, split in enumerate(("train", "val")):
        for j, name in enumerate(("cat", "cow", "dog")):
            for k in range(2):
                path = folder / split / name / f"{k}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                picture(100 * i + 10 * j + k, (20, 16)).save(path)
    return folder


def counts(tree: Path) -> dict[str, int]:
    return {split: opened.images.shape[0] for split, opened in read(of_tree(tree)).items()}


# ---- Endings, hidden files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a.jfif", "a.JPG", "a.Jpe", "a.PNG", "a.tiff", "a.gif", "a.webp", "a.pbm", "a b.ü.jpg"]
)
def test_images_are_read_whatever_the_case_and_kind_of_their_ending(tree, name):
    (tree / "train/cat" / name).write_bytes(encoded(picture(7), "JPEG"))
    assert counts(tree) == {"train": 7, "test": 6}


def test_what_is_left_out_is_counted_by_kind(tree, tmp_path, capsys):
    for name in ("cat/Thumbs.db", "cow/Thumbs.db", "dog/.DS_Store", "dog/._0.png", "dog/notes.txt", "cat/a", "x.png"):
        (tree / "train" / name).write_bytes(b"x")
    for name in (".ipynb_checkpoints", "__MACOSX", "cat/@eaDir"):
        (tree / "train" / name).mkdir()
        (tree / "train" / name / "0.png").write_bytes(encoded(picture(0)))
    whole = read(of_tree(tree))
    left_out = "2 .db, 1 .txt, 1 beside the classes, 2 hidden files, 3 hidden folders, 1 without an ending"
    assert whole["train"].source == f"6 files in 3 folders of {tree / 'train'}, left out {left_out}"
    assert whole["test"].source == f"6 files in 3 folders of {tree / 'val'}"
    said = prepare(of_tree(tree), tmp_path / "out")
    assert said == [f"train: 6 images, {whole['train'].source}", f"test: 6 images, {whole['test'].source}"]


# ---- Links, and what is no file --------------------------------------------------------------------------------------


LOOPS = {
    "to its parent": ("train/cat/up", "..", "the same folder as {}/train, whose images would count twice"),
    "to itself": ("train/cat/self", ".", "the same folder as {}/train/cat, whose images would count twice"),
    "to the dataset": ("train/cat/top", "../..", "a link to {}, which contains the dataset"),
    "to what contains it": ("train/cat/all", "../../..", "a link to {}, which contains the dataset"),
    "to the test images": ("train/cat/more", "../../val/cat", "the same folder as {}/val/cat, whose images would"),
    "to another class": ("train/dog/more", "../cat", "the same folder as {}/train/cat, whose images would count"),
    "to its own name": ("train/cat/loop", "loop", "Too many levels of symbolic links"),
    "to nothing": ("train/cat/lost.png", "nothing.png", "a link to nothing, expected a regular file"),
}


@pytest.mark.parametrize("link, target, message", LOOPS.values(), ids=list(LOOPS))
def test_links_that_lead_back_or_nowhere_are_refused(tree, tmp_path, link, target, message):
    (tree / link).symlink_to(target)
    place = tree.parent if "all" in link else tree
    assert refusal(of_tree(tree), tmp_path / "out").startswith(f"{tree / link}: {message.format(place)}")


def test_a_subset_by_links_to_files_or_folders_elsewhere_is_read(tree, tmp_path):
    subset = tmp_path / "subset"
    for split in ("train", "val"):
        for name in ("cat", "cow"):
            (subset / split / name).mkdir(parents=True)
            (subset / split / name / "1.png").symlink_to(tree / split / name / "1.png")
        (subset / split / "dog").symlink_to(tree / split / "dog")
    dataset = prepared(of_tree(subset), tmp_path / "out")
    whole = prepared(of_tree(tree), tmp_path / "whole")
    assert np.array_equal(dataset.train.images, whole.train.images[[1, 3, 4, 5]])


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_training_image_that_is_a_test_image_is_refused(tree, tmp_path, link):
    link(tree / "val/cow/1.png", tree / "train/cow/9.png")
    message = refusal(of_tree(tree), tmp_path / "out")
    assert message == f"{tree / 'train/cow/9.png'}: a training image that is a test image too, by a link"


def test_test_images_are_not_the_training_images(tree, tmp_path):
    assert "the same folder as" in refusal(of_tree(tree, test_split="train"), tmp_path / "out")


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_not_a_regular_file_is_refused(tree, tmp_path, kind, monkeypatch):
    path = tree / "train/dog/1.png"
    path.unlink()
    monkeypatch.chdir(path.parent)  # names of sockets are short
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        socket.socket(socket.AF_UNIX).bind(path.name)
    message = refusal(of_tree(tree), tmp_path / "out")
    assert message == f"{path}: a socket, pipe or device, expected a regular file"


def test_odd_names_of_classes_are_names(tree, tmp_path):
    for split in ("train", "val"):
        for old, new in (("cat", "a\nb"), ("cow", " c "), ("dog", os.fsdecode(b"\xff"))):
            (tree / split / old).rename(tree / split / new)
    dataset = prepared(of_tree(tree), tmp_path / "out")
    assert dataset.train.labels.tolist() == [0, 0, 1, 1, 2, 2]
    (tree / "train" / "a\nb" / "0.png").write_bytes(b"text")
    assert refusal(of_tree(tree), tmp_path / "wrong").startswith(f"{tree}/train/a b/0.png: not an image in a")


# ---- Folders of classes that are not divided into training and test images -------------------------------------------


def undivided(folder: Path) -> Path:
    """Ten images of each of three classes."""
    for i, label in enumerate(labels_of(30)):
        path = folder / "cat cow dog".split()[label] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(i, (20, 20)).save(path)
    return folder


def test_a_share_of_each_class_is_tested(tmp_path):
    folder = undivided(tmp_path / "tree")
    splits = [read(of_tree(folder, test_fraction=0.2, seed=seed)) for seed in (0, 0, 1)]
    files = [[file for file, _ in next(split["test"].images.chunks())] for split in splits]
    assert splits[0]["test"].labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert files[0] == files[1] != files[2]
    trained = {file for file, _ in next(splits[0]["train"].images.chunks())}
    assert len(trained) == 24 and not trained & set(files[0])
    dataset = prepared(of_tree(folder, test_fraction=0.2), tmp_path / "out")
    assert (len(dataset.train.labels), len(dataset.test.labels)) == (24, 6)


def test_an_undivided_folder_may_be_a_link(tmp_path):
    (tmp_path / "link").symlink_to(undivided(tmp_path / "tree"))
    assert len(read(of_tree(tmp_path / "link", test_fraction=0.2))["test"].labels) == 6


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_one_file_of_two_names_is_refused_where_a_share_is_tested(tmp_path, link):
    folder = undivided(tmp_path / "tree")
    link(folder / "cat" / "00.png", folder / "dog" / "99.png")
    message = refusal(of_tree(folder, test_fraction=0.2), tmp_path / "out")
    assert message == f"{folder / 'dog' / '99.png'}: the same file as {folder / 'cat' / '00.png'}, expected each once"


def test_too_few_images_to_divide_are_one_line(tmp_path):
    folder = undivided(tmp_path / "tree")
    for image in sorted((folder / "cat").iterdir())[1:]:
        image.unlink()
    assert refusal(of_tree(folder, test_fraction=0.2), tmp_path / "out").startswith(f"{folder}: test_fraction is 0.2: ")
    message = refusal(of_tree(folder, test_fraction=0.2, source="parquet"), tmp_path / "out")
    assert message == "dataset: test_fraction is 0.2, expected none with source: parquet"


# ---- Tiny ImageNet ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path) -> Path:
    """Tiny ImageNet's layout: boxes beside the training images, classes of test images in a file."""
    folder, names = tmp_path / "tiny", ["n01", "n02", "n03"]
    for name in names:
        (folder / "train" / name / "images").mkdir(parents=True)
        (folder / "train" / name / f"{name}_boxes.txt").write_text(f"{name}_0.JPEG\t0\t0\t3\t3\n")
        picture(0).save(folder / "train" / name / "images" / f"{name}_0.JPEG")
    (folder / "val" / "images").mkdir(parents=True)
    for i in range(3):
        picture(i).save(folder / "val" / "images" / f"val_{i}.JPEG")
    lines = [f"val_{i}.JPEG\t{names[2 - i]}\t0\t32\t44\t62\n" for i in range(3)]
    (folder / "val" / "val_annotations.txt").write_text("".join(lines))
    (folder / "test" / "images").mkdir(parents=True)
    return folder


def test_tiny_imagenet_has_its_classes_in_a_file(tiny, tmp_path):
    settings = of_tree(tiny, name="tiny_imagenet")
    assert read(settings)["train"].source.endswith("left out 3 .txt")
    dataset = prepared(settings, tmp_path / "out")
    assert dataset.train.labels.tolist() == [0, 1, 2] and dataset.test.labels.tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("val_0.JPEG\tn09\t0\n", "line 1: class is 'n09', expected a folder of train"),
        ("val_0.JPEG\tn01\nval_0.JPEG\tn02\n", "line 2: 'val_0.JPEG' has two classes, expected one"),
        ("val_0.JPEG\tn01\nval_1.JPEG\tn02\n", "no line for {}/val/images/val_2.JPEG, expected a line per image of"),
        ("".join(f"val_{i}.JPEG\tn01\n" for i in range(4)), "no image 'val_3.JPEG', expected a line per image of"),
        ("\n", "line 1: class is '', expected a folder of train"),
        (None, "No such file or directory"),
    ],
)
def test_wrong_classes_of_tiny_imagenet_are_one_line(tiny, tmp_path, content, expected):
    path = tiny / "val" / "val_annotations.txt"
    path.unlink() if content is None else path.write_text(content)
    message = refusal(of_tree(tiny, name="tiny_imagenet"), tmp_path / "out")
    assert message.startswith(f"{path}: {expected.format(tiny)}")
