"""What training a network costs, predicted from its complexity and its recipe: seconds, memory, disk.

    seconds = per_run + images * (flops * per_flop + activations * per_activation) + steps * depth * per_block

A GPU is bound by memory traffic, which the activations measure, and by the launching of kernels, a number per block and
step; a CPU by flops and activations. Shipped coefficients are a first guess for an unknown machine (docs/guide.md says
where they come from); `fit` finds those of the machine at hand from its own runs.
"""

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np

from netspaces.data.readers import photographs

FORWARD_SHARE = 1 / 3  # of a training step's arithmetic is the forward pass, all that an image of another split takes
FITTED = ("per_flop", "per_activation", "per_block")
FEWEST_RUNS = 8
MIB = 2**20


class CostError(ValueError):
    """Costs that cannot be predicted or fitted; the message, one line, names the file and what was expected."""


@dataclass(frozen=True)
class Coefficients:
    """Seconds that one unit of work takes, and how far off a prediction may be.

    Nine of ten networks take between 1/`spread` and `spread` times the predicted seconds. `bf16` is the factor of that
    precision on `per_activation`. `runs` says how many runs they were fitted to; 0 for shipped ones.
    """

    per_flop: float  # per multiply-add of the forward pass and image trained
    per_activation: float  # per activation and image trained
    per_block: float  # per block and step
    per_run: float  # per network: building it, its first step, its record
    per_job: float  # per job: interpreter, imports, data
    bf16: float
    spread: float
    runs: int = 0


DEFAULTS = {
    # benchmarks/cost.py, and benchmarks/preset.py for per_job, on one core of a shared Xeon with AVX-512
    "cpu": Coefficients(6.0e-11, 6.0e-9, 0.0, 0.2, 1.2, bf16=1.0, spread=3.0),
    # 108 bytes per activation in bf16, as RegNetX trains on an RTX 3090, and 216 in fp32, at the 2.0e12 bytes/s of an
    # A100; 0.45 ms to launch the kernels of a block. Derived, not measured
    "cuda": Coefficients(0.0, 1.06e-10, 4.5e-4, 2.0, 10.0, bf16=0.5, spread=3.0),
}

# Memory in bytes, by device where it differs; on a CPU measured by benchmarks/cost.py
PROCESS_MB = {"cpu": 350, "cuda": 4000}  # of the host: interpreter, torch, on a GPU its context and libraries
PER_ACTIVATION = 16  # per activation and image of a batch: outputs kept for the backward pass, gradients, in fp32
PER_PARAMETER = 20  # weights, gradients, momentum, average and a copy
RESIDENT_MB = 16_000  # of a dataset that a process copies; a larger one is read through the page cache

# Disk in bytes
PER_RECORD, PER_EPOCH, COPIES = 1800, 160, 2  # a record lies in the store and in its job's output


@dataclass(frozen=True)
class Images:
    """How many images the splits of a dataset have; `known` is False for an assumption."""

    train: int
    test: int
    validation: int = 0
    known: bool = True


PUBLISHED = {"cifar10": (50_000, 10_000), "imagenet": (1_281_167, 50_000)}
DIGITS = 1797
ASSUMED = (50_000, 10_000)


def count_images(dataset: Mapping, meta: str | Path) -> Images:
    """From the prepared dataset's meta.json if there is one, else what is known of the dataset by its name."""
    if Path(meta).exists():
        counts = json.loads(Path(meta).read_text())
        return Images(counts["train"], counts["test"], counts.get("validation", 0))
    name, known = dataset["name"], True
    if name == "digits":
        test = round(DIGITS * dataset["test_fraction"])
        train = DIGITS - test
    elif name == "photographs":
        train, test = photographs.count(dataset["resolution"], dataset["test_fraction"])
    else:
        known = name in PUBLISHED
        train, test = PUBLISHED.get(name, ASSUMED)
    validation = round(train * dataset.get("validation_fraction", 0))
    return Images(train - validation, test, validation, known)


