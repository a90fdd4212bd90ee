"""AdamW (Loshchilov and Hutter 2019): Adam with weight decay beside the gradient and not in it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netspaces.training.optimiser import Moments
from netspaces.training.part import Decay, Positive

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


class AdamW(Moments):
    """Adam with decoupled weight decay: each step takes `rate` times `weight_decay` of a parameter."""

    description = "Adam with decoupled weight decay"
    unused = ("momentum", "nesterov")
    rate_on_device = True
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
        epsilon: Positive = 1e-8,
    ) -> None:
        super().__init__(parameters, recipe)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self._count_steps()

    def _count_steps(self) -> None:
        """The number of steps as torch's function wants it: a number for each parameter, on the device."""
        import torch

        devices = [parameter.device for parameter in self.parameters]
        self.counters = [torch.full((), float(self.steps), device=device) for device in devices]

    def step(self, gradients: "list[torch.Tensor]", rate: Any) -> None:
        """One step, by torch's function."""
        from torch.optim.adamw import adamw

        adamw(
            self.parameters,
            gradients,
            self.means,
            self.squares,
            [],
            self.counters,
            fused=True,
            amsgrad=False,
            beta1=self.beta_1,
            beta2=self.beta_2,
            lr=rate,
            weight_decay=self.recipe.weight_decay,
            eps=self.epsilon,
            maximize=False,
        )

    def state(self) -> dict:
        """The moments, and the number of steps, which is counted on the device."""
        return super().state() | {"steps": int(self.counters[0])}

    def restore(self, state: Mapping) -> None:
        """Continue from a `state`."""
        super().restore(state)
        self._count_steps()


OPTIMISER = AdamW
