"""How much of a gradient survives rounding: cosine of gradients in fp32 and bf16 with the one in double precision.

    python benchmarks/gradients.py [--cifar10 FOLDER] [--steps 0 5 30] [--networks 3] [--flops 3e6 4e6]

Networks and images are those of benchmarks/training.py, of one batch of 64 images, on which each network takes steps of
SGD in fp32. After so many steps the gradient of its loss is computed in each way from the same weights. A line is a
network and a number of steps; `branches start at zero` says whether the recipe had `zero_init_residual`.
"""

import argparse
import copy
from pathlib import Path

import torch
from torch.nn import functional
from training import networks, read_cifar10, synthetic

BATCH = 64
WAYS = {
    "fp32 contiguous_format": (torch.contiguous_format, False),
    "fp32 channels_last": (torch.channels_last, False),
    "bf16 channels_last": (torch.channels_last, True),
}


def gradient(network: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor, bf16: bool = False) -> torch.Tensor:
    """The gradient of the mean loss, all parameters one after another, in double precision."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        outputs = network(images)
    loss = functional.cross_entropy(outputs if outputs.dtype == torch.float64 else outputs.float(), labels)
    return torch.cat([part.double().flatten() for part in torch.autograd.grad(loss, list(network.parameters()))])


def similarities(network: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor) -> list[float]:
    """For each way, the cosine of its gradient with the one in double precision."""
    exact = gradient(copy.deepcopy(network).double(), images.double(), labels)
    found = []
    for layout, bf16 in WAYS.values():
        same = copy.deepcopy(network).to(memory_format=layout)
        rounded = gradient(same, images.contiguous(memory_format=layout), labels, bf16)
        found.append(float(functional.cosine_similarity(rounded, exact, dim=0)))
    return found


def main() -> None:
    from netspaces.networks.modules import build

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cifar10", type=Path)
    parser.add_argument("--steps", type=int, nargs="+", default=[0, 5, 30])
    parser.add_argument("--networks", type=int, default=3)
    parser.add_argument("--flops", type=float, nargs=2)
    options = parser.parse_args()
    split = (read_cifar10(options.cifar10, BATCH, 1) if options.cifar10 else synthetic(BATCH, 1))["train"]
    images = ((torch.from_numpy(split.images).float() / 255 - 0.47) / 0.25).permute(0, 3, 1, 2)
    labels = torch.from_numpy(split.labels)
    print("depth  branches start at zero  steps  " + "  ".join(WAYS))
    for architecture in networks(options.networks, options.flops):
        for zero in (False, True):
            weights = torch.Generator().manual_seed(1)
            network = build(architecture, 3, 10, zero_init_residual=zero, generator=weights).train()
            optimiser = torch.optim.SGD(network.parameters(), 0.02, 0.9, nesterov=True)
            for step in range(max(options.steps) + 1):
                if step in options.steps:
                    cosines = zip(similarities(network, images, labels), WAYS, strict=True)
                    line = "  ".join(f"{cosine:{len(way)}.4f}" for cosine, way in cosines)
                    print(f"{sum(architecture.depths):5}  {'yes' if zero else 'no':>22}  {step:5}  {line}", flush=True)
                optimiser.zero_grad()
                functional.cross_entropy(network(images), labels).backward()
                optimiser.step()


if __name__ == "__main__":
    main()
