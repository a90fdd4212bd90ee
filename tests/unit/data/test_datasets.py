"""Datasets: what preparation writes, that it repeats, and what is said of datasets that are not right."""

import hashlib
import json

import numpy as np
import pytest
from helpers.plugins import bring
from netspaces.data import preparation
from netspaces.data.datasets import Split, load
from netspaces.data.errors import DatasetError
from netspaces.data.preparation import prepare, read
from netspaces.data.reader import Reader
from netspaces.files.safe import write_json
from sklearn.datasets import load_digits

SETTINGS = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5, "seed": 0}
FILES = [".meta.json", "meta.json", "test_images.npy", "test_labels.npy", "train_images.npy", "train_labels.npy"]


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The folder of the prepared digits; read only."""
    folder = tmp_path_factory.mktemp("digits")
    prepare(SETTINGS, folder)
    return folder


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """A folder with a small prepared dataset, to be spoiled."""
    settings = use_reader(monkeypatch, make_splits())
    prepare(settings, tmp_path / "tiny")
    return tmp_path / "tiny"


def make_splits(shape=(4, 4, 3), labels=(0, 1, 2), offset: int = 0) -> dict[str, Split]:
    n = 2 * len(labels)
    images = (np.arange(n * np.prod(shape)).reshape(n, *shape) + offset).astype(np.uint8)
    return {name: Split(images, np.array([*labels, *labels])) for name in ("train", "test")}


def use_reader(monkeypatch, splits: dict[str, Split]) -> dict:
    """Settings of a dataset whose reader gives these splits."""
    bring(monkeypatch, "tiny", READER=Reader(lambda: splits))
    return {"name": "tiny", "resolution": 4, "channels": 3, "classes": 3}


def both(dataset, kind: str) -> np.ndarray:
    return np.concatenate([getattr(dataset.train, kind), getattr(dataset.test, kind)])


# ---- Digits ----------------------------------------------------------------------------------------------------------


def test_the_digits_have_the_declared_shapes_and_types(digits):
    dataset = load(digits)
    assert sorted(path.name for path in digits.iterdir()) == FILES
    for split, n in ((dataset.train, 898), (dataset.test, 899)):
        assert (split.images.shape, split.images.dtype) == ((n, 8, 8, 1), np.uint8)
        assert (split.labels.shape, split.labels.dtype) == ((n,), np.int64)
        assert not split.images.flags.writeable
    assert dataset.classes == 10


def test_the_digits_pixels_give_back_the_originals(digits):
    dataset = load(digits)
    values = both(dataset, "images") * (16 / 255)
    assert np.abs(values - np.rint(values)).max() < 0.05
    found = sorted(np.rint(image).astype(int).ravel().tolist() for image in values)
    assert found == sorted(load_digits().data.astype(int).tolist())


def test_the_split_is_disjoint_complete_and_stratified(digits):
    dataset, original = load(digits), load_digits()
    expected = [(label, *image) for label, image in zip(original.target, original.data.astype(int), strict=True)]
    images = np.rint(both(dataset, "images") * (16 / 255)).astype(int).reshape(1797, 64)
    found = [(label, *image) for label, image in zip(both(dataset, "labels"), images, strict=True)]
    assert sorted(found) == sorted(expected)
    assert len(set(found)) == 1797  # no two digits are alike: none is in both splits
    counts = [np.bincount(split.labels) for split in (dataset.train, dataset.test)]
    assert np.abs(counts[0] - counts[1]).max() <= 1


def test_another_fraction_and_seed_split_otherwise():
    first, other, smaller = (read(SETTINGS | change) for change in ({}, {"seed": 1}, {"test_fraction": 0.2}))
    assert [len(splits["test"].labels) for splits in (first, other, smaller)] == [899, 899, 360]
    assert not np.array_equal(first["train"].labels, other["train"].labels)


def test_mean_and_deviation_are_those_of_the_training_pixels(digits):
    dataset = load(digits)
    pixels = dataset.train.images / 255
    assert dataset.mean == pytest.approx((pixels.mean(),))
    assert dataset.std == pytest.approx((pixels.std(),))


def test_mean_and_deviation_are_per_channel(prepared):
    dataset = load(prepared)
    pixels = dataset.train.images / 255
    assert dataset.mean == pytest.approx(tuple(pixels.mean((0, 1, 2))))
    assert dataset.std == pytest.approx(tuple(pixels.std((0, 1, 2))))
    assert len(set(dataset.mean)) == 3


# ---- Preparation repeats, and may be killed --------------------------------------------------------------------------


def contents(folder) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_preparing_again_gives_the_same_bytes(digits, tmp_path):
    prepare(SETTINGS, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(digits)
    prepare(SETTINGS, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(digits)


def test_the_checksum_tells_datasets_apart(tmp_path, monkeypatch):
    variants = {
        "one": make_splits(),
        "another pixel": make_splits(offset=1),
        "another order of labels": make_splits(labels=(1, 0, 2)),
        "splits exchanged": dict(zip(("train", "test"), make_splits(offset=7).values(), strict=True))
        | {"train": make_splits()["train"]},
        "another split": {"train": make_splits()["train"], "test": make_splits(offset=9)["test"]},
    }
    checksums = set()
    for name, splits in variants.items():
        prepare(use_reader(monkeypatch, splits), tmp_path / name)
        checksums.add(load(tmp_path / name).checksum)
    flat = {name: Split(split.images.reshape(6, 2, 2, 12), split.labels) for name, split in make_splits().items()}
    prepare(use_reader(monkeypatch, flat) | {"resolution": 2, "channels": 12}, tmp_path / "flat")
    checksums.add(load(tmp_path / "flat").checksum)
    assert len(checksums) == len(variants) + 1


@pytest.mark.parametrize("before", ["nothing", "a dataset"])
@pytest.mark.parametrize("step", ["write", "finish", "publish", "meta"])
@pytest.mark.parametrize("done_before", range(3))
def test_a_killed_preparation_leaves_the_dataset_of_before_or_none(tmp_path, monkeypatch, before, step, done_before):
    folder, former = tmp_path / "tiny", ""
    if before == "a dataset":
        prepare(use_reader(monkeypatch, make_splits(offset=1)), folder)
        former = load(folder).checksum
    settings = use_reader(monkeypatch, make_splits())
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        kill(killed, step, 0 if step == "meta" else done_before)
        prepare(settings, folder)
    if former and step in ("write", "finish"):
        assert load(folder).checksum == former
    else:
        with pytest.raises(DatasetError, match=r"meta.json: missing, expected a prepared dataset \(rule prepare_dat"):
            load(folder)
    assert not list(folder.glob(".*_*"))
    prepare(settings | {"validation_fraction": 0.5}, folder)
    prepare(settings, folder)
    assert np.array_equal(load(folder).train.images, make_splits()["train"].images)
    assert sorted(path.name for path in folder.iterdir()) == FILES


def kill(monkeypatch, step: str, done_before: int) -> None:
    """Interrupt a preparation at a step, after that step was done a few times."""
    owner, name = (preparation, "publish") if step == "meta" else (preparation.ArrayFile, step)
    original, done = getattr(owner, name), []

    def stop(*arguments):
        if len(done) == done_before:
            raise KeyboardInterrupt
        done.append(step)
        return original(*arguments)

    monkeypatch.setattr(owner, name, stop)


# ---- A preparation that fails ----------------------------------------------------------------------------------------


def as_the_engine(settings: dict, folder, code: str = "") -> list[str]:
    """Prepare as the engine does: the rule's output is deleted before, and after a failure."""
    (folder / "meta.json").unlink(missing_ok=True)
    try:
        return prepare(settings, folder, code=code)
    except BaseException:
        (folder / "meta.json").unlink(missing_ok=True)
        raise


