"""TrivialAugment (Müller and Hutter 2021), torchvision's wide one: one operation of random magnitude."""

from typing import TYPE_CHECKING

from netspaces.training.operation import Operation

if TYPE_CHECKING:
    import torch


class TrivialAugment(Operation):
    """One of fourteen operations, with a random one of 31 magnitudes; translations by up to 32 pixels."""

    description = "one of fourteen operations with a random magnitude (TrivialAugment, torchvision's)"
    place = 6
    numbers = 3
    channels = (1, 3)

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The changed images as uint8."""
        import torch

        from netspaces.training import image_operations as each

        choice, magnitude, sign = numbers.unbind(1)
        operation = (choice * len(each.OPERATIONS)).long()
        limits = each.limits_of(0.99, (32.0, 32.0), 135.0, 0.99, 6)
        magnitude = (magnitude * (each.STRONGEST + 1)).floor()
        level = each.levels(operation, magnitude, torch.where(sign < 0.5, 1.0, -1.0), limits)
        return each.changed(each.as_bytes(images), operation, level)


AUGMENTATION = TrivialAugment()
