"""Lighting (AlexNet): the image's colours moved along the principal components of colour."""

import functools
from typing import TYPE_CHECKING

from netspaces.training.operation import Operation

if TYPE_CHECKING:
    import torch

DEVIATION = 0.1  # of the random multiples
EIGENVALUES = (0.2175, 0.0188, 0.0045)  # of the colours of ImageNet's pixels, from 0 to 1 (AlexNet)
EIGENVECTORS = (  # as columns, for red, green, blue
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)


class Lighting(Operation):
    """Each image's colours moved along the principal components of colour by normal multiples of their spread."""

    description = "colours moved along the principal components of ImageNet's (AlexNet); for 3 channels"
    place = 4
    numbers = 3
    normal = True
    channels = (3,)

    def apply(self, images: "torch.Tensor", numbers: "torch.Tensor", resolution: int) -> "torch.Tensor":
        """The changed images as floats, which may leave 0 to 255."""
        shift = (components(images.device) * numbers[:, None, :]).sum(2)
        return images.float() + shift[:, None, None, :]


@functools.cache
def components(device: "torch.device") -> "torch.Tensor":
    """Principal components of colour as columns, as long as their deviation in pixels; kept on the device."""
    import torch

    return (torch.tensor(EIGENVECTORS) * torch.tensor(EIGENVALUES) * DEVIATION * 255).to(device)


AUGMENTATION = Lighting()
