"""Flip: every other image, at random, with left and right exchanged."""

from typing import TYPE_CHECKING

from netspaces.training.operation import Operation

if TYPE_CHECKING:
    import torch


class Flip(Operation):
    """Each image mirrored with a probability of one half."""

    description = "half of the images left to right"
    place = 2
    numbers = 1

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The images, some of them mirrored."""
        import torch

        return torch.where((numbers < 0.5)[:, :, None, None], images.flip(2), images)


AUGMENTATION = Flip()