@dataclass(frozen=True)
class Predictor:
    """Predicts the cost of networks on a kind of device and a dataset.

    `networks` below are columns flops, params, activations, depth [blocks] and resolution, arrays of shape (n,); a
    result has the same shape.
    """

    device: str
    dataset: Mapping
    images: Images
    coefficients: Coefficients

    @classmethod
    def of(cls, settings: Mapping, results: str | Path) -> "Predictor":
        """For a preset: its dataset and device; fitted coefficients if its folder of results has some."""
        device, results = settings["device"], Path(results)
        coefficients = read_fit(results / "cost.json", device) or DEFAULTS[device]
        coefficients = replace(coefficients, **{name: float(v) for name, v in settings.get("cost", {}).items()})
        images = count_images(settings["dataset"], results / "dataset" / "meta.json")
        return cls(device, settings["dataset"], images, coefficients)

    def seconds(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """Seconds that each network trains, without the start of a job."""
        features = work(networks, recipe, self.images, self.coefficients.bf16)
        return self.coefficients.per_run + sum(getattr(self.coefficients, name) * features[name] for name in FITTED)

    def device_mb(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """MiB of tensors that training each network takes: images, activations, parameters."""
        values = networks["resolution"] ** 2 * self.dataset["channels"]
        stored = self.dataset.get("stored_resolution", self.dataset["resolution"]) ** 2 * self.dataset["channels"]
        train = stored if recipe.get("augmentation") else 4 * values
        data = self.images.train * train + (self.images.test + self.images.validation) * 4 * values
        batch = min(recipe.get("batch_size", 128), self.images.train)
        tensors = networks["activations"] * batch * PER_ACTIVATION + networks["params"] * PER_PARAMETER
        return np.minimum(data / MIB, RESIDENT_MB) + tensors / MIB

    def host_mb(self, networks: Mapping[str, np.ndarray], recipe: Mapping) -> np.ndarray:
        """MiB of the host's memory that training each network in a process of its own takes."""
        if self.device == "cpu":
            return PROCESS_MB["cpu"] + self.device_mb(networks, recipe)
        images = self.images.train + self.images.validation + self.images.test
        stored = self.dataset.get("stored_resolution", self.dataset["resolution"]) ** 2 * self.dataset["channels"]
        return np.full(len(networks["params"]), PROCESS_MB["cuda"] + min(images * stored / MIB, RESIDENT_MB))

    @staticmethod
    def disk_mb(networks: int, recipe: Mapping) -> float:
        """MiB of the records of trained networks."""
        return networks * COPIES * (PER_RECORD + PER_EPOCH * recipe["epochs"]) / MIB


def work(networks: Mapping[str, np.ndarray], recipe: Mapping, images: Images, bf16: float = 1.0) -> dict:
    """What a training does, (n,) each: multiply-adds, activations and blocks that it computes, by coefficient."""
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


# ---- Fitting to measured runs


@dataclass(frozen=True)
class Fit:
    """Coefficients fitted to runs, and how well they predict these."""

    device: str
    coefficients: Coefficients
    r2: float
    median_relative_error: float


def fit(records: Iterable[Mapping], images: Images, device: str) -> Fit:
    """Fit what a unit of work costs to finished runs on one kind of device, by non-negative least squares.

    Errors count relative to the measured seconds, and half of the runs take more than predicted. The cost of a run and
    a job that is not work stays the shipped one, so that a longer recipe is predicted to take longer even where all
    runs had the same. Raises CostError if there are fewer than `FEWEST_RUNS`.
    """
    from scipy.optimize import nnls  # slow to import, and configuration imports this module

    shipped = DEFAULTS[device]
    runs = [record for record in records if record["status"] == "finished" and device_kind(record["device"]) == device]
    if len(runs) < FEWEST_RUNS:
        raise CostError(f"cost: found {len(runs)} finished runs on device {device}, expected at least {FEWEST_RUNS}")
    features = np.array([_work_of(run, images, shipped.bf16) for run in runs])
    seconds = np.array([run["seconds"] for run in runs])
    aims = np.maximum(seconds - shipped.per_run, 0.1 * seconds)
    scale = np.maximum(np.linalg.norm(features / seconds[:, None], axis=0), np.finfo(float).tiny)
    found = nnls(features / seconds[:, None] / scale, aims / seconds)[0] / scale
    found *= np.median(aims / (features @ found))  # runs that others slowed down pull a relative fit below most of them
    predicted = shipped.per_run + features @ found
    ratios = seconds / predicted
    spread = max(float(np.exp(np.quantile(np.abs(np.log(ratios)), 0.9))), 1.05)
    variation = float(((seconds - seconds.mean()) ** 2).sum())
    return Fit(
        device,
        replace(shipped, **dict(zip(FITTED, map(float, found), strict=True)), spread=spread, runs=len(runs)),
        1 - float(((seconds - predicted) ** 2).sum()) / variation if variation else 0.0,
        float(np.median(np.abs(predicted / seconds - 1))),
    )


def _work_of(run: Mapping, images: Images, bf16: float) -> list[float]:
    networks = {name: float(run["complexity"][name]) for name in ("flops", "activations")}
    networks["depth"] = sum(run["architecture"]["depths"])
    recipe = run["recipe"] | {"precision": run.get("precision", run["recipe"].get("precision"))}  # what `auto` came to
    return list(work(networks, recipe, images, bf16).values())


def device_kind(name: str) -> str:
    """The kind of device of a record: cpu or cuda. A CPU goes by its architecture, a GPU by its maker's name for it."""
    machines = {platform.machine(), "x86_64", "AMD64", "aarch64", "arm64"}
    return "cpu" if name.split(" ")[0] in machines else "cuda"


def read_fit(path: str | Path, device: str) -> Coefficients | None:
    """The fitted coefficients in a cost.json; None if there is none for this device. Raises CostError if damaged."""
    try:
        content = json.loads(Path(path).read_text())
        known = {field.name for field in fields(Coefficients)}
        fitted = Coefficients(**{name: content["coefficients"][name] for name in known})
        positive = all(value >= 0 for value in asdict(fitted).values()) and fitted.per_run > 0 and fitted.spread >= 1
        if not positive:
            raise ValueError
        return fitted if content["device"] == device else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise CostError(f"{path}: damaged, expected fitted coefficients; delete the file") from None
