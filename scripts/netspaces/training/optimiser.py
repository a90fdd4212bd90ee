"""Optimisers: what each of them offers to a run, and which of its parameters decay.

Neither this module nor the files of optimisers import torch before they work, so that recipes know their options.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.part import made

if TYPE_CHECKING:
    import torch

    from netspaces.training.recipe import Recipe


class Optimiser(ABC):
    """Updates the parameters of one run. The learning rate of each step comes from outside, from the recipe.

    Options of an optimiser are keyword-only parameters of its constructor. `unused` names values of the recipe that
    have no meaning for it: a recipe that states others than their defaults is refused. `rate_on_device` says whether
    its step is the same work each time and takes the learning rate as a tensor () on the device too, without asking for
    its value; then a GPU records the step once.
    """

    unused: ClassVar[tuple[str, ...]] = ()
    rate_on_device: bool = False

    def __init__(self, parameters: "Sequence[torch.Tensor]", recipe: "Recipe") -> None:
        self.parameters, self.recipe = list(parameters), recipe

    @abstractmethod
    def step(self, gradients: "list[torch.Tensor]", rate: Any) -> None:
        """Change the parameters in place, by gradients in the same order; called without gradients being recorded.

        `rate` is a number, or with `rate_on_device` perhaps a tensor () on the device.
        """

    @abstractmethod
    def state(self) -> dict:
        """All that a resumed run needs, as `torch.save` can write it: tensors, numbers, text, lists of them."""

    @abstractmethod
    def restore(self, state: Mapping) -> None:
        """Continue from a `state`; raises KeyError if a part of it is missing."""


class Moments(Optimiser):
    """An optimiser whose state is some tensors of the shape of each parameter, and the number of steps done.

    `kept` names the attributes that hold the tensors, lists in the order of the parameters, zero at first.
    """

    kept: ClassVar[tuple[str, ...]]

    def __init__(self, parameters: "Sequence[torch.Tensor]", recipe: "Recipe") -> None:
        import torch

        super().__init__(parameters, recipe)
        self.steps = 0
        for name in self.kept:
            setattr(self, name, [torch.zeros_like(parameter) for parameter in self.parameters])

    def state(self) -> dict:
        """The tensors by their names, and the number of steps."""
        return {"steps": self.steps} | {name: getattr(self, name) for name in self.kept}

    def restore(self, state: Mapping) -> None:
        """Continue from a `state`."""
        for name in ("steps", *self.kept):
            setattr(self, name, state[name])


class Groups(Optimiser):
    """Optimisers of groups of parameters, each with a recipe of its own, that work as one."""

    def __init__(
        self,
        parameters: "Sequence[torch.Tensor]",
        recipe: "Recipe",
        optimiser: "Callable[[Sequence[torch.Tensor], Recipe], Optimiser]",
        groups: Sequence[tuple[Sequence[int], "Recipe"]],
    ) -> None:
        super().__init__(parameters, recipe)
        self.rows = [list(rows) for rows, _ in groups]
        self.optimisers = [optimiser([self.parameters[row] for row in rows], own) for rows, own in groups]
        self.rate_on_device = all(each.rate_on_device for each in self.optimisers)

    def step(self, gradients: "list[torch.Tensor]", rate: Any) -> None:
        """One step of each group."""
        for rows, optimiser in zip(self.rows, self.optimisers, strict=True):
            optimiser.step([gradients[row] for row in rows], rate)

    def state(self) -> dict:
        """The states of all groups."""
        return {"groups": [optimiser.state() for optimiser in self.optimisers]}

    def restore(self, state: Mapping) -> None:
        """Continue from a `state`."""
        for optimiser, own in zip(self.optimisers, state["groups"], strict=True):
            optimiser.restore(own)


def make_optimiser(parameters: "Sequence[torch.Tensor]", recipe: "Recipe") -> Optimiser:
    """The optimiser of a recipe.

    With `weight_decay_on: weights`, parameters of one dimension do not decay: biases, and what norms scale and shift.
    """
    optimiser = made(OPTIMISERS, recipe.optimiser)
    if recipe.weight_decay_on == "all":
        return optimiser(parameters, recipe)
    rows = range(len(parameters))
    weights = [row for row in rows if parameters[row].ndim > 1]
    others = [row for row in rows if parameters[row].ndim <= 1]
    groups = [(weights, recipe), (others, replace(recipe, weight_decay=0.0))]
    return Groups(parameters, recipe, optimiser, [group for group in groups if group[0]])
