"""RandAugment (Cubuk et al. 2020), as torchvision defines it: some operations in a row, all of the same magnitude.

The magnitude runs to 30: it is three times that of papers and programs which count to 10.
"""

from typing import TYPE_CHECKING, Annotated

from netspaces.training.operation import Operation
from netspaces.training.part import Interval

if TYPE_CHECKING:
    import torch

Few = Annotated[int, Interval(1, 14)]
Magnitude = Annotated[float, Interval(0, 30)]


class RandAugment(Operation):
    """Operations chosen at random from fourteen, of which each changes the image by `magnitude` of 30."""

    description = "some of fourteen operations in a row, each by `magnitude` of 30 (RandAugment, torchvision's)"
    place = 5
    channels = (1, 3)

    def __init__(self, *, operations: Few = 2, magnitude: Magnitude = 9.0) -> None:
        self.operations, self.magnitude = operations, magnitude
        self.numbers = 2 * operations

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The changed images as uint8."""
        import torch

        from netspaces.training import image_operations as each

        pixels = [150 / 331 * size for size in (images.shape[2], images.shape[1])]
        limits = each.limits_of(0.3, (pixels[0], pixels[1]), 30.0, 0.9, 4)
        images = each.as_bytes(images)
        for choice, sign in (pair.unbind(1) for pair in numbers.split(2, dim=1)):
            operation = (choice * len(each.OPERATIONS)).long()
            magnitude = torch.full_like(choice, self.magnitude)
            level = each.levels(operation, magnitude, torch.where(sign < 0.5, 1.0, -1.0), limits)
            images = each.changed(images, operation, level)
        return images


AUGMENTATION = RandAugment()
