"""Images on their way to a network: streamed or resident, the records are the same; JPEG caches."""

import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from helpers.plugins import bring
from helpers.small_runs import (
    ARCHITECTURE,
    COMPLEXITY,
    DATASET,
    OTHERS,
    RECIPE,
    STEPS,
    comparable,
    make_dataset,
    stop_after,
    train,
    validated,
)
from netspaces.data import preparation
from netspaces.data.datasets import Split, load
from netspaces.data.errors import DatasetError
from netspaces.data.jpeg import JpegImages, encoded
from netspaces.data.preparation import prepare
from netspaces.data.reader import Reader
from netspaces.training import device, images
from netspaces.training.batches import MEMORY_SHARE
from netspaces.training.images import KEPT, Resident, Streamed, resident
from netspaces.training.lanes import Lanes
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run
from netspaces.training.train import training

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")
NEVER, ALWAYS = MEMORY_SHARE["never"], MEMORY_SHARE["always"]
LARGER = make_dataset(size=9, channels=3)  # larger than the network's resolution
RECIPES = {
    "plain": ({}, DATASET),
    "resized": ({}, LARGER),
    "augmented": ({"augmentation": ["crop", "flip"]}, DATASET),
    "cropped": ({"augmentation": ["random_resized_crop", "colour", "lighting"], "ema_decay": 0.9}, LARGER),
    "rotated": ({"augmentation": ["flip"], "target": "rotation"}, validated()),
    "bf16": ({"precision": "bf16"}, validated()),
}


# ---- Streamed and resident -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recipe, dataset", RECIPES.values(), ids=list(RECIPES))
def test_streamed_images_give_the_same_bytes(tmp_path, monkeypatch, recipe, dataset):
    monkeypatch.setattr("netspaces.training.run.EVALUATION_BATCH", 8)
    resident = train(tmp_path / "resident", recipe=recipe, dataset=dataset, memory_share=ALWAYS)
    monkeypatch.setattr(images.Resident, "__init__", None)
    streamed = train(tmp_path / "streamed", recipe=recipe, dataset=dataset, memory_share=NEVER)
    assert comparable(streamed) == comparable(resident)


@pytest.mark.parametrize("before, after", [(ALWAYS, NEVER), (NEVER, ALWAYS), (NEVER, NEVER)])
def test_a_run_may_go_on_in_the_other_way(tmp_path, before, after):
    recipe = {"augmentation": ["crop", "flip"]}
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(STEPS + 2), memory_share=before)
    resumed = train(tmp_path / "a", recipe=recipe, memory_share=after)
    assert comparable(resumed) == comparable(train(tmp_path / "b", recipe=recipe))


def test_images_are_streamed_where_they_do_not_fit(monkeypatch):
    monkeypatch.setattr(device, "free_memory", lambda device: 4 * 2 * (50 + 20) * 36)  # twice what floats take
    dataset = make_dataset()  # nothing of it lies there; the third run finds the images of the second
    for share, kind in ((0.49, Streamed), (0.5, Resident), (1e-9, Resident), (NEVER, Streamed)):
        batches = Run(ARCHITECTURE, Recipe.from_dict(RECIPE), 0, dataset, memory_share=share).batches
        assert isinstance(batches.train.images, kind) and isinstance(batches.test.images, kind)


class Counted:
    """Images that note which rows are asked for."""

    def __init__(self, images: np.ndarray) -> None:
        self.images, self.shape, self.asked = images, images.shape, []

    def __getitem__(self, rows) -> np.ndarray:
        self.asked.append(rows)
        return self.images[rows]


@pytest.mark.parametrize("batches", [0, 1, 2, 7])
def test_batches_of_a_plan_are_loaded_once_each_and_ahead(batches):
    counted = Counted(DATASET.train.images)
    streamed = Streamed(Split(counted, DATASET.train.labels), CPU)
    plan = torch.randperm(7 * batches).split(7) if batches else []
    seen = []
    for number, (_, batch) in enumerate(streamed.batches(plan)):
        seen.append(batch)
        assert len(counted.asked) <= number + 1 + images.AHEAD
    assert len(counted.asked) == len(plan) == batches
    for rows, batch in zip(plan, seen, strict=True):
        assert np.array_equal(batch, DATASET.train.images[rows])


def test_rows_come_with_their_images_and_plans_that_are_left_do_no_harm():
    for source in (Streamed(DATASET.train, CPU), Resident(DATASET.train, CPU)):
        for rows, batch in source.batches(torch.arange(50).split(5)):
            assert np.array_equal(batch, DATASET.train.images[rows])
            break
        plan = [slice(0, 2), slice(2, 50)]
        batches = list(source.batches(plan))
        assert [rows for rows, _ in batches] == plan
        assert all(np.array_equal(batch, DATASET.train.images[rows]) for rows, batch in batches)


