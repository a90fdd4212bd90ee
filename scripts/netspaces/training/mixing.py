"""Mixing: each training image made one with another of its batch, and what is right of both weighted accordingly.

The other image is the one before it in the batch. All random numbers belong to (seed, epoch, image), as those of
augmentation; the papers draw one weight for a whole batch. Images below are those that a network gets.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from netspaces.training.mixings import MIXINGS
from netspaces.training.part import Interval, Named, Share, made

if TYPE_CHECKING:
    import torch

Alpha = Annotated[float, Interval(0.001, 1000)]


class Mixing(ABC):
    """A way of mixing two images. Weights are drawn from Beta(alpha, alpha); an image is mixed with a `probability`.

    Attributes
    ----------
    description : what it does, in a few words.
    positions : how many uniform random numbers between 0 and 1 an image takes beside its weight.
    """

    description: str
    positions: ClassVar[int] = 0

    def __init__(self, *, alpha: Alpha = 1.0, probability: Share = 1.0) -> None:
        self.alpha, self.probability = alpha, probability

    def draw(self, images: int, random: np.random.Generator) -> np.ndarray:
        """The random numbers of an epoch, a row per image: its weight, 1 if it is not mixed, then its positions."""
        weights = random.beta(self.alpha, self.alpha, images)
        weights = np.where(random.random(images) < self.probability, weights, 1.0)
        return np.column_stack([weights, random.random((images, self.positions))]).astype(np.float32)

    @abstractmethod
    def apply(
        self, images: "torch.Tensor", others: "torch.Tensor", numbers: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Mixed images, and the weight (n,) of each image itself in what is right; `numbers` are rows of `draw`."""


class Mixer:
    """The mixing of a recipe: each image is mixed in one of some ways, which are equally likely."""

    def __init__(self, mixings: Sequence[Named], classes: int) -> None:
        self.mixings: list[Mixing] = [made(MIXINGS, mixing) for mixing in mixings]
        self.classes = classes

    def draw(self, images: int, random: np.random.Generator) -> np.ndarray:
        """The random numbers of an epoch, a row per image: which way, then those of each way."""
        ways = random.integers(len(self.mixings), size=(images, 1)).astype(np.float32)
        return np.hstack([ways, *(mixing.draw(images, random) for mixing in self.mixings)])

    def apply(
        self, images: "torch.Tensor", expected: "torch.Tensor", numbers: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Mixed images, and the weights (n, classes) of what is right; `expected` (n,) is what is right of each."""
        import torch
        from torch.nn import functional

        others = images.roll(1, 0)
        way, *own = numbers.split([1, *(1 + mixing.positions for mixing in self.mixings)], dim=1)
        mixed, weights = self.mixings[0].apply(images, others, own[0])
        for number, mixing in enumerate(self.mixings[1:], 1):
            chosen = way[:, 0] == number
            other_mixed, other_weights = mixing.apply(images, others, own[number])
            mixed = torch.where(chosen[:, None, None, None], other_mixed, mixed)
            weights = torch.where(chosen, other_weights, weights)
        right = functional.one_hot(expected, self.classes).to(images.dtype)
        return mixed, right.roll(1, 0).lerp(right, weights[:, None])
