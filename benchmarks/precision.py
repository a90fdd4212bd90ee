"""Whether bf16 moves the error or the order of networks, and what it saves: the same runs in fp32 and in bf16.

    python benchmarks/precision.py [--cifar10 FOLDER] [--images 5120] [--tests 2000] [--epochs 4] [--batch 128]
                                   [--networks 8] [--seeds 4] [--flops 3e6 4e6] [--device cuda] [--jobs 2]

Networks, images and recipe are those of benchmarks/training.py. Every network is trained with every seed in both
precisions, `--jobs` processes of one thread each; processes take turns in what they begin with, so that both precisions
meet the same load. Printed are

    the difference of the error, bf16 - fp32, over pairs with the same seed: its mean and 95 % interval by networks
    (the mean of a network's pairs is one value of Student's t), and the deviation over seeds to compare it with
    rank correlations of the networks' mean errors: of the two precisions, and what seeds alone would do to it: of the
    first half of the seeds with the second, both in fp32 and across precisions
    CPU seconds (on a GPU seconds) per run, fp32 / bf16: the median over pairs, and by network
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from training import CORES, ROOT, load_dataset, networks, ours, read_cifar10, synthetic

PRECISIONS = ("fp32", "bf16")


def work(options: argparse.Namespace) -> None:
    """Train the runs on standard input; a line for each: network, seed, precision, error, seconds."""
    from netspaces.process import set_up_process

    set_up_process(1)
    dataset, chosen = load_dataset(options.folder), networks(options.networks, options.flops)
    clock = time.perf_counter if options.device == "cuda" else time.process_time
    for i, seed, precision in json.loads(sys.stdin.readline()):
        options.precision, begun = precision, clock()
        error = ours(chosen[i], seed, dataset, options)
        print(json.dumps([i, seed, precision, error, clock() - begun]), flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cifar10", type=Path)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--images", type=int, default=5120, help="training images")
    parser.add_argument("--tests", type=int, default=2000, help="test images")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--networks", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--flops", type=float, nargs=2)
    parser.add_argument("--jobs", type=int, default=CORES, help="processes at once")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def train_all(options: argparse.Namespace, folder: Path) -> tuple[dict, dict]:
    """Errors [%] and seconds of all runs, by precision, each of shape (networks, seeds)."""
    read = (lambda *n: read_cifar10(options.cifar10, *n)) if options.cifar10 else synthetic
    arrays = {
        f"{name}_{part}": getattr(split, part)
        for name, split in read(options.images, options.tests).items()
        for part in ("images", "labels")
    }
    np.savez(folder / "images.npz", **arrays)
    pairs = [(i, seed) for seed in range(options.seeds) for i in range(options.networks)]
    command = [sys.executable, __file__, *sys.argv[1:], "--folder", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = []
    for number in range(options.jobs):
        worker = subprocess.Popen(command, **pipes, env=os.environ | {"OMP_NUM_THREADS": "1"})
        runs = [
            [*pair, precision]
            for turn, pair in enumerate(pairs[number :: options.jobs])
            for precision in PRECISIONS[:: 1 if (turn + number) % 2 else -1]
        ]
        worker.stdin.write(json.dumps(runs) + "\n")
        worker.stdin.flush()
        workers.append(worker)
    shape = (options.networks, options.seeds)
    errors, seconds = ({precision: np.full(shape, np.nan) for precision in PRECISIONS} for _ in range(2))
    for worker in workers:
        for line in worker.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            i, seed, precision, errors[precision][i, seed], seconds[precision][i, seed] = json.loads(line)
        if worker.wait():
            raise SystemExit("a worker failed")
    return errors, seconds


def report(errors: dict, seconds: dict, options: argparse.Namespace) -> None:
    from scipy.stats import spearmanr, t

    fp32, bf16 = (errors[precision] for precision in PRECISIONS)
    images = f"{options.images} {'CIFAR-10' if options.cifar10 else 'synthetic'} images"
    print(f"{fp32.size} pairs of runs: {options.networks} networks x {options.seeds} seeds, ", end="")
    print(f"{options.epochs} epochs of {images}, {options.device}")
    change = (bf16 - fp32).mean(axis=1)
    half = t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / np.sqrt(len(change))
    print(f"error: fp32 {fp32.mean():.2f} %, bf16 {bf16.mean():.2f} %, ", end="")
    print(f"bf16 - fp32 {change.mean():+.2f} +- {half:.2f} %")
    if options.seeds > 1:
        over_seeds = {name: np.sqrt(found.var(axis=1, ddof=1).mean()) for name, found in errors.items()}
        print("deviation over seeds: " + ", ".join(f"{name} {value:.2f} %" for name, value in over_seeds.items()))
        rank = lambda a, b: f"{spearmanr(a.mean(axis=1), b.mean(axis=1)).statistic:.2f}"
        print(
            f"rank correlation of networks: fp32 with bf16 {rank(fp32, bf16)}; first half of the seeds with the others:"
        )
        halves = slice(options.seeds // 2), slice(options.seeds // 2, None)
        for one, first in errors.items():
            for other, last in errors.items():
                print(f"    {one} with {other} {rank(first[:, halves[0]], last[:, halves[1]])}")
    ratios = seconds["fp32"] / seconds["bf16"]
    print(f"seconds per run: fp32 {seconds['fp32'].mean():.1f}, bf16 {seconds['bf16'].mean():.1f}; ", end="")
    print(f"fp32 / bf16: median {np.median(ratios):.2f}")
    for i, architecture in enumerate(networks(options.networks, options.flops)):
        widths = ", ".join(map(str, architecture.group_widths))
        print(f"network {i}: depth {sum(architecture.depths)}, group widths {widths}: ", end="")
        print(f"errors {fp32[i].mean():.2f} and {bf16[i].mean():.2f} %, fp32 / bf16 {np.median(ratios[i]):.2f}")


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        report(*train_all(options, Path(temporary)), options)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "scripts"))
    given = parse()
    work(given) if given.folder else main(given)
