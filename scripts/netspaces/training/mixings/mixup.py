"""Mixup (Zhang et al. 2018): a weighted mean of two images."""

from typing import TYPE_CHECKING

from netspaces.training.mixing import Alpha, Mixing
from netspaces.training.part import Share

if TYPE_CHECKING:
    import torch


class Mixup(Mixing):
    """The weights of two images are those of what is right of them."""

    description = "a weighted mean of two images"

    def __init__(self, *, alpha: Alpha = 0.2, probability: Share = 1.0) -> None:
        super().__init__(alpha=alpha, probability=probability)

    def apply(
        self, images: "torch.Tensor", others: "torch.Tensor", numbers: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Means, and weights as they were drawn."""
        weights = numbers[:, 0]
        return others.lerp(images, weights[:, None, None, None]), weights


MIXING = Mixup()