def test_what_fails_while_loading_fails_the_run(tmp_path):
    class Broken(Counted):
        def __getitem__(self, rows) -> np.ndarray:
            raise DatasetError("images.jpeg: image 3: not a JPEG image")

    broken = replace(DATASET, train=Split(Broken(DATASET.train.images), DATASET.train.labels))
    with pytest.raises(DatasetError, match="image 3"):
        train(tmp_path, dataset=broken, memory_share=NEVER)


# ---- Shared by the networks of a process -----------------------------------------------------------------------------


def counted_dataset():
    """A dataset with a validation split, whose images note what is asked of them; nobody has used it before."""
    dataset = replace(make_dataset(), validation=make_dataset(test=28).test)
    splits = {name: getattr(dataset, name) for name in ("train", "test", "validation")}
    return replace(dataset, **{name: replace(split, images=Counted(split.images)) for name, split in splits.items()})


@pytest.mark.parametrize("augmentation", [[], ["crop", "flip"]])
@pytest.mark.parametrize("in_lanes", [True, False])
def test_images_are_brought_to_the_device_once_for_all_networks(tmp_path, in_lanes, augmentation):
    dataset, together, records = counted_dataset(), Lanes("cpu"), {}
    recipe = RECIPE | {"augmentation": augmentation}
    given = COMPLEXITY, recipe, 0, dataset, tmp_path, "cpu", lambda: False, 60.0, ALWAYS
    for name, architecture in enumerate((ARCHITECTURE, *OTHERS)):
        together.begin(str(name), partial(training, architecture, *given))
        while together.active and (name == 2 or not in_lanes):
            records |= {ended.name: ended.result for ended in together.round()}
    assert [len(each.images.asked) for each in (dataset.train, dataset.test, dataset.validation)] == [1, 1, 1]
    for name, architecture in enumerate((ARCHITECTURE, *OTHERS)):
        alone = train(tmp_path / "alone", architecture, {"augmentation": augmentation}, dataset=validated())
        assert comparable(records[str(name)]) == comparable(alone)


def test_images_of_another_resolution_or_device_are_others_and_unused_ones_are_let_go():
    splits = [make_dataset().train for _ in range(KEPT + 1)]
    form = (0.5,), (0.25,), 6
    first = resident(splits[0], CPU, form)
    assert resident(splits[0], CPU, form) is first
    assert resident(splits[0], CPU, (*form[:2], 7)) is not first and resident(splits[0], CPU, None) is not first
    assert resident(splits[0], torch.device("meta"), form) is not first
    assert images.is_resident(splits[0], CPU, form)
    pixels = weakref.ref(first.images)
    del first
    for split in splits[1:]:
        resident(split, CPU, form)
    assert pixels() is None and not images.is_resident(splits[0], CPU, form)
    assert all(images.is_resident(split, CPU, form) for split in splits[1:])


# ---- Images stored as JPEG -------------------------------------------------------------------------------------------


def smooth(n: int, channels: int, side: int = 16) -> np.ndarray:
    """Images without hard edges, which JPEG keeps well."""
    y, x = np.mgrid[:side, :side] / side
    phases = np.random.default_rng(0).uniform(0, 6, (n, 1, 1, channels))
    return (128 + 100 * np.sin(4 * x + 3 * y)[..., None] * np.sin(phases)).astype(np.uint8)


def settings_of(monkeypatch, channels: int = 3, **options) -> dict:
    """Settings of a dataset of twelve smooth images of 16 pixels a side."""
    split = Split(smooth(12, channels), np.arange(12) % 3)
    bring(monkeypatch, "smooth", READER=Reader(lambda: {"train": split, "test": split}))
    return {"name": "smooth", "resolution": 16, "channels": channels, "classes": 3} | options


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_images_are_decoded_by_row(tmp_path, monkeypatch, channels):
    prepare(settings_of(monkeypatch, channels, stored_as="jpeg", validation_fraction=0.25), tmp_path)
    dataset, original = load(tmp_path), smooth(12, channels)
    assert [len(s.images) for s in (dataset.train, dataset.validation, dataset.test)] == [9, 3, 12]
    images = dataset.test.images
    assert isinstance(images, JpegImages) and images.shape == original.shape
    assert np.abs(images[:].astype(int) - original).mean() < 10
    for rows in (slice(2, 5), np.array([7, 0, 7]), np.arange(12) > 8):
        assert np.array_equal(images[rows], images[:][rows])
    assert images.path.read_bytes() == b"".join(map(encoded, original))