FAILING = {
    "reading": {"name": "npz", "file": "nothing.npz"},
    "checking": {"classes": 4},
    "cutting": {"validation_fraction": 0.01},
}


@pytest.mark.parametrize("change", FAILING.values(), ids=list(FAILING))
def test_a_preparation_that_fails_leaves_the_dataset_of_before(tmp_path, monkeypatch, change):
    splits = make_splits()
    settings = use_reader(monkeypatch, splits)
    as_the_engine(settings, tmp_path)
    before = contents(tmp_path)
    for _ in range(2):
        with pytest.raises(DatasetError):
            as_the_engine(settings | change, tmp_path)
        assert not (tmp_path / "meta.json").exists(), "it is not the dataset of the settings that failed"
    splits.clear()  # the source is gone, and is not needed
    (said,) = as_the_engine(settings, tmp_path)
    assert said == f"{tmp_path}: the dataset that was prepared with these settings before"
    assert contents(tmp_path) == before


@pytest.mark.parametrize("change", ["code", "settings", "damage"])
def test_what_a_failed_preparation_left_is_not_taken_for_another_dataset(tmp_path, monkeypatch, change):
    settings = use_reader(monkeypatch, make_splits(offset=1))
    as_the_engine(settings, tmp_path, "code")
    with pytest.raises(DatasetError):
        as_the_engine(settings | {"classes": 4}, tmp_path, "code")
    use_reader(monkeypatch, make_splits())
    if change == "damage":
        flip(tmp_path / "train_images.npy", -1)
    fraction = {"validation_fraction": 0.5} if change == "settings" else {}
    as_the_engine(settings | fraction, tmp_path, "other" if change == "code" else "code")
    assert np.array_equal(load(tmp_path).test.images, make_splits()["test"].images)
    assert not (tmp_path / "kept.json").exists()


