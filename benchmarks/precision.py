"""Whether bf16 moves the error or the order of networks, and what it saves: the same runs in several ways.

    python benchmarks/precision.py [--cifar10 FOLDER] [--images 5120] [--tests 2000] [--epochs 4] [--batch 128]
                                   [--rate 0.1] [--networks 8] [--seeds 4] [--flops 3e6 4e6] [--device cuda] [--jobs 2]

Networks, images and recipe are those of benchmarks/training.py. Every network is trained with every seed in fp32, in
bf16, and in bf16 after a first epoch in fp32, on a GPU in tf32 too, by `--jobs` processes of one thread each, which
take turns in what they begin with; on a GPU by one, unless it says otherwise: several would time each other. A line per
way gives

    the mean error, its deviation over seeds, its difference from fp32: mean and 95 % interval (Student's t over the
    networks' mean differences)
    CPU seconds per run (on a GPU seconds by the clock), and how often they go into those of fp32: the median over runs
    rank correlations of the networks' mean errors between half of the seeds in fp32 and the other half in this way: in
    the line of fp32 what seeds alone do to the order of networks
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
from training import CORES, add_runs, load_dataset, networks, ours, save_dataset

WAYS = {
    "fp32": {"precision": "fp32"},
    "bf16": {"precision": "bf16"},
    "bf16 after fp32": {"precision": "bf16", "fp32_epochs": 1},
    "tf32": {"precision": "tf32"},  # of a GPU
}


def work(options: argparse.Namespace) -> None:
    """Train the runs on standard input; a line for each: network, seed, way, error, seconds."""
    from netspaces.training.process import set_up_process

    set_up_process(1)
    dataset, chosen = load_dataset(options.folder), networks(options.networks, options.flops)
    clock = time.perf_counter if options.device == "cuda" else time.process_time
    for i, seed, way in json.loads(sys.stdin.readline()):
        begun = clock()
        error = ours(chosen[i], seed, dataset, options, WAYS[way])
        for stream in (sys.stdout, sys.stderr):
            print(json.dumps([i, seed, way, error, clock() - begun]), file=stream, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_runs(parser)
    parser.set_defaults(images=5120, tests=2000, epochs=4, seeds=4, jobs=None)
    options = parser.parse_args()
    options.ways = [way for way in WAYS if way != "tf32" or options.device == "cuda"]
    options.jobs = options.jobs or (1 if options.device == "cuda" else CORES)
    return options


def train_all(options: argparse.Namespace, folder: Path) -> tuple[dict, dict]:
    """Errors [%] and seconds of all runs, by way, each of shape (networks, seeds)."""
    save_dataset(options, folder)
    pairs = [(i, seed) for seed in range(options.seeds) for i in range(options.networks)]
    command = [sys.executable, __file__, *sys.argv[1:], "--folder", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = []
    for number in range(options.jobs):
        worker = subprocess.Popen(command, **pipes, env=os.environ | {"OMP_NUM_THREADS": "1"})
        runs = [
            [*pair, way]
            for turn, pair in enumerate(pairs[number :: options.jobs])
            for way in options.ways[:: 1 if (turn + number) % 2 else -1]
        ]
        worker.stdin.write(json.dumps(runs) + "\n")
        worker.stdin.flush()
        workers.append(worker)
    shape = (options.networks, options.seeds)
    errors, seconds = ({way: np.full(shape, np.nan) for way in options.ways} for _ in range(2))
    for worker in workers:
        for line in worker.stdout:
            i, seed, way, errors[way][i, seed], seconds[way][i, seed] = json.loads(line)
        if worker.wait():
            raise SystemExit("a worker failed")
    return errors, seconds


def report(errors: dict, seconds: dict, options: argparse.Namespace) -> None:
    from scipy.stats import spearmanr, t

    images = f"{options.images} {'CIFAR-10' if options.cifar10 else 'synthetic'} images"
    print(f"{options.networks} networks x {options.seeds} seeds in each way, ", end="")
    print(f"{options.epochs} epochs of {images}, batch {options.batch}, rate {options.rate:g}, {options.device}")
    print("                  error %  deviation over seeds  error - fp32     seconds  fp32 / this  rank correlations")
    base, halves = errors["fp32"], (slice(options.seeds // 2), slice(options.seeds // 2, None))

    def rank(a: np.ndarray, b: np.ndarray) -> float:
        return spearmanr(a.mean(axis=1), b.mean(axis=1)).statistic

    for way, found in errors.items():
        line = f"{way:16} {found.mean():8.2f}"
        if options.seeds > 1:
            line += f"  {np.sqrt(found.var(axis=1, ddof=1).mean()):20.2f}"
        if way == "fp32":
            line += 16 * " "
        else:
            change = (found - base).mean(axis=1)
            half = t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / np.sqrt(len(change))
            line += f"  {change.mean():+6.2f} +- {half:.2f} "
        line += f"  {seconds[way].mean():8.1f}  {np.median(seconds['fp32'] / seconds[way]):11.2f}"
        if options.seeds > 1:
            one, other = (rank(base[:, half], found[:, rest]) for half, rest in (halves, halves[::-1]))
            line += f"  {one:.2f}, {other:.2f}"
        print(line)
    for i, architecture in enumerate(networks(options.networks, options.flops)):
        widths = ", ".join(map(str, architecture.group_widths))
        line = ", ".join(f"{way} {found[i].mean():.2f}" for way, found in errors.items())
        faster = ", ".join(f"{np.median(seconds['fp32'][i] / seconds[way][i]):.2f}" for way in errors)
        print(f"network {i}: depth {sum(architecture.depths)}, group widths {widths}: {line}; fp32 / this {faster}")


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        report(*train_all(options, Path(temporary)), options)


if __name__ == "__main__":
    given = parse()
    if given.folder:
        work(given)
    else:
        main(given)