def test_jpeg_datasets_are_compact_checksummed_and_the_same_whatever_the_threads(tmp_path, monkeypatch):
    settings = settings_of(monkeypatch, stored_as="jpeg")
    for threads in (1, 3):
        prepare(settings, tmp_path / str(threads), threads)
    prepare(settings | {"stored_as": "uint8"}, tmp_path / "uint8")
    checksums = [load(tmp_path / name).checksum for name in ("1", "3", "uint8")]
    assert checksums[0] == checksums[1] != checksums[2]
    names = {f"{split}_{kind}" for split in ("train", "test") for kind in ("images.jpeg", "offsets.npy", "labels.npy")}
    assert {path.name for path in (tmp_path / "1").iterdir()} == names | {"meta.json", ".meta.json"}


def test_preparing_in_the_other_way_removes_the_files_of_the_first(tmp_path, monkeypatch):
    settings = settings_of(monkeypatch)
    for stored_as in ("uint8", "jpeg", "uint8"):
        prepare(settings | {"stored_as": stored_as}, tmp_path)
        assert (
            bool(list(tmp_path.glob("*.jpeg"))) == bool(list(tmp_path.glob("*_offsets.npy"))) == (stored_as == "jpeg")
        )
        assert len(load(tmp_path).train.images) == 12


@pytest.mark.parametrize("step", ["write", "finish", "publish"])
def test_a_killed_preparation_of_jpeg_images_leaves_no_dataset(tmp_path, monkeypatch, step):
    settings = settings_of(monkeypatch, stored_as="jpeg")
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(preparation.JpegFile, step, lambda *_: exec("raise KeyboardInterrupt"))
        prepare(settings, tmp_path)
    with pytest.raises(DatasetError, match="meta.json: missing"):
        load(tmp_path)
    assert not list(tmp_path.glob(".*"))


def cut(path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    "name, spoil, message",
    [
        ("train_images.jpeg", cut, r"holds \d+ bytes, expected \d+; delete"),
        ("train_images.jpeg", lambda path: path.unlink(), "No such file"),
        ("train_images.jpeg", lambda path: path.write_bytes(b""), "empty file"),
        ("test_offsets.npy", cut, "not an array"),
        ("test_offsets.npy", lambda path: np.save(path, np.zeros(3, np.int64)), r"holds int64 \(3,\), expected int64"),
    ],
)
def test_spoiled_jpeg_datasets_are_refused_in_one_line(tmp_path, monkeypatch, name, spoil, message):
    prepare(settings_of(monkeypatch, stored_as="jpeg"), tmp_path)
    spoil(tmp_path / name)
    with pytest.raises(DatasetError, match=message) as error:
        load(tmp_path)
    assert name in str(error.value) and "\n" not in str(error.value)


def test_an_image_that_is_no_jpeg_is_named(tmp_path, monkeypatch):
    prepare(settings_of(monkeypatch, stored_as="jpeg"), tmp_path)
    offsets, path = np.load(tmp_path / "test_offsets.npy"), tmp_path / "test_images.jpeg"
    content = bytearray(path.read_bytes())
    content[offsets[4] : offsets[5]] = bytes(offsets[5] - offsets[4])
    images = load(tmp_path).test.images
    path.write_bytes(content)  # while it is mapped
    assert images[:4].shape == (4, 16, 16, 3)
    with pytest.raises(DatasetError, match=r"test_images.jpeg: image 4: not a JPEG image"):
        images[np.array([1, 4])]


@pytest.mark.parametrize("augmentation", [[], ["random_resized_crop", "flip"]])
def test_training_on_jpeg_images_is_the_same_streamed_and_resident(tmp_path, monkeypatch, augmentation):
    prepare(settings_of(monkeypatch, stored_as="jpeg", validation_fraction=0.25), tmp_path / "dataset")
    dataset, recipe = load(tmp_path / "dataset"), {"augmentation": augmentation, "batch_size": 4}
    ways = {"streamed": NEVER, "resident": ALWAYS}
    found = {comparable(train(tmp_path / w, recipe=recipe, dataset=dataset, memory_share=m)) for w, m in ways.items()}
    assert len(found) == 1


def test_several_threads_decode_at_once(tmp_path, monkeypatch):
    prepare(settings_of(monkeypatch, stored_as="jpeg"), tmp_path)
    images = load(tmp_path).train.images
    with ThreadPoolExecutor(4) as pool:
        rows = [np.random.default_rng(i).permutation(12) for i in range(40)]
        for chosen, found in zip(rows, pool.map(images.__getitem__, rows), strict=True):
            assert np.array_equal(found, images[:][chosen])
