"""Optimisers: what each of them offers to a run."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch

from netspaces.training.recipe import Recipe


class Optimiser(ABC):
    """Updates the parameters of one run. The learning rate of each step comes from outside, from the recipe."""

    def __init__(self, parameters: Sequence[torch.Tensor], recipe: Recipe) -> None:
        self.parameters, self.recipe = list(parameters), recipe

    @abstractmethod
    def step(self, gradients: list[torch.Tensor], rate: float) -> None:
        """Change the parameters in place, by gradients in the same order; called without gradients being recorded."""

    @abstractmethod
    def state(self) -> dict:
        """All that a resumed run needs, as `torch.save` can write it: tensors, numbers, text, lists of them."""

    @abstractmethod
    def restore(self, state: Mapping) -> None:
        """Continue from a `state`; raises KeyError if a part of it is missing."""