def test_a_preparation_that_is_forced_reads_the_source_again(tmp_path, monkeypatch):
    settings = use_reader(monkeypatch, make_splits(offset=1))
    as_the_engine(settings, tmp_path)
    use_reader(monkeypatch, make_splits())
    as_the_engine(settings, tmp_path)
    assert np.array_equal(load(tmp_path).test.images, make_splits()["test"].images)


def test_what_a_preparation_killed_outright_left_behind_is_removed(tmp_path, monkeypatch):
    settings = use_reader(monkeypatch, make_splits())
    (tmp_path / ".train_images.npy.0123456789abcdef").write_bytes(b"half")
    (tmp_path / "validation_images.npy").write_bytes(b"of other settings")
    prepare(settings, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


def test_the_files_checksums_are_those_of_the_files(prepared):
    meta = json.loads((prepared / "meta.json").read_text())
    own = {name: contents(prepared)["meta.json"] for name in ("meta.json", ".meta.json")}
    assert {**meta["files"], **own} == contents(prepared)


# ---- Validation split ------------------------------------------------------------------------------------------------


def test_the_validation_split_is_cut_from_the_training_split_by_class(digits, tmp_path):
    assert load(digits).validation is None
    prepare(SETTINGS | {"validation_fraction": 0.2}, tmp_path / "digits")
    whole, cut = load(digits), load(tmp_path / "digits")
    assert (len(cut.train.labels), len(cut.validation.labels)) == (718, 180)
    assert np.array_equal(cut.test.images, whole.test.images)
    parts = np.concatenate([cut.train.images, cut.validation.images])
    assert sorted(map(bytes, parts)) == sorted(map(bytes, whole.train.images))
    assert np.abs(np.bincount(cut.validation.labels) - 0.2 * np.bincount(whole.train.labels)).max() < 1
    assert cut.mean == pytest.approx(((cut.train.images / 255).mean(),))
    assert cut.checksum != whole.checksum


def test_another_seed_cuts_another_validation_split_and_no_fraction_removes_it(tmp_path):
    labels = []
    for seed in (0, 0, 1):
        prepare(SETTINGS | {"validation_fraction": 0.1, "validation_seed": seed}, tmp_path)
        labels.append(load(tmp_path).validation.images.tobytes())
    assert labels[0] == labels[1] != labels[2]
    prepare(SETTINGS, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


@pytest.mark.parametrize("fraction, message", [(0.1, "should be greater or equal to the number of classes"), (0.9, "")])
def test_a_validation_split_without_a_class_is_refused(tmp_path, monkeypatch, fraction, message):
    settings = use_reader(monkeypatch, make_splits()) | {"validation_fraction": fraction}
    with pytest.raises(DatasetError, match=f"^dataset: validation_fraction is {fraction}.*{message}"):
        prepare(settings, tmp_path)


# ---- Errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declared, message",
    [
        ({"resolution": 5}, "dataset: resolution is 5, expected 4: the train images of tiny are 4 x 4 x 3"),
        ({"channels": 1}, "dataset: channels is 1, expected 3: the train images of tiny are 4 x 4 x 3"),
        ({"classes": 4}, "dataset: classes is 4, but no train image is of class 3"),
        ({"classes": 2}, "dataset: classes is 2, but train has the label 2"),
        ({"name": "mnist"}, "dataset: name is 'mnist', expected one of cifar10, cifar100, digits, "),
    ],
)
def test_a_wrong_declaration_is_refused_in_one_line(tmp_path, monkeypatch, declared, message):
    settings = use_reader(monkeypatch, make_splits()) | declared
    with pytest.raises(DatasetError) as error:
        prepare(settings, tmp_path)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "labels, message", [((0, 1, 3), "class 2"), ((0, 1, 2, 3), "label 3"), ((-1, 0, 1), "class 2")]
)
def test_labels_with_gaps_or_beyond_the_classes_are_refused(tmp_path, monkeypatch, labels, message):
    splits = make_splits() | {"test": make_splits(labels=labels)["test"]}
    with pytest.raises(DatasetError, match=f"^dataset: classes is 3, but .*test.* {message}$"):
        prepare(use_reader(monkeypatch, splits), tmp_path)


