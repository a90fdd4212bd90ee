"""Seconds and memory of trainings on this machine against what is predicted: where the shipped coefficients come from.

    python benchmarks/cost.py                        # networks for 8, 16 and 32 pixels, random images, on one core
    python benchmarks/cost.py --device cuda
    python benchmarks/cost.py --networks 4 --pixels 8

Each network trains alone in a process of its own; on a GPU for 400 steps, after another training that loads libraries
and finds kernels. Printed are coefficients fitted by non-negative least squares, how
well they and the shipped ones predict the seconds, and what the memory is made of.

Seen on one core of a shared Xeon with AVX-512, torch 2.13, --networks 12, CPU time because others were at work:

    36 networks, R2 0.969, median relative error 13%
    per_flop 5.98e-11, per_activation 5.99e-09, per_block 0, spread 1.39
    MiB per activation and image of a batch, per parameter, and process: 11.6, -35.3, 267.1

Parameters are too few to tell what they take; the prediction's memory is above these numbers on purpose.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.configuration.loading import load  # noqa: E402
from netspaces.cost.coefficients import DEFAULTS  # noqa: E402
from netspaces.cost.fitting import fit  # noqa: E402
from netspaces.cost.prediction import MIB, Predictor  # noqa: E402
from netspaces.data.image_counts import ImageCounts  # noqa: E402
from netspaces.spaces.sampling import sample  # noqa: E402

REGIMES = {8: (0.2e6, 4e6), 16: (1e6, 8e6), 32: (4e6, 33e6)}  # multiply-adds by pixels a side
IMAGES = {"cpu": ImageCounts(512, 128), "cuda": ImageCounts(25_600, 128)}
RECIPES = ({"epochs": 1, "batch_size": 64}, {"epochs": 2, "batch_size": 128})
TRAINING = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from netspaces.networks.architecture import Architecture
from netspaces.data.datasets import Dataset, Split
from netspaces.training.process import set_up_process
from netspaces.training.train import train_network
task = json.loads(sys.argv[2])
set_up_process()
random = np.random.default_rng(0)


def split(n):
    images = random.integers(0, 256, (n, task["pixels"], task["pixels"], 3), np.uint8)
    return Split(images, random.integers(0, 10, n))


data = Dataset(split(task["train"]), split(task["test"]), 10, (0.5,) * 3, (0.3,) * 3, "random")
network = Architecture.from_dict(task["architecture"])
if task["device"] != "cpu":
    train_network(network, task["complexity"], task["recipe"] | {"epochs": 1}, 1, data, sys.argv[3], task["device"])
started = time.process_time()
record = train_network(network, task["complexity"], task["recipe"], 0, data, sys.argv[3], task["device"])
if task["device"] == "cpu":
    record["seconds"] = time.process_time() - started  # others at work do not count
print(json.dumps(record))
"""


def measure(pixels: int, networks: int, device: str) -> list[dict]:
    """Train networks for images of `pixels` a side; returns their records."""
    given = {
        "device": device,
        "dataset": {"name": "npz", "file": "none", "resolution": pixels, "channels": 3, "classes": 10},
    }
    spaces = load(given, ROOT / "config").spaces
    low, high = REGIMES[pixels]
    records, images = [], IMAGES[device]
    for part, name in enumerate(("AnyNetX_A", "RegNetX")):
        drawn = sample(spaces[name], {"flops": [low, high]}, part, range(networks // 2))
        for row, recipe in zip(range(len(drawn.indices)), RECIPES * networks, strict=False):
            task = {"pixels": pixels, "train": images.train, "test": images.test, "recipe": recipe, "device": device}
            task["architecture"] = drawn.architectures.row(row).to_dict()
            task["complexity"] = {key: int(values[row]) for key, values in drawn.complexity.columns().items()}
            with tempfile.TemporaryDirectory() as store:
                command = [sys.executable, "-c", TRAINING, str(ROOT / "scripts"), json.dumps(task), store]
                done = subprocess.run(command, check=True, text=True, encoding="utf-8", stdout=subprocess.PIPE)
            records.append(json.loads(done.stdout))
    return records


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", type=int, default=16)
    parser.add_argument("--pixels", type=int, nargs="+", default=list(REGIMES))
    parser.add_argument("--device", default="cpu", choices=list(IMAGES))
    arguments = parser.parse_args()
    records = [r for pixels in arguments.pixels for r in measure(pixels, arguments.networks, arguments.device)]
    images = IMAGES[arguments.device]
    fitted = fit(records, images, arguments.device)
    seconds = np.array([record["seconds"] for record in records])
    print(f"{len(records)} networks, R2 {fitted.r2:.3f}, median relative error {fitted.median_relative_error:.0%}")
    print({name: float(f"{value:.3g}") for name, value in asdict(fitted.coefficients).items()})
    shipped = Predictor(arguments.device, {}, images, DEFAULTS[arguments.device])
    parts = [(r["complexity"] | {"depth": sum(r["architecture"]["depths"])}, r["recipe"]) for r in records]
    ratios = seconds / [float(shipped.seconds(*part)) for part in parts]
    print(f"shipped: measured / predicted, quartiles {np.quantile(ratios, [0, 0.25, 0.5, 0.75, 1]).round(2).tolist()}")
    memory = np.array([record["peak_memory_mb"] for record in records])
    tensors = [
        (r["complexity"]["activations"] * r["recipe"]["batch_size"] / MIB, r["complexity"]["params"] / MIB, 1)
        for r in records
    ]
    bytes_each, residual, *_ = np.linalg.lstsq(np.array(tensors), memory)
    print("MiB per activation and image of a batch, per parameter, and process:", bytes_each.round(1).tolist())


if __name__ == "__main__":
    main()
