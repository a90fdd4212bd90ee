"""Lion (Chen et al. 2023): steps of equal length in every parameter, by the sign of a mean of gradients.

    parameter = parameter - rate (sign(beta_1 mean + (1 - beta_1) gradient) + weight_decay parameter)
    mean = beta_2 mean + (1 - beta_2) gradient

An example of an optimiser outside the library: docs/how-to/own_recipe.md.
"""

from netspaces.training.optimiser import Moments
from netspaces.training.part import Decay


class Lion(Moments):
    """`kept` names what the optimiser remembers of each parameter; the base class makes, saves and restores it."""

    unused = ("momentum", "nesterov")
    kept = ("means",)

    def __init__(self, parameters, recipe, *, beta_1: Decay = 0.9, beta_2: Decay = 0.99) -> None:
        super().__init__(parameters, recipe)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def step(self, gradients, rate: float) -> None:
        """One step of all parameters."""
        for parameter, mean, gradient in zip(self.parameters, self.means, gradients, strict=True):
            parameter.mul_(1 - rate * self.recipe.weight_decay)
            parameter.sub_(mean.lerp(gradient, 1 - self.beta_1).sign_(), alpha=rate)
            mean.lerp_(gradient, 1 - self.beta_2)
        self.steps += 1


OPTIMISER = Lion
