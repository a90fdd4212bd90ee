"""Dropping: parts of a network that a training step leaves out at random, for each image by itself.

Drop path (stochastic depth, Huang et al. 2016) leaves out the main path of a residual block. Its rate grows linearly
over all blocks of the network, from 0 at the first to the recipe's `drop_path` at the last. Dropout leaves out features
before the last layer. What is kept is scaled up, so that expected sums stay as they are. Evaluation leaves out nothing.

Random numbers belong to (seed, epoch, step), so that a resumed run draws those of an undisturbed one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from netspaces.networks.modules import BlockModule, Network
from netspaces.training.random_numbers import DROPPING, generator
from netspaces.training.recipe import Recipe


class Dropping:
    """What a recipe drops of a network.

    `blocks` are those that may lose their main path, `shares` (blocks + features,) the shares that are kept of each.
    """

    def __init__(self, network: Network, recipe: Recipe, seed: int, device: torch.device) -> None:
        self.network, self.seed, self.device = network, seed, device
        modules = [module for module in network.modules() if isinstance(module, BlockModule)]
        last = max(1, len(modules) - 1)
        rates = {module: recipe.drop_path * number / last for number, module in enumerate(modules)}
        self.blocks = [module for module in modules if module.residual and rates[module]]
        assert isinstance(network.head, torch.nn.Linear)
        features = network.head.in_features if recipe.dropout else 0
        rate_of_each = [rates[block] for block in self.blocks] + [recipe.dropout] * features
        self.shares = 1 - torch.tensor(rate_of_each)

    def draw(self, epoch: int, step: int, images: int) -> torch.Tensor:
        """Factors (images, blocks + features) of a step: 0 for what is left out, else more than 1."""
        numbers = torch.rand(images, len(self.shares), generator=generator(self.seed, DROPPING, epoch, step))
        return ((numbers < self.shares) / self.shares).to(self.device)

    @contextmanager
    def applied(self, factors: torch.Tensor) -> Iterator[None]:
        """The network with these factors, for as many images."""
        for block, of_images in zip(self.blocks, factors.unbind(1), strict=False):
            block.path_factor = of_images[:, None, None, None]
        if factors.shape[1] > len(self.blocks):
            self.network.feature_factors = factors[:, len(self.blocks) :]
        try:
            yield
        finally:
            for block in self.blocks:
                block.path_factor = None
            self.network.feature_factors = None
