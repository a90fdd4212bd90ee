"""Images on their way to a network: in the order of an epoch, augmented, normalised, with what is right of each.

Images lie on the network's device from the start where they fit; else they are gathered, decoded and copied there batch
by batch, some steps ahead, by a thread. Both ways give the same bits.

Every random number belongs to (seed, epoch, purpose, image): those of an epoch are drawn at once, a batch takes the
rows of its images. So what happens to an image depends neither on the batch it falls into, nor on other operations,
nor on where a killed run goes on.
"""

import math
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from torch.nn import functional

from netspaces.data.datasets import Dataset, Split
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.device import fits
from netspaces.training.mixing import Mixer
from netspaces.training.part import Named, made
from netspaces.training.random_numbers import AUGMENTATION, MIXING, ORDER, TARGET, generator, numpy_generator
from netspaces.training.recipe import Recipe
from netspaces.training.targets import TARGETS

if TYPE_CHECKING:
    from netspaces.data.jpeg import JpegImages

MEMORY_SHARE = {"auto": 0.5, "always": math.inf, "never": 0.0}
"""By the configuration's `data_on_device`: the share of the device's free memory that images may take."""

AHEAD = 3  # batches that are loaded before they are needed
Rows = TypeVar("Rows", torch.Tensor, slice)
Batch = tuple[torch.Tensor, torch.Tensor]
Numbers = dict[Named, torch.Tensor]


# ---- Images that lie on the device, and images that are copied there -------------------------------------------------


def normalised(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor, resolution: int) -> torch.Tensor:
    """Images (n, height, width, channels) as floats (n, channels, resolution, resolution), channels last."""
    images = images.float().div_(255).sub_(mean).div_(std).permute(0, 3, 1, 2)
    if images.shape[-1] != resolution:
        images = functional.interpolate(images, size=resolution, mode="bilinear", antialias=True)
    return images.contiguous(memory_format=torch.channels_last)


def as_they_are(images: torch.Tensor) -> torch.Tensor:
    """Images that need no preparation."""
    return images


class Resident:
    """Images on the device, prepared once. `index_device` is where rows of them lie best."""

    def __init__(self, split: Split, device: torch.device, prepare: Callable = as_they_are) -> None:
        self.images = prepare(_pixels(_source(split), slice(None)).to(device))
        self.index_device = device

    def batches(self, plan: Iterable[Rows]) -> Iterator[tuple[Rows, torch.Tensor]]:
        """The rows, slices or indices on the device, of each batch of a plan, and its images."""
        for rows in plan:
            yield rows, self.images[rows]


class Streamed:
    """Images on the host, of which batches are copied to the device and prepared there."""

    index_device = torch.device("cpu")

    def __init__(self, split: Split, device: torch.device, prepare: Callable = as_they_are) -> None:
        self.images, self.device, self.prepare = _source(split), device, prepare
        self.thread = ThreadPoolExecutor(1)
        self.stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def batches(self, plan: Iterable[Rows]) -> Iterator[tuple[Rows, torch.Tensor]]:
        """As `Resident.batches`; the images of batches to come are loaded meanwhile."""
        remaining = iter(plan)
        coming: deque[Future[tuple[Rows, torch.Tensor, torch.cuda.Event | None]]] = deque()
        try:
            while True:
                for rows in islice(remaining, AHEAD + 1 - len(coming)):
                    coming.append(self.thread.submit(self._load, rows))
                if not coming:
                    return
                yield self._prepared(*coming.popleft().result())
        finally:
            for loading in coming:
                loading.cancel()

    def _load(self, rows: Rows) -> tuple[Rows, torch.Tensor, "torch.cuda.Event | None"]:
        """Rows and images of a batch on the device, and the event that says when the copies are complete."""
        pixels = _pixels(self.images, rows)
        if self.stream is None:
            return rows, pixels.to(self.device), None
        with torch.cuda.stream(self.stream):
            return self._copied(rows), self._copied(pixels), self.stream.record_event()

    def _copied(self, values: Rows) -> Rows:
        """A tensor on the device as soon as the copy is complete; a slice as it is."""
        return values if isinstance(values, slice) else values.pin_memory().to(self.device, non_blocking=True)

    def _prepared(
        self, rows: Rows, batch: torch.Tensor, copied: "torch.cuda.Event | None"
    ) -> tuple[Rows, torch.Tensor]:
        if copied is not None:
            current = torch.cuda.current_stream(self.device)
            current.wait_event(copied)
            for values in (rows, batch):
                if isinstance(values, torch.Tensor):
                    values.record_stream(current)
        return rows, self.prepare(batch)


