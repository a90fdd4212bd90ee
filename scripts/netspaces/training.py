"""Training of one network: recipe, loop, checkpoint, record.

The recipe is the paper's (section 3.1): SGD with momentum, half-period cosine, no enhancement unless asked for. What
the authors' code does where the paper is silent is a stated default: Nesterov momentum, weight decay on every
parameter, incomplete last batches dropped, He initialisation.

A run is a pure function of (architecture, recipe, seed, dataset) on one kind of device: every random number comes from
a generator seeded by (seed, purpose, epoch), so a run that is killed and resumed ends in the same numbers.
"""

import copy
import ctypes
import gc
import math
import platform
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.optim.sgd import sgd  # the function: constructing optim.SGD imports the compiler, 0.6 CPU-seconds per job

from netspaces.architecture import Architecture, architecture_key
from netspaces.datasets import Dataset, Split
from netspaces.files import write_atomically, write_json
from netspaces.network import build
from netspaces.records import DIVERGED, FINISHED, read_record, run_key

EVALUATION_BATCH = 512
WEIGHTS, ORDER = 0, 1  # purposes of random numbers


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Learning rates are per batch of `batch_size` images, smoothing and decay in [0, 1).

    `ema_decay` above 0 evaluates a moving average of the network; training itself goes on with the raw weights.
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 0.05
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-5
    warmup_epochs: float = 0.0
    warmup_factor: float = 0.1
    update_rate_every: str = "step"
    label_smoothing: float = 0.0
    ema_decay: float = 0.0
    zero_init_residual: bool = False

    def __post_init__(self) -> None:
        if self.update_rate_every not in ("step", "epoch"):
            raise ValueError(f"recipe: update_rate_every is {self.update_rate_every!r}, expected step or epoch")
        for field in fields(self):  # 1 and 1.0 are equal, but not in JSON: equal recipes must have equal keys
            if field.type is float:
                object.__setattr__(self, field.name, float(getattr(self, field.name)))

    @classmethod
    def from_dict(cls, values: Mapping) -> "Recipe":
        """From configuration; raises ValueError naming an unknown or missing key."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values).difference(known)):
            raise ValueError(f"recipe: {unknown[0]} is unknown, expected one of {', '.join(sorted(known))}")
        if "epochs" not in values:
            raise ValueError("recipe: epochs is missing, expected a whole number")
        return cls(**values)

    def rate(self, progress: float) -> float:
        """Learning rate after `progress` epochs: linear warm-up, under a half-period cosine to 0 (paper section 3.1).

        With `update_rate_every: epoch` it is constant within an epoch, as in the authors' code.
        """
        if self.update_rate_every == "epoch":
            progress = math.floor(progress)
        rate = 0.5 * self.learning_rate * (1 + math.cos(math.pi * progress / self.epochs))
        if progress < self.warmup_epochs:
            share = progress / self.warmup_epochs
            rate *= self.warmup_factor * (1 - share) + share
        return rate


def set_up_process(threads: int = 1) -> None:
    """Set allocator and threads before the first tensor: together 2-3x on CPU for networks of this size.

    glibc returns freed activations to the kernel at every step unless told otherwise; more than one thread per process
    loses to more processes. The objects of the imported libraries stay for good: the garbage collector need not walk
    through them during training (0.1 s of a job of two).
    """
    gc.freeze()
    torch.set_num_threads(threads)
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        trim_threshold, top_pad, mmap_threshold = -1, -2, -3
        for option, value in ((mmap_threshold, 1 << 30), (trim_threshold, 2**31 - 1), (top_pad, 64 << 20)):
            ctypes.CDLL("libc.so.6").mallopt(option, value)


class Interrupted(SystemExit):
    """Raised when a signal asked the run to stop, after its checkpoint was written."""


class StopRequest:
    """Remembers SIGTERM and SIGUSR1 (a cluster's warning), so that the loop can stop between two steps."""

    def __init__(self) -> None:
        self.signal = 0
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.signal = number


def generator(seed: int, *purpose: int) -> torch.Generator:
    """A CPU generator of its own for each purpose of a run."""
    state = np.random.SeedSequence(seed, spawn_key=purpose).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def run_seed(architecture: Architecture, seed: int) -> int:
    """The seed of one run: it differs between networks of a population and not between populations."""
    return int(architecture_key(architecture), 16) ^ seed


def on_device(
    split: Split, dataset: Dataset, resolution: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """A split as normalised float images (n, channels, resolution, resolution), channels last, and labels (n,)."""
    mean, std = (torch.tensor(values, device=device) for values in (dataset.mean, dataset.std))
    images = torch.from_numpy(np.array(split.images)).to(device).float().div_(255).sub_(mean).div_(std)
    images = images.permute(0, 3, 1, 2)
    if images.shape[-1] != resolution:
        images = functional.interpolate(images, size=resolution, mode="bilinear", antialias=True)
    return images.contiguous(memory_format=torch.channels_last), torch.from_numpy(np.array(split.labels)).to(device)


RESUMED = ("momentum", "epochs", "step", "seconds", "loss", "wrong")


class Run:
    """The training of one network, resumable between any two steps."""

    def __init__(self, architecture: Architecture, recipe: Recipe, seed: int, dataset: Dataset, device: str = "cpu"):
        self.recipe, self.seed, self.device = recipe, run_seed(architecture, seed), torch.device(device)
        channels = dataset.train.images.shape[-1]
        self.network = build(
            architecture,
            channels,
            dataset.classes,
            zero_init_residual=recipe.zero_init_residual,
            generator=generator(self.seed, WEIGHTS),
        ).to(self.device, memory_format=torch.channels_last)
        self.parameters = list(self.network.parameters())
        self.momentum: list[torch.Tensor | None] = [None] * len(self.parameters)
        self.evaluated = copy.deepcopy(self.network) if recipe.ema_decay else self.network
        # weights and batch norm statistics: averaged weights need averaged statistics
        self.average, self.values = (
            [value for value in network.state_dict().values() if value.is_floating_point()]
            for network in (self.evaluated, self.network)
        )
        self.images, self.labels = on_device(dataset.train, dataset, architecture.resolution, self.device)
        self.test_images, self.test_labels = on_device(dataset.test, dataset, architecture.resolution, self.device)
        self.batch = min(recipe.batch_size, len(self.labels))
        self.steps = len(self.labels) // self.batch
        self.chance_error = 100 * (1 - 1 / dataset.classes)
        self.epochs: list[dict] = []
        self.step, self.seconds = 0, 0.0
        self.loss, self.wrong = (torch.zeros((), dtype=torch.float64, device=self.device) for _ in range(2))

    def state(self) -> dict:
        """All that a resumed run needs."""
        networks = {"network": self.network.state_dict(), "evaluated": self.evaluated.state_dict()}
        return networks | {name: getattr(self, name) for name in RESUMED}

    def restore(self, state: Mapping) -> None:
        """Continue from a `state`."""
        self.network.load_state_dict(state["network"])
        self.evaluated.load_state_dict(state["evaluated"])
        for name in RESUMED:
            setattr(self, name, state[name])

    def train_step(self, rows: torch.Tensor, rate: float) -> None:
        """One SGD step on the images `rows`; losses and mistakes add up on the device."""
        logits = self.network(self.images[rows])
        labels = self.labels[rows]
        loss = functional.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)
        gradients = torch.autograd.grad(loss, self.parameters)
        with torch.no_grad():
            self.loss += loss.detach()
            self.wrong += (logits.argmax(1) != labels).sum()
            sgd(
                self.parameters,
                list(gradients),
                self.momentum,
                foreach=True,
                lr=rate,
                momentum=self.recipe.momentum,
                nesterov=self.recipe.nesterov,
                weight_decay=self.recipe.weight_decay,
                dampening=0.0,
                maximize=False,
            )
        self.step += 1
        if self.recipe.ema_decay:
            done = len(self.epochs) * self.steps + self.step
            decay = min(self.recipe.ema_decay, (1 + done) / (10 + done))  # usual: or the initial weights would dominate
            torch._foreach_lerp_(self.average, self.values, 1 - decay)

    def test_error(self) -> float:
        """Top-1 error on the test split in percent, of the average if there is one; nan if outputs are not finite."""
        wrong = 0
        self.evaluated.eval()
        with torch.no_grad():
            parts = (data.split(EVALUATION_BATCH) for data in (self.test_images, self.test_labels))
            for images, labels in zip(*parts, strict=True):
                logits = self.evaluated(images)
                wrong += int((logits.argmax(1) != labels).sum()) if logits.isfinite().all() else math.nan
        self.network.train()
        return 100 * wrong / len(self.test_labels)

    def train(self, stopping: Callable[[], bool], save: Callable[[], None], checkpoint_seconds: float) -> str:
        """Train to the end; returns the status. Saves now and then, and when `stopping()`, then raises Interrupted."""
        started, saved = time.perf_counter() - self.seconds, time.perf_counter()
        while len(self.epochs) < self.recipe.epochs:
            epoch = len(self.epochs)
            order = torch.randperm(len(self.labels), generator=generator(self.seed, ORDER, epoch)).to(self.device)
            while self.step < self.steps:
                rows = order[self.step * self.batch : (self.step + 1) * self.batch]
                self.train_step(rows, self.recipe.rate(epoch + self.step / self.steps))
                if stopping():
                    self.seconds = time.perf_counter() - started
                    save()
                    raise Interrupted(f"interrupted in epoch {epoch + 1}, step {self.step}; the checkpoint was written")
            result = {
                "train_loss": float(self.loss) / self.steps,
                "train_error": 100 * float(self.wrong) / (self.steps * self.batch),
                "test_error": self.test_error(),
            }
            self.seconds = time.perf_counter() - started
            if not all(map(math.isfinite, result.values())):
                return DIVERGED
            self.epochs.append(result)
            self.step = 0
            self.loss.zero_()
            self.wrong.zero_()
            if time.perf_counter() - saved > checkpoint_seconds:
                save()
                saved = time.perf_counter()
        return FINISHED


def start_or_resume(start: Callable[[], Run], checkpoint: Path) -> Run:
    """A run, continued from its checkpoint if it has one; a damaged or foreign one is set aside with a warning."""
    run = start()
    try:
        state = torch.load(checkpoint, map_location=run.device, weights_only=True)
        if state["key"] != checkpoint.stem:
            raise ValueError(f"it is of run {state['key']}")
        run.restore(state)
    except FileNotFoundError:
        pass
    except Exception as error:  # torch raises many types for a truncated or foreign file
        aside = checkpoint.with_suffix(".damaged")
        checkpoint.replace(aside)
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        warnings.warn(f"{checkpoint}: damaged ({reason}), now {aside.name}; training starts over", stacklevel=2)
        return start()
    return run


def train_network(
    architecture: Architecture,
    complexity: Mapping[str, int],
    recipe: Mapping,
    seed: int,
    dataset: Dataset,
    store: str | Path,
    digest: str,
    device: str = "cpu",
    stopping: Callable[[], bool] = lambda: False,
    checkpoint_seconds: float = 60.0,
) -> dict:
    """Train one network, or find its record in the store; returns the record.

    The record is written when the run has ended and its checkpoint is then removed. Raises RecordError for a damaged
    record, Interrupted when `stopping()` said so.
    """
    settings = Recipe.from_dict(recipe)
    key = run_key(architecture, asdict(settings), seed, dataset.checksum, digest)
    path = Path(store) / f"{key}.json"
    checkpoint = path.with_suffix(".checkpoint")
    if not path.exists():
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        run = start_or_resume(lambda: Run(architecture, settings, seed, dataset, device), checkpoint)
        state = lambda: {"key": key} | run.state()
        save = lambda: write_atomically(checkpoint, lambda file: torch.save(state(), file))
        status = run.train(stopping, save, checkpoint_seconds)
        identity = {
            "key": key,
            "architecture": architecture.to_dict(),
            "complexity": dict(complexity),
            "recipe": asdict(settings),
            "seed": seed,
            "dataset": dataset.checksum,
            "digest": digest,
        }
        write_json(path, identity | outcome(run, status))
    checkpoint.unlink(missing_ok=True)
    return read_record(path)


def outcome(run: Run, status: str) -> dict:
    """What a record says of an ended run beside what identifies it. A diverged run has the error of guessing."""
    errors = [epoch["test_error"] for epoch in run.epochs] if status == FINISHED else [run.chance_error]
    epochs = len(run.epochs) + (status == DIVERGED)
    return {
        "status": status,
        "error": errors[-1],
        "error_min": min(errors),
        "epochs": run.epochs,
        "diverged_in_epoch": epochs if status == DIVERGED else None,
        "seconds": run.seconds,
        "images_per_second": run.steps * run.batch * epochs / run.seconds,
        "peak_memory_mb": peak_memory_mb(run.device),
        "device": device_name(run.device),
        "threads": torch.get_num_threads(),
        "layout": "channels_last",
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }


def device_name(device: torch.device) -> str:
    """The GPU's name; for a CPU its architecture and the instructions torch uses, which the last digits depend on."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


def peak_memory_mb(device: torch.device) -> float:
    """Peak memory in MiB: of this run's tensors on a GPU, of the process since its start on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    units_per_mb = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units_per_mb
