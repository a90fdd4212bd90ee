"""LAMB (You et al. 2020): Adam whose step in each tensor of weights is as long as the tensor, times the learning rate.

    update = mean / (sqrt(square) + epsilon) + weight_decay parameter      # of the bias-corrected moments
    parameter = parameter - rate |parameter| / |update| update

Where a parameter or its update is zero, and where nothing decays (as of biases and norms with `weight_decay_on:
weights`), the ratio is 1, as in the implementation that "ResNet strikes back" (Wightman et al. 2021) trained with.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspaces.training.optimiser import Moments
from netspaces.training.part import Decay, Positive

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


class Lamb(Moments):
    """Adam's direction, with the length of each tensor's step in proportion to the tensor."""

    description = "Adam's direction with steps in proportion to each tensor of weights, for large batches"
    unused = ("momentum", "nesterov")
    kept = ("means", "squares")
    means: "list[torch.Tensor]"
    squares: "list[torch.Tensor]"

    def __init__(
        self,
        parameters: "Sequence[torch.Tensor]",
        recipe: "Recipe",
        *,
        beta_1: Decay = 0.9,
        beta_2: Decay = 0.999,
        epsilon: Positive = 1e-6,
    ) -> None:
        super().__init__(parameters, recipe)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def step(self, gradients: "list[torch.Tensor]", rate: float) -> None:
        """One step of all parameters at once; no number leaves the device."""
        import torch

        self.steps += 1
        torch._foreach_lerp_(self.means, gradients, 1 - self.beta_1)
        torch._foreach_mul_(self.squares, self.beta_2)
        torch._foreach_addcmul_(self.squares, gradients, gradients, 1 - self.beta_2)
        roots = torch._foreach_div(self.squares, 1 - self.beta_2**self.steps)
        torch._foreach_sqrt_(roots)
        torch._foreach_add_(roots, self.epsilon)
        updates = torch._foreach_div(self.means, 1 - self.beta_1**self.steps)
        torch._foreach_div_(updates, roots)
        if decay := self.recipe.weight_decay:
            torch._foreach_add_(updates, self.parameters, alpha=decay)
            sizes, lengths = torch._foreach_norm(self.parameters), torch._foreach_norm(updates)
            ratios = [
                torch.where((size > 0) & (length > 0), size / length, 1.0)
                for size, length in zip(sizes, lengths, strict=True)
            ]
            torch._foreach_mul_(updates, ratios)
        torch._foreach_add_(self.parameters, updates, alpha=-rate)


OPTIMISER = Lamb
