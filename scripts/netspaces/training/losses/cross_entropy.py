"""Cross-entropy, the paper's loss, with label smoothing if the recipe asks for it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


def cross_entropy(logits: "torch.Tensor", expected: "torch.Tensor", recipe: "Recipe") -> "torch.Tensor":
    """The mean cross-entropy in nats; `label_smoothing` is the share that goes to all classes alike."""
    from torch.nn import functional

    return functional.cross_entropy(logits, expected, label_smoothing=recipe.label_smoothing)


LOSS = cross_entropy
