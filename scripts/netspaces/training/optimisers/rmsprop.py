"""RMSprop as EfficientNet is trained with it: TensorFlow's, which is not torch's.

Epsilon stands inside the root, mean squares begin at 1, and the learning rate is part of the momentum:

    square = alpha square + (1 - alpha) gradient^2
    momentum = momentum' momentum + rate gradient / sqrt(square + epsilon)
    parameter = parameter - momentum

Weight decay is part of the gradient. Source: TensorFlow 1's RMSPropOptimizer; EfficientNet (Tan and Le 2019) uses decay
0.9, momentum 0.9 and epsilon 0.001.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspaces.training.optimiser import Moments
from netspaces.training.part import Decay, Positive

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


class RmsProp(Moments):
    """TensorFlow's RMSprop, with a momentum of its own as an option."""

    description = "RMSprop as TensorFlow defines it, for EfficientNet: epsilon inside the root"
    unused = ("momentum", "nesterov")
    kept = ("squares", "velocities")
    squares: "list[torch.Tensor]"
    velocities: "list[torch.Tensor]"

    def __init__(
        self,
        parameters: "Sequence[torch.Tensor]",
        recipe: "Recipe",
        *,
        alpha: Decay = 0.9,
        momentum: Decay = 0.9,
        epsilon: Positive = 1e-3,
    ) -> None:
        super().__init__(parameters, recipe)
        self.alpha, self.momentum, self.epsilon = alpha, momentum, epsilon
        for square in self.squares:
            square.fill_(1.0)

    def step(self, gradients: "list[torch.Tensor]", rate: float) -> None:
        """One step of all parameters at once."""
        import torch

        if self.recipe.weight_decay:
            gradients = list(torch._foreach_add(gradients, self.parameters, alpha=self.recipe.weight_decay))
        torch._foreach_mul_(self.squares, self.alpha)
        torch._foreach_addcmul_(self.squares, gradients, gradients, 1 - self.alpha)
        roots = torch._foreach_add(self.squares, self.epsilon)
        torch._foreach_sqrt_(roots)
        torch._foreach_mul_(self.velocities, self.momentum)
        torch._foreach_addcdiv_(self.velocities, gradients, roots, rate)
        torch._foreach_sub_(self.parameters, self.velocities)
        self.steps += 1


OPTIMISER = RmsProp
