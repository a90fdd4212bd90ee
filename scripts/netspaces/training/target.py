"""Targets: what networks learn to tell of images, in training and in evaluation."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch

from netspaces.data.datasets import Dataset


class Target(ABC):
    """What a network is to say of an image. Images below are those that a network gets, (n, channels, side, side)."""

    @abstractmethod
    def classes(self, dataset: Dataset) -> int:
        """How many answers there are; raises ValueError, in one line, if a dataset's images cannot be asked."""

    def draw(self, images: int, generator: torch.Generator) -> torch.Tensor | None:
        """The random numbers of an epoch, a row for each training image; None if it takes none."""
        return None

    @abstractmethod
    def examples(
        self, images: torch.Tensor, labels: torch.Tensor, numbers: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Training images as they are shown, and what is right of each; `numbers` are their rows of `draw`."""

    @abstractmethod
    def questions(self, images: torch.Tensor, labels: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """What an evaluation asks of images: batches as they are shown, and what is right of each image in them."""
