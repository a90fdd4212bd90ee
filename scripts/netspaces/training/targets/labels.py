"""Labels: the class of an image, as the dataset says."""

from collections.abc import Iterator

import torch

from netspaces.data.datasets import Dataset
from netspaces.training.target import Target


class Labels(Target):
    """The images as they are, and their labels."""

    description = "the class of the image"

    def classes(self, dataset: Dataset) -> int:
        """The dataset's classes."""
        return dataset.classes

    def examples(
        self, images: torch.Tensor, labels: torch.Tensor, numbers: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Images and labels as they are."""
        return images, labels

    def questions(self, images: torch.Tensor, labels: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Images and labels as they are."""
        yield images, labels


TARGET = Labels()