def _source(split: Split) -> "torch.Tensor | JpegImages":
    """A split's images by row: an array as a tensor of the same memory, or what decodes them."""
    if not isinstance(split.images, np.ndarray):
        return split.images
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nor is it written to
        return torch.from_numpy(split.images)  # its indexing lets go of the interpreter's lock; numpy's does not


def _pixels(source: "torch.Tensor | JpegImages", rows: torch.Tensor | slice) -> torch.Tensor:
    """Images on the host as a uint8 tensor (n, height, width, channels); a slice of an array is not copied."""
    if isinstance(source, torch.Tensor):
        return source[rows]
    return torch.from_numpy(source[rows if isinstance(rows, slice) else rows.numpy()])


# ---- Augmentation ----------------------------------------------------------------------------------------------------


def draw(operations: Iterable[Named], images: int, make_generator: Callable[[int], torch.Generator]) -> Numbers:
    """The random numbers of an epoch: by operation, a row per image. Each operation's place seeds a generator."""
    numbers = {}
    for part in operations:
        operation = made(AUGMENTATIONS, part)
        random = torch.randn if operation.normal else torch.rand
        numbers[part] = random(images, operation.numbers, generator=make_generator(operation.place))
    return numbers


def augment(images: torch.Tensor, numbers: Numbers, resolution: int) -> torch.Tensor:
    """Images (n, height, width, channels) after all operations of `numbers`, which holds their rows of `draw`."""
    for part, rows in numbers.items():
        images = made(AUGMENTATIONS, part).apply(images, rows, resolution)
    return images


def check_channels(operations: Iterable[Named], channels: int) -> None:
    """Raise ValueError if an operation is not made for images of so many channels."""
    for name in operations:
        expected = made(AUGMENTATIONS, name).channels
        if expected and channels not in expected:
            counts = " or ".join(map(str, expected))
            raise ValueError(
                f"recipe: augmentation {name} is for images of {counts} channels, the dataset's have {channels}"
            )


@dataclass(frozen=True)
class Draws:
    """The random numbers of an epoch, a row per training image: of each operation, of the target, of mixing."""

    operations: Numbers
    turns: torch.Tensor | None
    mixing: torch.Tensor | None

    def of(self, rows: torch.Tensor) -> "Draws":
        """Those of some images."""
        return self._each(lambda numbers: numbers[rows])

    def on(self, device: torch.device) -> "Draws":
        """The same numbers on a device."""
        return self._each(lambda numbers: numbers.to(device))

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> "Draws":
        return Draws(
            operations={part: change(numbers) for part, numbers in self.operations.items()},
            turns=None if self.turns is None else change(self.turns),
            mixing=None if self.mixing is None else change(self.mixing),
        )

    def tensors(self) -> list[torch.Tensor]:
        """All of them, always in the same order."""
        return [*self.operations.values(), *(each for each in (self.turns, self.mixing) if each is not None)]


# ---- A run's batches -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Examples:
    """A split on its way to a network: its images, and on the network's device their labels (n,)."""

    images: Resident | Streamed
    labels: torch.Tensor


