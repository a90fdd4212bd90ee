"""Speed and error of training a population, beside the loop that one would write first, in the same run.

    python benchmarks/training.py [--cifar10 FOLDER] [--device cuda] [--images 1000] [--epochs 3] [--networks 8]
                                  [--seeds 3] [--flops 3e6 4e6] [--threads 2] [--jobs 2] [--precision auto]
                                  [--fp32-epochs 1] [--layout channels_last]

Networks are those of the preset cifar10, RegNetX in the regime base: 29 to 33 MF at 32x32 pixels. With `--flops` they
come from narrower ranges and have so many multiply-adds. Images are those of `--cifar10`, a folder of parquet files
with encoded images (columns image and label, names beginning with train and test), or else synthetic ones. Each network
is trained with each seed by

    plain   DataLoader, torchvision's transforms per image, torch.optim.SGD, fp32, default layout, threads, allocator
    ours    this project's training, one network at a time, on one thread unless --ours-threads says otherwise
    packed  the same, as many processes at once as there are cores; on a GPU as many as --jobs says

with the same recipe: crop and flip, half-period cosine. Each line gives training images per second and networks per
hour by the clock, CPU seconds per run (on a busy machine ratios of those say more), and the error that was reached.
Errors are compared by network: the mean difference from plain, its 95 % interval over networks and seeds. What it
takes to start a job of ours (interpreter, imports, data, device context) is not counted, but printed once. On a GPU,
whose plain loop waits for its images, plain has a second line with 8 workers of the DataLoader.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.configuration.loading import load  # noqa: E402
from netspaces.data.datasets import Dataset, Split  # noqa: E402
from netspaces.networks.architecture import Architecture  # noqa: E402
from netspaces.spaces.sampling import sample  # noqa: E402

NARROW = {  # the preset's ranges, scaled to networks of a few MF
    "depth": {"distribution": "uniform", "low": 4, "high": 24},
    "w_0": {"distribution": "log_uniform", "low": 8, "high": 64, "step": 8},
    "w_a": {"distribution": "log_uniform", "low": 4, "high": 64, "step": 0.1},
    "group_width": {"choice": [1, 2, 4, 8, 16]},
}
RATE, DECAY = 0.1, 5e-4
CORES = len(os.sched_getaffinity(0))


# ---- Networks and images ---------------------------------------------------------------------------------------------


def networks(count: int, flops: list[float] | None) -> list[Architecture]:
    preset = load({"preset": "cifar10"}, ROOT / "config")
    space, regime = preset.spaces["RegNetX"], preset.settings["regimes"]["base"]
    if flops:
        space, regime = space | {"parameters": space["parameters"] | NARROW}, {"flops": flops}
    drawn = sample(space, regime, 0, range(count))
    return [drawn.architectures.row(i) for i in range(count)]


def read_cifar10(folder: Path, train: int, test: int) -> dict[str, Split]:
    import pyarrow.parquet
    from PIL import Image

    splits = {}
    for name, count in (("train", train), ("test", test)):
        rows = []
        for path in sorted(folder.glob(f"{name}*.parquet")):
            rows += pyarrow.parquet.read_table(path).slice(0, count - len(rows)).to_pylist()
        images = [np.asarray(Image.open(io.BytesIO(row["image"]["bytes"])).convert("RGB")) for row in rows]
        splits[name] = Split(np.stack(images), np.array([row["label"] for row in rows]))
    return splits


def synthetic(train: int, test: int) -> dict[str, Split]:
    """Noisy pictures of ten kinds of waves."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32] / 32
    splits = {}
    for name, count in (("train", train), ("test", test)):
        labels = random.integers(0, 10, count)
        phase = random.uniform(0, 2 * np.pi, (count, 1, 1, 3))
        angle = (labels * np.pi / 10)[:, None, None]
        waves = np.sin(15 * (np.cos(angle) * x + np.sin(angle) * y)[..., None] + phase)
        images = 128 + 40 * waves + random.normal(0, 40, (count, 32, 32, 3))
        splits[name] = Split(images.clip(0, 255).astype(np.uint8), labels)
    return splits


def save_dataset(options: argparse.Namespace, folder: Path) -> None:
    """Images for all workers to load."""
    read = (lambda *n: read_cifar10(options.cifar10, *n)) if options.cifar10 else synthetic
    splits = read(options.images, options.tests)
    arrays = {f"{name}_{part}": getattr(split, part) for name, split in splits.items() for part in ("images", "labels")}
    np.savez(folder / "images.npz", **arrays)


