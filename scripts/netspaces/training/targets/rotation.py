"""Rotation: without any label, by how many quarter turns an image was rotated.

Source: "Are Labels Necessary for Neural Architecture Search?" (Liu et al. 2020), which ranks architectures by it.
"""

from collections.abc import Iterator

import torch

from netspaces.data.datasets import Dataset
from netspaces.training.target import Target

TURNS = 4


class Rotation(Target):
    """Training images turned at random, test images in all four rotations."""

    description = "by how many quarter turns the image was rotated, without labels"

    def classes(self, dataset: Dataset) -> int:
        """Four: as many as there are rotations. Raises ValueError if images are not square."""
        height, width = dataset.train.images.shape[1:3]
        if height != width:
            raise ValueError(f"recipe: target is rotation, expected square images, not {height} x {width}")
        return TURNS

    def draw(self, images: int, generator: torch.Generator) -> torch.Tensor:
        """A number of quarter turns for each image."""
        return torch.randint(TURNS, (images,), generator=generator)

    def examples(
        self, images: torch.Tensor, labels: torch.Tensor, numbers: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Each image turned by its number, and the numbers."""
        assert numbers is not None
        return turned(images, numbers), numbers

    def questions(self, images: torch.Tensor, labels: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """The images in all four rotations, one after another."""
        for turn in range(TURNS):
            turns = torch.full_like(labels, turn)
            yield turned(images, turns), turns


def turned(images: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Images (n, channels, side, side), each rotated counterclockwise by its number (n,) of quarter turns, 0 to 3."""
    rotated = images
    for turn in (1, 2, 3):
        rotated = torch.where((turns == turn)[:, None, None, None], images.rot90(turn, (2, 3)), rotated)
    return rotated.contiguous(memory_format=torch.channels_last)


TARGET = Rotation()
