"""Binary cross-entropy: whether an image shows a class is asked of each class by itself, as in "ResNet strikes back".

With `threshold` above 0, every class whose weight is above it counts as shown: of a mixed image often two.
Source: Wightman et al. 2021, whose threshold is 0.2.
"""

from typing import TYPE_CHECKING

from netspaces.training.part import Decay

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


def binary_cross_entropy(
    logits: "torch.Tensor", expected: "torch.Tensor", recipe: "Recipe", *, threshold: Decay = 0.0
) -> "torch.Tensor":
    """The mean over images and classes, in nats; `label_smoothing` as in cross-entropy."""
    from torch.nn import functional

    classes = logits.shape[1]
    weights = functional.one_hot(expected, classes).to(logits.dtype) if expected.ndim == 1 else expected
    weights = (1 - recipe.label_smoothing) * weights + recipe.label_smoothing / classes
    if threshold:
        weights = (weights > threshold).to(logits.dtype)
    return functional.binary_cross_entropy_with_logits(logits, weights)


LOSS = binary_cross_entropy
