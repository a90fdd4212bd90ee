"""Random erasing (Zhong et al. 2020): a box of the image replaced by the image's mean colour.

Sizes are those of the paper and of torchvision: 2 to 33 % of the area, 3:10 to 33:10 in shape. Others fill the box with
noise or with the mean of all images.
"""

import math
from typing import TYPE_CHECKING

from netspaces.training.operation import Operation
from netspaces.training.part import Share

if TYPE_CHECKING:
    import torch

AREAS, RATIOS = (0.02, 0.33), (0.3, 3.3)  # limits of a box: its share of the image, its height by its width


class RandomErasing(Operation):
    """A box erased with a `probability`."""

    description = "a box of 2 to 33 % of the area replaced by the image's mean colour"
    place = 7
    numbers = 5

    def __init__(self, *, probability: Share = 0.5) -> None:
        self.probability = probability

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The images, some of them with a box."""
        import torch

        top, left, height, width = boxes(numbers[:, 1:], *images.shape[1:3]).unbind(1)
        rows, columns = (torch.arange(size, device=images.device) for size in images.shape[1:3])
        inside_rows = (rows >= top[:, None]) & (rows < (top + height)[:, None])
        inside_columns = (columns >= left[:, None]) & (columns < (left + width)[:, None])
        erased = inside_rows[:, :, None] & inside_columns[:, None, :]
        erased &= (numbers[:, 0] < self.probability)[:, None, None]
        mean = images.float().mean((1, 2), keepdim=True)
        fill = mean if images.is_floating_point() else mean.round().to(images.dtype)
        return torch.where(erased[..., None], fill, images)


def boxes(uniforms: "torch.Tensor", height: int, width: int) -> "torch.Tensor":
    """Boxes (top, left, height, width) in whole pixels, (n, 4), from uniform numbers (n, 4).

    Area and log of the shape are uniform; a box that would be longer than the image is as long as the image.
    """
    import torch

    area, shape, row, column = uniforms.unbind(1)
    area = (AREAS[0] + area * (AREAS[1] - AREAS[0])) * (height * width)
    low, high = map(math.log, RATIOS)
    ratio = (low + shape * (high - low)).exp()
    tall, wide = (side.sqrt().round().clamp(1, size) for side, size in ((area * ratio, height), (area / ratio, width)))
    top, left = (row * (height - tall + 1)).floor(), (column * (width - wide + 1)).floor()
    return torch.stack([top, left, tall, wide], dim=1)


AUGMENTATION = RandomErasing()
