"""Images on their way to a network: in the order of an epoch, augmented, normalised, with what is right of each.

`images` says where they lie meanwhile.

Every random number belongs to (seed, epoch, purpose, image): those of an epoch are drawn at once, a batch takes the
rows of its images. So what happens to an image depends neither on the batch it falls into, nor on other operations,
nor on where a killed run goes on.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from netspaces.data.datasets import Dataset, Split
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.device import fits
from netspaces.training.images import Form, Resident, Streamed, as_they_are, is_resident, normalised, resident, size_of
from netspaces.training.mixing import Mixer
from netspaces.training.part import Named, made
from netspaces.training.random_numbers import AUGMENTATION, MIXING, ORDER, TARGET, generator, numpy_generator
from netspaces.training.recipe import Recipe
from netspaces.training.targets import TARGETS

MEMORY_SHARE = {"auto": 0.5, "always": math.inf, "never": 0.0}
"""By the configuration's `data_on_device`: the share of the device's free memory that images may take."""

Batch = tuple[torch.Tensor, torch.Tensor]
Numbers = dict[Named, torch.Tensor]


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
        form = (tuple(dataset.mean), tuple(dataset.std), resolution)
        splits: list[tuple[Split, Form]] = [(dataset.train, None if recipe.augmentation else form)]
        splits += [(split, form) for split in (dataset.test, dataset.validation) if split is not None]
        missing = [size_of(split, form) for split, form in splits if not is_resident(split, device, form)]
        there = memory_share > 0 and fits(missing, memory_share, device)
        self.train, self.test, *others = (self._examples_of(split, form, there) for split, form in splits)
        self.validation = others[0] if others else None
        self.batch = min(recipe.batch_size, len(self.train.labels))
        self.steps = len(self.train.labels) // self.batch

    def _examples_of(self, split: Split, form: Form, there: bool) -> Examples:
        labels = torch.from_numpy(np.array(split.labels)).to(self.device)
        prepare = as_they_are if form is None else self.ready
        images = resident(split, self.device, form, prepare) if there else Streamed(split, self.device, prepare)
        return Examples(images, labels)

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
