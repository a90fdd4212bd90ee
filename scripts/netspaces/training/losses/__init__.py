"""The losses, one file each.

An entry is a function of (logits (n, classes) in fp32, what is right of each image, recipe) that returns the mean loss
of the n images, from which gradients can be computed. What is right is a class (n,), or where the recipe mixes images
the weights of all classes (n, classes), which sum to 1. Keyword-only parameters are options. Files of users hold one in
the same way, under the name LOSS.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:  # a recipe asks for names only, which must not cost the import of torch
    import torch

    from netspaces.training.recipe import Recipe

    Loss = Callable[[torch.Tensor, torch.Tensor, Recipe], torch.Tensor]

LOSSES: "Registry[Loss]" = Registry("loss", "LOSS", "netspaces.training.losses")