class Batches:
    """What one run shows its network: training batches by epoch, and the test and validation splits (or None).

    `batch` is the number of images of a step, `steps` the number of steps of an epoch, `classes` that of the network's
    outputs. Raises ValueError if the recipe's target or augmentation does not suit the dataset's images.
    """

    def __init__(
        self,
        dataset: Dataset,
        recipe: Recipe,
        seed: int,
        resolution: int,
        device: torch.device,
        memory_share: float = MEMORY_SHARE["auto"],
    ) -> None:
        self.recipe, self.seed, self.resolution, self.device = recipe, seed, resolution, device
        self.target = made(TARGETS, recipe.target)
        check_channels(recipe.augmentation, dataset.train.images.shape[-1])
        self.classes = self.target.classes(dataset)
        self.mixer = Mixer(recipe.mixing, self.classes) if recipe.mixing else None
        self.mean, self.std = (torch.tensor(values, device=device) for values in (dataset.mean, dataset.std))
        source = Resident if fits(_sizes(dataset, recipe, resolution), memory_share, device) else Streamed
        self.train = self._examples_of(source, dataset.train, as_they_are if recipe.augmentation else self.ready)
        self.test = self._examples_of(source, dataset.test, self.ready)
        validation = dataset.validation
        self.validation = None if validation is None else self._examples_of(source, validation, self.ready)
        self.batch = min(recipe.batch_size, len(self.train.labels))
        self.steps = len(self.train.labels) // self.batch

    def _examples_of(self, source: type[Resident | Streamed], split: Split, prepare: Callable) -> Examples:
        labels = torch.from_numpy(np.array(split.labels)).to(self.device)
        return Examples(source(split, self.device, prepare), labels)

    def ready(self, images: torch.Tensor) -> torch.Tensor:
        """Images (n, height, width, channels) as the network takes them."""
        return normalised(images, self.mean, self.std, self.resolution)

    def order(self, epoch: int) -> Sequence[torch.Tensor]:
        """The training images of each step of an epoch, by row; those of an incomplete last batch are left out."""
        order = torch.randperm(len(self.train.labels), generator=generator(self.seed, ORDER, epoch))
        return order.to(self.train.images.index_device).split(self.batch)[: self.steps]

    def examples(self, epoch: int, plan: Iterable[torch.Tensor]) -> Iterator[Batch]:
        """For each batch of a plan: the training images as the network gets them in an epoch, and what is right.

        What is right is an answer (n,), or if the recipe mixes images the weights of all answers (n, classes).
        """
        draws = self.draws(epoch).on(self.device)
        for rows, images in self.train.images.batches(plan):
            yield self.shown(images, rows, draws.of(rows))

    def shown(self, images: torch.Tensor, rows: torch.Tensor, draws: Draws) -> Batch:
        """Training images, which are those of `rows`, as the network gets them, and what is right of each.

        `draws` are their random numbers. Everything happens on the device.
        """
        if self.recipe.augmentation:
            images = self.ready(augment(images, draws.operations, self.resolution))
        images, expected = self.target.examples(images, self.train.labels[rows], draws.turns)
        if self.mixer and draws.mixing is not None:
            images, expected = self.mixer.apply(images, expected, draws.mixing)
        return images, expected

    def draws(self, epoch: int) -> Draws:
        """The random numbers of an epoch, on the host."""
        images, mixing = len(self.train.labels), None
        operations = draw(
            self.recipe.augmentation, images, lambda place: generator(self.seed, AUGMENTATION, epoch, place)
        )
        if self.mixer is not None:
            random = numpy_generator(self.seed, MIXING, epoch)
            mixing = torch.from_numpy(self.mixer.draw(images, random))
        return Draws(operations, self.target.draw(images, generator(self.seed, TARGET, epoch)), mixing)

    def questions(self, examples: Examples, size: int) -> Iterator[Batch]:
        """What an evaluation on a split asks: images, `size` at a time, and what is right of each."""
        count = len(examples.labels)
        plan = [slice(start, start + size) for start in range(0, count, size)]
        for rows, images in examples.images.batches(plan):
            yield from self.target.questions(images, examples.labels[rows])


def _sizes(dataset: Dataset, recipe: Recipe, resolution: int) -> list[int]:
    """Bytes that each split takes on a device: as floats, or as uint8 where every epoch changes the images anew."""
    splits = [split for split in (dataset.train, dataset.test, dataset.validation) if split is not None]
    sizes = [4 * len(split.labels) * dataset.train.images.shape[-1] * resolution**2 for split in splits]
    if recipe.augmentation:
        sizes[0] = math.prod(dataset.train.images.shape)
    return sizes
