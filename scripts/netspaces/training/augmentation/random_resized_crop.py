"""Random resized crop (Inception, torchvision): a random box of the image, resized to what the network takes."""

import math
from typing import TYPE_CHECKING

from netspaces.training.operation import Operation

if TYPE_CHECKING:
    import torch

ATTEMPTS = 10  # at a box that lies in the image, before the whole image is taken
AREAS, RATIOS = (0.08, 1.0), (3 / 4, 4 / 3)  # limits of a box: its share of the image, its width by its height


class RandomResizedCrop(Operation):
    """A random box of each image, resized to `resolution` (bilinear, no antialiasing)."""

    description = (
        "a box of 8 to 100 % of the area and 3:4 to 4:3 in shape, resized to the network's resolution, bilinear "
        "without antialiasing"
    )
    place = 0
    numbers = 2 + 2 * ATTEMPTS

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The boxes, (n, resolution, resolution, channels)."""
        import torch
        from torch.nn import functional

        size = images.shape[1]
        corner, sides = boxes(numbers, size).split(2, dim=1)
        steps = (torch.arange(resolution, device=images.device) + 0.5) / resolution
        points = corner[:, :, None] + steps * sides[:, :, None]  # (n, 2, resolution): rows and columns, in pixels
        points = points.clamp((corner + 0.5)[:, :, None], (corner + sides - 0.5)[:, :, None])  # all from inside the box
        rows, columns = (2 * points / size - 1).unbind(1)
        grid = torch.stack(
            [columns[:, None, :].expand(-1, resolution, -1), rows[:, :, None].expand(-1, -1, resolution)], dim=3
        )
        pixels = images.permute(0, 3, 1, 2).float()
        return functional.grid_sample(pixels, grid, align_corners=False, padding_mode="border").permute(0, 2, 3, 1)


def boxes(uniforms: "torch.Tensor", size: int) -> "torch.Tensor":
    """Boxes (top, left, height, width) in whole pixels, shape (n, 4), from uniform numbers (n, 2 + 2 * ATTEMPTS).

    Area and log of the aspect ratio are uniform. The first of ten attempts that lies in the image counts; if none does,
    the whole image.
    """
    import torch

    position, attempts = uniforms[:, :2], uniforms[:, 2:].unflatten(1, (ATTEMPTS, 2))
    area = (AREAS[0] + attempts[..., 0] * (AREAS[1] - AREAS[0])) * size**2
    low, high = map(math.log, RATIOS)
    ratio = (low + attempts[..., 1] * (high - low)).exp()
    sides = torch.stack([(area / ratio).sqrt(), (area * ratio).sqrt()], dim=2).round()  # height, width
    fits = ((sides > 0) & (sides <= size)).all(dim=2)
    first = fits.int().argmax(dim=1)
    sides = sides[torch.arange(len(sides), device=sides.device), first]
    sides = torch.where(fits.any(dim=1, keepdim=True), sides, float(size))
    corner = (position * (size - sides + 1)).floor()
    return torch.cat([corner, sides], dim=1)


AUGMENTATION = RandomResizedCrop()
