"""SGD with momentum, the paper's optimiser (footnote 5): weight decay on every parameter, Nesterov if asked for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netspaces.training.optimiser import Optimiser

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


class Sgd(Optimiser):
    """Stochastic gradient descent by the recipe's `momentum`, `nesterov` and `weight_decay`."""

    rate_on_device = True
    description = "stochastic gradient descent with momentum, by the recipe's `momentum` and `nesterov`"

    def __init__(self, parameters: "Sequence[torch.Tensor]", recipe: "Recipe") -> None:
        import torch

        super().__init__(parameters, recipe)
        self.momentum: list[torch.Tensor | None] = [None] * len(self.parameters)
        if self.parameters[0].device.type != "cpu":  # zeros, so that the first step is the same work as all others
            self.momentum = [torch.zeros_like(parameter) for parameter in self.parameters]

    def step(self, gradients: "list[torch.Tensor]", rate: Any) -> None:
        """One step; a parameter's momentum begins as its first gradient, which zeros come to as well."""
        from torch.optim.sgd import sgd  # constructing optim.SGD imports the compiler, 0.6 CPU-seconds per job

        sgd(
            self.parameters,
            gradients,
            self.momentum,
            fused=True,  # one pass over all: 2 to 4 % of a step on a CPU, a few hundred kernels fewer on a GPU
            grad_scale=None,
            found_inf=None,
            lr=rate,
            momentum=self.recipe.momentum,
            nesterov=self.recipe.nesterov,
            weight_decay=self.recipe.weight_decay,
            dampening=0.0,
            maximize=False,
        )

    def state(self) -> dict:
        """The momentum of each parameter; None before the first step."""
        return {"momentum": self.momentum}

    def restore(self, state: Mapping) -> None:
        """Continue from a `state`."""
        self.momentum = state["momentum"]


OPTIMISER = Sgd