def load_dataset(folder: Path) -> Dataset:
    arrays = np.load(folder / "images.npz")
    splits = {name: Split(arrays[f"{name}_images"], arrays[f"{name}_labels"]) for name in ("train", "test")}
    pixels = splits["train"].images.reshape(-1, 3) / 255
    return Dataset(**splits, classes=10, mean=tuple(pixels.mean(0)), std=tuple(pixels.std(0)), checksum="benchmark")


# ---- The baseline ----------------------------------------------------------------------------------------------------


def plain(architecture: Architecture, seed: int, dataset: Dataset, options: argparse.Namespace) -> float:
    """What one would write first; returns the test error after the last epoch, in percent."""
    import torch
    from netspaces.data.torchvision_import import import_torchvision
    from netspaces.networks.modules import build
    from PIL import Image

    import_torchvision()
    from torchvision import transforms

    to_tensor = [transforms.ToTensor(), transforms.Normalize(dataset.mean, dataset.std)]
    training = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), *to_tensor])

    class Images(torch.utils.data.Dataset):
        def __init__(self, split: Split, transform: transforms.Compose) -> None:
            self.images, self.labels, self.transform = split.images, split.labels, transform

        def __len__(self) -> int:
            return len(self.labels)

        def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
            return self.transform(Image.fromarray(self.images[i])), int(self.labels[i])

    torch.manual_seed(seed)
    network = build(architecture, 3, 10, generator=torch.Generator().manual_seed(seed)).to(options.device)
    load = {"num_workers": options.workers, "persistent_workers": options.workers > 0}
    images, tests = Images(dataset.train, training), Images(dataset.test, transforms.Compose(to_tensor))
    train_loader = torch.utils.data.DataLoader(images, options.batch, shuffle=True, drop_last=True, **load)
    test_loader = torch.utils.data.DataLoader(tests, 500, **load)
    optimiser = torch.optim.SGD(network.parameters(), options.rate, 0.9, weight_decay=DECAY, nesterov=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, options.epochs * len(train_loader))
    for _ in range(options.epochs):
        network.train()
        for batch, labels in train_loader:
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(batch.to(options.device)), labels.to(options.device))
            loss.backward()
            optimiser.step()
            schedule.step()
            loss.item()
        network.eval()
        with torch.no_grad():
            wrong = sum(int((network(b.to(options.device)).argmax(1).cpu() != y).sum()) for b, y in test_loader)
    return 100 * wrong / len(dataset.test.labels)


def ours(architecture: Architecture, seed: int, dataset: Dataset, options: argparse.Namespace, way: dict) -> float:
    """This project's training in some precision and layout; returns the test error after the last epoch, in percent."""
    from netspaces.training.train import train_network

    recipe = {"epochs": options.epochs, "batch_size": options.batch, "learning_rate": options.rate}
    recipe |= {"weight_decay": DECAY, "augmentation": ["crop", "flip"]} | way
    with tempfile.TemporaryDirectory() as store:
        complexity = {"flops": 0, "params": 0, "activations": 0}
        record = train_network(architecture, complexity, recipe, seed, dataset, store, options.device)
    return record["error"]


# ---- Workers: a process that trains some of the runs -----------------------------------------------------------------


def work(options: argparse.Namespace) -> None:
    """Train the runs read from standard input once told to; prints what starting took, then CPU seconds and errors."""
    clock = time.process_time
    started = {"interpreter and numpy": clock()}
    import torch

    if options.worker == "plain":
        train = plain
        from torch.optim import SGD  # noqa: F401 - imports more of torch, which is not to be counted
    else:
        from netspaces.training.process import set_up_process

        set_up_process(options.threads)
        way = {"precision": options.precision, "fp32_epochs": options.fp32_epochs, "layout": options.layout}
        train = partial(ours, way=way)
    started["torch"] = clock()
    dataset = load_dataset(options.folder)
    started["data"] = clock()
    if options.device == "cuda":
        torch.zeros(1, device="cuda")
    started["device context"] = clock()
    chosen = networks(options.networks, options.flops)
    print(json.dumps(started), flush=True)
    runs, begun = json.loads(sys.stdin.readline()), clock()
    errors = [[i, seed, train(chosen[i], seed, dataset, options)] for i, seed in runs]
    print(json.dumps([clock() - begun, errors]), flush=True)


@dataclass(frozen=True)
class Measured:
    """All runs in one way: seconds by the clock, seconds of CPU, errors; what starting one process took."""

    seconds: float
    cpu: float
    errors: dict
    start: str


