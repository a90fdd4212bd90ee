"""What training a network costs, predicted from its complexity and its recipe: seconds, memory, disk.

    seconds = per_run + images * (flops * per_flop + activations * per_activation) + steps * depth * per_block

A GPU is bound by memory traffic, which the activations measure, and by the launching of kernels, a number per block and
step; a CPU by flops and activations. `coefficients` says what one unit of work takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from netspaces.cost.coefficients import DEFAULTS, FITTED, Coefficients, read_fit
from netspaces.data.image_counts import ImageCounts, count_images

FORWARD_SHARE = 1 / 3  # of a training step's arithmetic is the forward pass, all that an image of another split takes
MIB = 2**20

# Memory in bytes, by device where it differs; on a CPU measured by benchmarks/cost.py
PROCESS_MB = {"cpu": 350, "cuda": 4000}  # of the host: interpreter, torch, on a GPU its context and libraries
PER_ACTIVATION = 16  # per activation and image of a batch: outputs kept for the backward pass, gradients, in fp32
PER_PARAMETER = 20  # weights, gradients, momentum, average and a copy
RESIDENT_MB = 16_000  # of a dataset that a process copies; a larger one is read through the page cache

# Disk in bytes
PER_RECORD, PER_EPOCH, COPIES = 1800, 160, 2  # a record lies in the store and in its job's output
PER_WEIGHT = 4  # of a network whose weights are kept, in fp32


@dataclass(frozen=True)
class Predictor:
    """Predicts the cost of networks on a kind of device and a dataset.

    `networks` below are columns flops, params, activations, depth [blocks] and resolution, arrays of shape (n,); a
    result has the same shape.
    """

    device: str
    dataset: Mapping
    images: ImageCounts
    coefficients: Coefficients

    @classmethod
    def of(cls, settings: Mapping, results: str | Path, dataset: str = "dataset") -> Self:
        """For a preset's device and one of its datasets; coefficients are fitted ones if its results have some.

        `settings` are a preset's, `results` its folder of results, `dataset` the key of the dataset in both. The
        coefficients are those of the machine, whatever the dataset.
        """
        device, declared, folder = settings["device"], settings[dataset], Path(results)
        coefficients = read_fit(folder / "cost.json", device) or DEFAULTS[device]
        own: dict[str, Any] = {name: float(value) for name, value in settings.get("cost", {}).items()}
        coefficients = replace(coefficients, **own)
        return cls(device, declared, count_images(declared, folder / dataset / "meta.json"), coefficients)

    def seconds(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """Seconds that each network trains, without the start of a job."""
        features = work(networks, recipe, self.images, self.coefficients.bf16)
        return self.coefficients.per_run + sum(getattr(self.coefficients, name) * features[name] for name in FITTED)

    def device_mb(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """MiB that training each network takes on its device: images and tensors."""
        return self.images_mb(networks, recipe) + self.tensors_mb(networks, recipe)

    def images_mb(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """MiB of the images that training each network takes, which the networks of a process share."""
        values = networks["resolution"] ** 2 * self.dataset["channels"]
        stored = self.dataset.get("stored_resolution", self.dataset["resolution"]) ** 2 * self.dataset["channels"]
        train = stored if recipe.get("augmentation") else 4 * values
        data = self.images.train * train + (self.images.test + self.images.validation) * 4 * values
        return np.minimum(data / MIB, RESIDENT_MB)

    def tensors_mb(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """MiB of the tensors that training each network takes besides: activations, parameters."""
        batch = min(recipe.get("batch_size", 128), self.images.train)
        return (networks["activations"] * batch * PER_ACTIVATION + networks["params"] * PER_PARAMETER) / MIB

    def host_mb(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """MiB of the host's memory that training each network in a process of its own takes."""
        if self.device == "cpu":
            return PROCESS_MB["cpu"] + self.device_mb(networks, recipe)
        images = self.images.train + self.images.validation + self.images.test
        stored = self.dataset.get("stored_resolution", self.dataset["resolution"]) ** 2 * self.dataset["channels"]
        return np.full(len(networks["params"]), PROCESS_MB["cuda"] + min(images * stored / MIB, RESIDENT_MB))

    @staticmethod
    def disk_mb(networks: int, recipe: Mapping, kept: float = 0) -> float:
        """MiB of the records of trained networks, and of `kept` parameters: of all whose weights are kept."""
        return (networks * COPIES * (PER_RECORD + PER_EPOCH * recipe["epochs"]) + kept * PER_WEIGHT) / MIB


def work(networks: Mapping[str, Any], recipe: Mapping, images: ImageCounts, bf16: float = 1.0) -> dict[str, Any]:
    """What a training does: multiply-adds, activations and blocks that it computes, by coefficient.

    `networks` are numbers of one network, or columns (n,) of several; so is each result.
    """
    trained = images.train + FORWARD_SHARE * (images.test + images.validation)
    batch = min(recipe.get("batch_size", 128), images.train)
    epochs = recipe["epochs"]
    rounded = max(0.0, 1 - recipe.get("fp32_epochs", 0.0) / epochs) if recipe.get("precision") == "bf16" else 0.0
    precision = 1 + rounded * (bf16 - 1)  # `auto` may be either: the slower one
    return {
        "per_flop": networks["flops"] * (epochs * trained),
        "per_activation": networks["activations"] * (epochs * trained * precision),
        "per_block": networks["depth"] * (epochs * (images.train // batch)),
    }
