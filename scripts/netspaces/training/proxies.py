"""Zero-cost proxies: numbers of a network before its training that are said to foretell its error.

Each sees the network with the weights that its run starts from and the first batch of that run, and is a pure function
of both. Recipes that start blocks as their shortcuts (`zero_init_residual`) do not do so here: main paths would count
for nothing. All is computed in fp32, synflow in fp64.
"""

import copy
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import nn

from netspaces.data.datasets import Dataset, Unopened
from netspaces.networks.modules import build
from netspaces.training.batches import MEMORY_SHARE, Batches
from netspaces.training.device import set_up_device
from netspaces.training.losses import LOSSES
from netspaces.training.part import made
from netspaces.training.process import set_up_process
from netspaces.training.random_numbers import WEIGHTS, generator, run_seed
from netspaces.training.recipe import Recipe
from netspaces.training.share import Network
from netspaces.training.store import seed_of

SMALLEST = 1e-5  # what is added to eigenvalues of correlations before they divide


@dataclass(frozen=True)
class Start:
    """What a run begins with: its network, its first batch, and the loss of the network's answers to it.

    `images` (n, channels, height, width); `loss` takes logits (n, classes).
    """

    network: nn.Module
    images: torch.Tensor
    loss: Callable[[torch.Tensor], torch.Tensor]


def gradient_norm(start: Start) -> float:
    """The sum over layers of the length of their weights' gradient on the batch (Abdelfattah and others 2021)."""
    weights = [value for value in start.network.parameters() if value.ndim > 1]
    gradients = torch.autograd.grad(start.loss(start.network.train()(start.images)), weights)
    return float(torch.stack(torch._foreach_norm(list(gradients))).double().sum())


def synflow(start: Start) -> float:
    """The sum of weight times gradient, of absolute weights and the sum of outputs for an image of ones, as log10.

    Tanaka and others 2020. In evaluation a batch norm that has seen nothing changes nothing; no data is used.
    """
    network = start.network.double().eval()
    with torch.no_grad():
        for value in network.parameters():
            value.abs_()
    weights = list(network.parameters())
    ones = torch.ones_like(start.images[:1], dtype=torch.float64)
    gradients = torch.autograd.grad(network(ones).sum(), weights)
    with torch.no_grad():
        total = float(sum((weight * gradient).sum() for weight, gradient in zip(weights, gradients, strict=True)))
    return math.log10(total) if 0 < total < math.inf else math.nan


def jacobian_covariance(start: Start) -> float:
    """How little the network's linear maps at the images of the batch correlate (Mellor and others 2020).

    From the eigenvalues v of the correlations between the gradients of the sum of outputs with respect to each image:
    minus the sum of log(v + k) + 1 / (v + k).
    """
    images = start.images.clone().requires_grad_()
    (gradients,) = torch.autograd.grad(start.network.train()(images).sum(), images)
    eigenvalues = torch.linalg.eigvalsh(torch.corrcoef(gradients.flatten(1).double().cpu())) + SMALLEST
    return float(-(eigenvalues.log() + 1 / eigenvalues).sum())


PROXIES: Mapping[str, Callable[[Start], float]] = {
    "gradient_norm": gradient_norm,
    "synflow": synflow,
    "jacobian_covariance": jacobian_covariance,
}


def start_of(network: Network, seed: int, dataset: Dataset, device: str) -> Start:
    """What the run of a network begins with, whose population is trained with a seed."""
    where, recipe = torch.device(device), Recipe.from_dict(network.recipe)
    own_seed = run_seed(network.architecture, seed_of(seed, network.repetition))
    resolution = network.architecture.resolution
    batches = Batches(dataset, recipe, own_seed, resolution, where, MEMORY_SHARE["never"])
    ((images, expected),) = batches.examples(0, batches.order(0)[:1])
    channels = dataset.train.images.shape[-1]
    built = build(network.architecture, channels, batches.classes, generator=generator(own_seed, WEIGHTS))
    loss_of = made(LOSSES, recipe.loss)
    return Start(built.to(where), images, lambda logits: loss_of(logits.float(), expected, recipe))


def proxies_of(start: Start) -> dict[str, float]:
    """All proxies of a network by name; NaN for one that is no finite number."""
    values = {
        name: proxy(Start(copy.deepcopy(start.network), start.images, start.loss)) for name, proxy in PROXIES.items()
    }
    return {name: value if math.isfinite(value) else math.nan for name, value in values.items()}


def measure_proxies(
    networks: Sequence[Network], seed: int, dataset: str | Path, device: str = "cpu", threads: int = 1
) -> pd.DataFrame:
    """A row per network: its index and its proxies.

    Parameters: `seed` is that of training, `dataset` the prepared dataset's meta.json, `threads` are those of a CPU.
    Device and threads are set up for the whole process. Prints how long a network takes.
    """
    set_up_process(threads)
    set_up_device(device)
    opened, started = Unopened.at(Path(dataset).parent).opened, time.perf_counter()
    rows = [{"index": network.index, **proxies_of(start_of(network, seed, opened, device))} for network in networks]
    print(f"{len(rows)} networks, {(time.perf_counter() - started) / max(1, len(rows)):.3f} s each")
    return pd.DataFrame(rows, columns=["index", *PROXIES])
