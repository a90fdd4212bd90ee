"""Networks that came back from kept weights, evaluated without anything of training's but its precision and layout."""

from collections.abc import Mapping

import torch
from netspaces.data.datasets import Dataset


def error_on_the_test_split(
    network: torch.nn.Module, record: Mapping, dataset: Dataset, device: "str | torch.device" = "cpu"
) -> float:
    """The error in percent, computed on a device; the images have the network's resolution."""
    place, layout = torch.device(device), getattr(torch, record["layout"])
    mean, std = (torch.tensor(values)[:, None, None] for values in (dataset.mean, dataset.std))
    images = (torch.tensor(dataset.test.images).permute(0, 3, 1, 2) / 255 - mean) / std
    rounded = record["precision"] == "bf16"
    with torch.no_grad(), torch.autocast(place.type, torch.bfloat16, enabled=rounded):
        outputs = network.to(place, memory_format=layout)(images.to(place).contiguous(memory_format=layout))
    return 100 * (outputs.argmax(1).cpu().numpy() != dataset.test.labels).mean()
