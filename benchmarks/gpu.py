"""Steps per second of training on a GPU, in every way that the product offers, beside the plain loop, in one run.

    python benchmarks/gpu.py [--device cuda] [--seconds 480] [--json FILE] [--tiny] [SECTION ...]

Networks are those of the preset cifar10 (RegNetX, 29 to 33 MF at 32x32 pixels, batch 128), images are synthetic. The
sections, the most valuable first, each a process with a time limit of its own:

    plain      the loop that one would write first, with 0 and 8 workers of its DataLoader
    steps      a network alone: precision x layout x (single kernels, graph), and graphs with torch's own batch norm
    lanes      1 to 16 networks in lanes of one process, and the memory that they take beside the predicted
    processes  1 to 8 processes with a network each, and under MPS where the machine has it

Every line is also a line of --json. Ratios are to the plain loop without workers. `--device cpu --tiny` tries the
benchmark itself where there is no GPU. No numbers of a GPU are known yet (docs/explanation/performance.md, GPUs).
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

LIMITS = {"plain": 110, "steps": 150, "lanes": 110, "processes": 110}  # seconds
PRECISIONS, LAYOUTS = ("tf32", "fp32", "bf16"), ("channels_last", "contiguous_format")
WARM_STEPS, TIMED_STEPS = 8, 96
BASE = "base"  # the file that hands the plain loop's rate from section to section


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sections", nargs="*", choices=[[], *LIMITS], metavar="SECTION")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--seconds", type=float, default=480, help="for all sections")
    parser.add_argument("--json", type=Path, help="file that gets a line for each measurement")
    parser.add_argument("--tiny", action="store_true", help="small networks and few steps")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


# ---- What sections share ---------------------------------------------------------------------------------------------


class Setting:
    """Networks and images, and where results go."""

    def __init__(self, options: argparse.Namespace) -> None:
        from netspaces.data.datasets import Dataset
        from training import networks, synthetic

        self.options, self.device, self.tiny = options, options.device, options.tiny
        images = 256 if self.tiny else 12_800
        self.batch = 32 if self.tiny else 128
        self.networks = networks(8, [3e6, 4e6] if self.tiny else None)
        splits = synthetic(images, 128)
        pixels = splits["train"].images.reshape(-1, 3) / 255
        statistics = {"mean": tuple(pixels.mean(0).tolist()), "std": tuple(pixels.std(0).tolist())}
        self.dataset = Dataset(**splits, classes=10, checksum="benchmark", **statistics)

    def run(self, number: int, precision: str, layout: str = "channels_last"):
        """A run of one of the networks, of more epochs than are trained."""
        from netspaces.training.recipe import Recipe
        from netspaces.training.run import Run

        recipe = {"epochs": 100, "batch_size": self.batch, "learning_rate": 0.1, "weight_decay": 5e-4}
        recipe |= {"augmentation": ["crop", "flip"], "precision": precision, "layout": layout}
        return Run(self.networks[number % 8], Recipe.from_dict(recipe), number, self.dataset, self.device)

    def synchronise(self) -> None:
        import torch

        if self.device == "cuda":
            torch.cuda.synchronize()

    def note(self, section: str, way: str, steps_per_second: float, **more: object) -> None:
        """Print a measurement, and keep it."""
        base_file = self.options.folder / BASE
        base = float(base_file.read_text(encoding="utf-8")) if base_file.exists() else None
        ratio = f"{steps_per_second / base:6.1f} x plain" if base else ""
        details = ", ".join(f"{name} {value}" for name, value in more.items())
        print(f"{section:10} {way:44} {steps_per_second:8.1f} steps/s  {ratio}  {details}", flush=True)
        if self.options.json:
            values = {"section": section, "way": way, "steps_per_second": steps_per_second, "plain": base} | more
            with open(self.options.json, "a", encoding="utf-8") as file:
                file.write(json.dumps(values) + "\n")


def endless(run) -> Iterator[bool]:
    """The turns of a run that is never finished."""
    return run.turns(lambda: False, lambda: None, 1e9)


# ---- Sections --------------------------------------------------------------------------------------------------------


def plain(setting: Setting) -> None:
    from dataclasses import replace

    from netspaces.data.datasets import Split
    from training import plain as train_plain

    images = 128 if setting.tiny else 5120
    train = setting.dataset.train
    dataset = replace(setting.dataset, train=Split(train.images[:images], train.labels[:images]))
    for workers in (0, 8):
        options = SimpleNamespace(device=setting.device, workers=workers, batch=setting.batch, rate=0.1, epochs=1)
        train_plain(setting.networks[0], 0, dataset, options)  # loads libraries, finds kernels
        options.epochs = 1 if setting.tiny else 3
        begun = time.perf_counter()
        train_plain(setting.networks[0], 0, dataset, options)
        rate = options.epochs * (images // setting.batch) / (time.perf_counter() - begun)
        if workers == 0:
            (setting.options.folder / BASE).write_text(str(rate), encoding="utf-8")
        setting.note("plain", f"{workers} workers, default precision", rate)


def steps(setting: Setting) -> None:
    from netspaces.networks.modules import BatchNorm
    from netspaces.training.device import set_up_device

    for precision, layout, graph, cudnn in _ways(setting.device):
        set_up_device(setting.device, precision)
        BatchNorm.cudnn = cudnn
        rates, recorded = [], 0
        for number in range(1 if setting.tiny else 4):
            run = setting.run(number, precision, layout)
            if setting.device == "cuda":
                run.steps.graphs.usable = graph
            rates.append(_rate(setting, run))
            recorded += run.steps.graphs.recorded if setting.device == "cuda" else 0
        way = f"{precision}, {layout}, {'graph' if graph else 'single kernels'}"
        way += "" if cudnn else ", torch's batch norm"
        setting.note("steps", way, sum(rates) / len(rates), graphs=recorded)


def _ways(device: str) -> list[tuple[str, str, bool, bool]]:
    """Precision, layout, whether steps are graphs, whether cuDNN does batch norms; those that tell most first."""
    precisions = PRECISIONS[1:] if device == "cpu" else PRECISIONS
    kinds = [(False, True)] if device == "cpu" else [(True, True), (False, True), (True, False)]
    return [(precision, layout, *kind) for precision in precisions for kind in kinds for layout in LAYOUTS]


def _rate(setting: Setting, run) -> float:
    """Steps per second of a run that has its device for itself, after a warm-up."""
    from netspaces.training.lanes import on_stream, own_stream
    from netspaces.training.steps import PER_TURN

    with on_stream(own_stream(run.device)):
        turns = run.steps.rest_of_epoch()
        next(turns)
        setting.synchronise()
        begun, before = time.perf_counter(), run.step
        for _ in range(1 if setting.tiny else max(1, TIMED_STEPS // PER_TURN)):
            next(turns)
        setting.synchronise()
        return (run.step - before) / (time.perf_counter() - begun)


def lanes(setting: Setting) -> None:
    import torch
    from netspaces.training.device import set_up_device
    from netspaces.training.lanes import Lanes

    for precision in ("fp32",) if setting.device == "cpu" else ("tf32", "bf16"):
        set_up_device(setting.device, precision)
        for at_once in (1, 2) if setting.tiny else (1, 2, 4, 8, 16):
            together = Lanes(setting.device)
            runs = [setting.run(number, precision) for number in range(at_once)]
            for number, run in enumerate(runs):
                together.begin(str(number), lambda run=run: endless(run))
            done = _steps_of(runs)
            while min(run.step + 1000 * len(run.epochs) for run in runs) < (1 if setting.tiny else WARM_STEPS * 8):
                together.round()
            setting.synchronise()
            done, begun = _steps_of(runs), time.perf_counter()
            while time.perf_counter() - begun < (1 if setting.tiny else 6):
                together.round()
            setting.synchronise()
            seconds = time.perf_counter() - begun
            memory = torch.cuda.max_memory_reserved() / 2**20 if setting.device == "cuda" else 0
            more = {"memory_mb": round(memory), "predicted_mb": round(predicted_memory(setting, at_once))}
            setting.note("lanes", f"{at_once} lanes, {precision}", (_steps_of(runs) - done) / seconds, **more)
            del together, runs, run
            if setting.device == "cuda":
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()


def predicted_memory(setting: Setting, at_once: int) -> float:
    """MiB that so many networks and their images are predicted to take, by which a job lets networks in."""
    from netspaces.cost.coefficients import DEFAULTS
    from netspaces.cost.prediction import Predictor
    from netspaces.data.image_counts import ImageCounts
    from netspaces.networks.architecture import Architectures
    from netspaces.networks.complexity import complexity

    images = ImageCounts(*(len(split.labels) for split in (setting.dataset.train, setting.dataset.test)))
    predictor = Predictor("cuda", {"resolution": 32, "channels": 3}, images, DEFAULTS["cuda"])
    rows = [setting.networks[number % 8] for number in range(at_once)]
    columns = complexity(Architectures.from_rows(rows)).columns() | {"resolution": np.full(at_once, 32)}
    recipe = {"batch_size": setting.batch, "augmentation": ["crop", "flip"]}
    return predictor.images_mb(columns, recipe)[0] + predictor.tensors_mb(columns, recipe).sum()


def _steps_of(runs: list) -> int:
    return sum(len(run.epochs) * run.batches.steps + run.step for run in runs)


def processes(setting: Setting) -> None:
    precision = "fp32" if setting.device == "cpu" else "tf32"
    for at_once in (1, 2) if setting.tiny else (1, 4, 8):
        setting.note("processes", f"{at_once} processes, {precision}", _in_processes(setting, at_once, precision))
    if setting.device == "cuda" and shutil.which("nvidia-cuda-mps-control"):
        with multi_process_service():
            rate = _in_processes(setting, 8, precision)
            setting.note("processes", f"8 processes under MPS, {precision}", rate)


@contextmanager
def multi_process_service() -> Iterator[None]:
    """NVIDIA's service by which kernels of several processes run side by side; compute modes stay as they are."""
    folder = tempfile.mkdtemp()
    os.environ |= {"CUDA_MPS_PIPE_DIRECTORY": folder, "CUDA_MPS_LOG_DIRECTORY": folder}
    subprocess.run(["nvidia-cuda-mps-control", "-d"], timeout=10, check=True)
    try:
        yield
    finally:
        subprocess.run(["nvidia-cuda-mps-control"], input="quit\n", encoding="utf-8", timeout=10, check=False)