def measure(kind: str, runs: list, processes: int, threads: int, arguments: list[str]) -> Measured:
    """Have so many workers train all runs."""
    command = [sys.executable, __file__, *arguments, "--worker", kind, "--threads", str(threads)]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    begun = time.perf_counter()
    workers = [subprocess.Popen(command, **pipes) for _ in range(processes)]
    clocks = [json.loads(worker.stdout.readline()) for worker in workers][0]
    started = time.perf_counter()
    spent = np.diff([0, *clocks.values()])
    start = ", ".join(f"{name} {seconds:.2f}" for name, seconds in zip(clocks, spent, strict=True))
    start = f"{started - begun:.1f} s by the clock; CPU seconds: {start}"
    for number, worker in enumerate(workers):
        worker.stdin.write(json.dumps(runs[number::processes]) + "\n")
        worker.stdin.flush()
    results = [json.loads(worker.stdout.readline()) for worker in workers]
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.communicate()
    errors = {(i, seed): error for _, part in results for i, seed, error in part}
    return Measured(seconds, sum(cpu for cpu, _ in results), errors, start)


def difference(errors: dict, base: dict) -> str:
    """Mean difference of errors from the baseline's, with what seeds alone would explain."""
    pairs = np.array([errors[run] - base[run] for run in sorted(base)])
    if len(pairs) < 2:
        return f"{pairs.mean():+.2f}"
    half = 1.96 * pairs.std(ddof=1) / np.sqrt(len(pairs))
    verdict = "within seed noise" if abs(pairs.mean()) <= half else "NOT within seed noise"
    return f"{pairs.mean():+.2f} +- {half:.2f}, {verdict}"


def add_runs(parser: argparse.ArgumentParser) -> None:
    """The options that say which runs are trained on what."""
    parser.add_argument("--cifar10", type=Path)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--images", type=int, default=1000, help="training images")
    parser.add_argument("--tests", type=int, default=500, help="test images")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=RATE, help="initial learning rate")
    parser.add_argument("--networks", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--flops", type=float, nargs=2)
    parser.add_argument("--jobs", type=int, default=CORES, help="processes at once")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_runs(parser)
    parser.add_argument("--workers", type=int, default=0, help="of the baseline's DataLoader")
    parser.add_argument("--precision", default="auto", choices=["fp32", "tf32", "bf16", "auto"])
    parser.add_argument("--fp32-epochs", type=float, default=1, help="epochs at the beginning that are in fp32 always")
    parser.add_argument("--layout", default="channels_last", choices=["channels_last", "contiguous_format"])
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=CORES, help="of `plain`")
    parser.add_argument("--ours-threads", type=int, default=1, help="of `ours`; `packed` has one per process")
    return parser.parse_args()


def main(options: argparse.Namespace, folder: Path) -> None:
    save_dataset(options, folder)
    runs = [[i, seed] for i in range(options.networks) for seed in range(options.seeds)]
    seen = len(runs) * options.epochs * (options.images // options.batch * options.batch)
    print(f"{len(runs)} runs, {options.networks} networks x {options.seeds} seeds, {options.epochs} epochs of ", end="")
    print(f"{options.images} {'CIFAR-10' if options.cifar10 else 'synthetic'} images, {options.device}, {CORES} cores")
    print("         images/s  networks/h  x plain  CPU s/run  x plain  error %  error - plain")
    base: Measured | None = None
    ways = [("plain", 1, options.threads, []), ("ours", 1, options.ours_threads, []), ("packed", options.jobs, 1, [])]
    if options.device == "cuda":
        ways.insert(1, ("plain, 8", 1, options.threads, ["--workers", "8"]))
    for name, processes, threads, more in ways:
        kind = "ours" if name in ("ours", "packed") else "plain"
        found = measure(kind, runs, processes, threads, [*sys.argv[1:], "--folder", str(folder), *more])
        base = base or found
        line = f"{name:8} {seen / found.seconds:8,.0f}  {3600 * len(runs) / found.seconds:10,.0f}"
        line += f"  {base.seconds / found.seconds:7.2f}  {found.cpu / len(runs):9.2f}  {base.cpu / found.cpu:7.2f}"
        compared = difference(found.errors, base.errors) if name != "plain" else ""
        print(f"{line}  {np.mean(list(found.errors.values())):7.2f}  {compared}", flush=True)
        if name == "ours":
            start = found.start
    print(f"starting a job of ours: {start}")
    by_seed = [[base.errors[i, seed] for seed in range(options.seeds)] for i in range(options.networks)]
    if options.seeds > 1:
        print(
            f"standard deviation of plain's error over seeds: {np.sqrt(np.var(by_seed, axis=1, ddof=1).mean()):.2f} %"
        )


if __name__ == "__main__":
    given = parse()
    if given.worker:
        work(given)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(given, Path(temporary))
