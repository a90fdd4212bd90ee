"""Precise batch norm: statistics of the weights as they are, in place of running averages over the last steps.

The network that is evaluated reads training images, as training shows them, in batches of the recipe's size. What batch
norm then evaluates with is the mean over these batches of their means and variances, as in the authors' code. The
images are the first ones of the epoch that has just ended, so no random number is drawn for them. Nothing is dropped.
"""

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from netspaces.training.run import Run


def renew_statistics(run: "Run") -> None:
    """Compute the statistics of all batch norms of the evaluated network anew; weights stay as they are.

    They rest on the recipe's `precise_batch_norm` images: as many whole batches, one at least and an epoch at most.
    """
    network, epoch, batches = run.evaluated, len(run.epochs), run.batches
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    plan = batches.order(epoch)[: max(1, run.recipe.precise_batch_norm // batches.batch)]
    seen = 0
    network.train()
    with torch.no_grad():
        for images, _ in batches.examples(epoch, plan):
            for part in images.chunk(run.accumulation):
                seen += len(part)
                for norm in norms:
                    norm.momentum = len(part) / seen  # makes the running average a mean over all parts so far
                run.outputs(network, part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
