"""Colour jitter: brightness, contrast and saturation, each times a random factor."""

from typing import TYPE_CHECKING

from netspaces.training.operation import Operation

if TYPE_CHECKING:
    import torch

STRENGTH = 0.4  # factors lie between 1 - STRENGTH and 1 + STRENGTH
GREY = (0.2989, 0.587, 0.114)  # weights of red, green and blue in brightness


class Colour(Operation):
    """Brightness, contrast and saturation times a random factor each, in this order."""

    description = "brightness, contrast and saturation times factors from 0.6 to 1.4; for 1 or 3 channels"
    place = 3
    numbers = 3
    channels = (1, 3)

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The changed images as floats, between 0 and 255."""
        images = images.float()
        brightness, contrast, saturation = (1 - STRENGTH + 2 * STRENGTH * numbers)[:, :, None, None, None].unbind(1)
        images = (images * brightness).clamp(0, 255)
        images = (images * contrast + (1 - contrast) * grey(images).mean((1, 2, 3), keepdim=True)).clamp(0, 255)
        return (images * saturation + (1 - saturation) * grey(images)).clamp(0, 255)


def grey(images: "torch.Tensor") -> "torch.Tensor":
    """The brightness of each pixel, shape (n, height, width, 1)."""
    if images.shape[3] == 1:
        return images
    red, green, blue = (weight * images[..., channel, None] for channel, weight in enumerate(GREY))
    return red + green + blue


AUGMENTATION = Colour()