def _in_processes(setting: Setting, count: int, precision: str) -> float:
    """Steps per second of so many processes, from when all have warmed up."""
    command = [*_command(setting.options), "--worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    workers = [subprocess.Popen([*command, f"packed {number} {precision}"], **pipes) for number in range(count)]
    for worker in workers:
        worker.stdout.readline()
    for worker in workers:
        print("go", file=worker.stdin, flush=True)
    rates = [float(worker.stdout.readline()) for worker in workers]
    for worker in workers:
        worker.communicate()
    return sum(rates)


def packed(setting: Setting, number: str, precision: str) -> None:
    """One of several processes: trains for some seconds when it is told to, and prints its rate."""
    from netspaces.training.device import set_up_device
    from netspaces.training.lanes import Lanes

    set_up_device(setting.device, precision)
    run, together = setting.run(int(number), precision), Lanes(setting.device)
    together.begin("", lambda: endless(run))
    while run.step < (1 if setting.tiny else WARM_STEPS):
        together.round()
    setting.synchronise()
    print("ready", flush=True)
    sys.stdin.readline()
    done, begun = _steps_of([run]), time.perf_counter()
    while time.perf_counter() - begun < (1 if setting.tiny else 8):
        together.round()
    setting.synchronise()
    print((_steps_of([run]) - done) / (time.perf_counter() - begun), flush=True)


# ---- All of them -----------------------------------------------------------------------------------------------------


def _command(options: argparse.Namespace) -> list[str]:
    given = ["--device", options.device, "--folder", str(options.folder)]
    given += ["--tiny"] if options.tiny else []
    given += ["--json", str(options.json)] if options.json else []
    return [sys.executable, "-u", __file__, *given]


def main(options: argparse.Namespace) -> None:
    begun = time.monotonic()
    for name in options.sections or LIMITS:
        left = options.seconds - (time.monotonic() - begun)
        if left < 15:
            print(f"{name}: left out, the {options.seconds:.0f} s are over")
            continue
        process = subprocess.Popen(
            [*_command(options), "--worker", name], start_new_session=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )
        try:
            code = process.wait(min(left, LIMITS[name]))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the section and its processes, which are a group of their own
            code = "its time is over"
        if code:
            print(f"{name}: not complete: {code}")


if __name__ == "__main__":
    given = parse()
    if given.worker:
        from netspaces.training.process import set_up_process

        set_up_process()
        section, *arguments = given.worker.split()
        globals()[section](Setting(given), *arguments)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            given.folder = Path(temporary)
            main(given)
