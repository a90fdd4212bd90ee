"""Crop: the image shifted a little, as is usual for CIFAR-10."""

from typing import TYPE_CHECKING

from netspaces.training.operation import Operation

if TYPE_CHECKING:
    import torch


class Crop(Operation):
    """Each image shifted by up to an eighth of its side (4 of 32 pixels) in both directions; black comes in."""

    description = "shifted by up to an eighth of the side in both directions; black comes in"
    place = 1
    numbers = 2

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The shifted images, of the shape of `images`."""
        import torch
        from torch.nn import functional

        size = images.shape[1]
        padding = -(-size // 8)
        padded = functional.pad(images, (0, 0, padding, padding, padding, padding))
        corner = (numbers * (2 * padding + 1)).long()
        rows, columns = (corner[:, :, None] + torch.arange(size, device=images.device)).unbind(1)
        image = torch.arange(len(images), device=images.device)[:, None, None]
        return padded[image, rows[:, :, None], columns[:, None, :]]


AUGMENTATION = Crop()