def flip(path, place: int) -> None:
    """Flip a bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def zero_half(path) -> None:
    """Make the second half of an array zero."""
    array = np.load(path)
    array[len(array) // 2 :] = 0
    np.save(path, array)


def spoil_meta(**changes):
    """A function that changes keys of meta.json, or removes those that become None."""

    def spoil(path):
        meta = json.loads(path.read_text()) | changes
        write_json(path, {key: value for key, value in meta.items() if value is not None and key != "digest"})

    return spoil


def spoil_array(shape: tuple[int, ...], dtype: type):
    """A function that puts another array in an array's place."""
    return lambda path: np.save(path, np.zeros(shape, dtype))


SPOILED = {
    "no meta.json": ("meta.json", lambda path: path.unlink(), "missing, expected a prepared dataset"),
    "empty meta.json": ("meta.json", lambda path: path.write_text(""), "not JSON"),
    "list in meta.json": ("meta.json", lambda path: path.write_text("[1]"), r"holds \[1\], expected a prepared"),
    "deep meta.json": ("meta.json", lambda path: path.write_text("[" * 200_000), "nested too deeply"),
    "folder for meta.json": ("meta.json", lambda path: (path.unlink(), path.mkdir()), "a folder, expected a prepared"),
    "format": ("meta.json", spoil_meta(format=0), "format is 0, expected 4"),
    "former format": ("meta.json", spoil_meta(format=2), "format is 2, expected 4.: remove it and run again"),
    "no checksum": ("meta.json", spoil_meta(checksum=None), "has no checksum"),
    "other checksum": ("meta.json", spoil_meta(checksum="0" * 16), "its checksum is not that of its files"),
    "other mean": (
        "meta.json",
        lambda path: path.write_text(path.read_text().replace('"mean"', '"Mean"')),
        "digest is",
    ),
    "no digest": ("meta.json", lambda path: path.write_text(path.read_text().replace("digest", "dhgest")), "no digest"),
    "a bit of the labels": ("train_labels.npy", lambda path: flip(path, 136), "is damaged .the block at byte 0 is not"),
    "a bit of the images": ("test_images.npy", lambda path: flip(path, -1), "is damaged .the block at byte 0 is not"),
    "half of the labels": ("test_labels.npy", lambda path: zero_half(path), "is damaged .the block at byte 0 is not"),
    "too long": ("test_labels.npy", lambda path: path.write_bytes(path.read_bytes() + b"0"), "is damaged .the block"),
    "fewer images": ("train_images.npy", spoil_array((5, 4, 4, 3), np.uint8), "holds uint8 .*expected uint8"),
    "other images": ("test_images.npy", spoil_array((6, 8, 8, 3), np.uint8), "holds uint8 .*expected uint8"),
    "other type": ("test_labels.npy", spoil_array((6,), np.int32), "holds int32 .*expected int64"),
    "no images": ("test_images.npy", lambda path: path.unlink(), "missing, expected a prepared dataset"),
    "empty images": ("test_images.npy", lambda path: path.write_bytes(b""), "not an array"),
    "garbage": ("train_labels.npy", lambda path: path.write_bytes(b"\x00garbage\xff" * 20), "not an array"),
    "truncated": ("train_images.npy", lambda path: path.write_bytes(path.read_bytes()[:200]), "not an array"),
    "cut header": ("train_images.npy", lambda path: path.write_bytes(path.read_bytes()[:30]), "not an array"),
    "pickle": ("test_labels.npy", lambda path: np.save(path, np.array([{}]), allow_pickle=True), "not an array"),
}


@pytest.mark.parametrize("name, spoil, message", SPOILED.values(), ids=list(SPOILED))
def test_a_spoiled_dataset_is_refused_in_one_line(prepared, name, spoil, message):
    spoil(prepared / name)
    with pytest.raises(DatasetError, match=message) as error:
        load(prepared)
    assert str(error.value).startswith((f"{prepared / name}: ", f"{prepared / name} is damaged ("))
    assert "\n" not in str(error.value) and len(str(error.value)) < 400
    if (prepared / name).is_dir():
        (prepared / name).rmdir()
    prepare({"name": "tiny", "resolution": 4, "channels": 3, "classes": 3}, prepared)
    load(prepared)


def test_a_missing_folder_is_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="nowhere/meta.json: missing"):
        load(tmp_path / "nowhere")
