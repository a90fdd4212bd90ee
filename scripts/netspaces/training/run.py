"""Training of one network: loop, checkpoint, record. `recipe` says how it is trained.

A run is a pure function of (architecture, recipe, seed, dataset) on one kind of device: every random number comes from
a generator seeded by (seed, purpose, epoch), so a run that is killed and resumed ends in the same numbers.
"""

import copy
import errno
import io
import math
import os
import platform
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.optim.sgd import sgd  # the function: constructing optim.SGD imports the compiler, 0.6 CPU-seconds per job

from netspaces.data.datasets import Dataset
from netspaces.files import write_atomically, write_json
from netspaces.networks.architecture import Architecture, architecture_key
from netspaces.networks.modules import build
from netspaces.training.augmentation import augment, check_channels, draw, turned
from netspaces.training.batches import MEMORY_SHARE, Resident, Streamed, as_they_are, fits, normalised
from netspaces.training.device import Interrupted, device_name, peak_memory_mb, precision_on, set_up_device
from netspaces.training.recipe import ROTATION, Recipe
from netspaces.training.records import DIVERGED, FINISHED, read_record
from netspaces.training.store import key_of, run_identity

EVALUATION_BATCH = 512
SMALLEST_PART = 8  # images that one step of gradient accumulation takes at least
WEIGHTS, ORDER, AUGMENTATION, TURNS = 0, 1, 2, 3  # purposes of random numbers


def generator(seed: int, *purpose: int) -> torch.Generator:
    """A CPU generator of its own for each purpose of a run."""
    state = np.random.SeedSequence(seed, spawn_key=purpose).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def run_seed(architecture: Architecture, seed: int) -> int:
    """The seed of one run: it differs between networks of a population and not between populations."""
    return int(architecture_key(architecture), 16) ^ seed


RESUMED = ("precision", "momentum", "epochs", "step", "seconds", "loss", "wrong", "finite", "accumulation")


class Run:
    """The training of one network, resumable between any two steps.

    With `accumulation` above 1 each step computes its gradients in so many parts, which takes less memory. Batch norm
    then normalises by the statistics of a part instead of those of the batch.
    """

    def __init__(
        self,
        architecture: Architecture,
        recipe: Recipe,
        seed: int,
        dataset: Dataset,
        device: str = "cpu",
        accumulation: int = 1,
        memory_share: float = MEMORY_SHARE["auto"],
    ):
        self.recipe, self.seed, self.device = recipe, run_seed(architecture, seed), torch.device(device)
        self.precision, self.layout = precision_on(self.device, recipe.precision), getattr(torch, recipe.layout)
        *sides, channels = dataset.train.images.shape[1:]
        check_channels(recipe.augmentation, channels)
        self.rotates = recipe.target == ROTATION
        if self.rotates and sides[0] != sides[1]:
            raise ValueError(f"recipe: target is rotation, expected square images, not {sides[0]} x {sides[1]}")
        classes = 4 if self.rotates else dataset.classes
        self.network = build(
            architecture,
            channels,
            classes,
            zero_init_residual=recipe.zero_init_residual,
            generator=generator(self.seed, WEIGHTS),
        ).to(self.device, memory_format=self.layout)
        self.parameters = list(self.network.parameters())
        self.momentum: list[torch.Tensor | None] = [None] * len(self.parameters)
        self.evaluated = copy.deepcopy(self.network) if recipe.ema_decay else self.network
        # weights and batch norm statistics: averaged weights need averaged statistics
        self.average, self.values = (
            [value for value in network.state_dict().values() if value.is_floating_point()]
            for network in (self.evaluated, self.network)
        )
        self._feed(dataset, architecture.resolution, memory_share)
        self.batch = min(recipe.batch_size, len(self.labels))
        self.steps = len(self.labels) // self.batch
        self.accumulation = accumulation
        self.chance_error = 100 * (1 - 1 / classes)
        self.epochs: list[dict] = []
        self.step, self.seconds = 0, 0.0
        self.loss, self.wrong = (torch.zeros((), dtype=torch.float64, device=self.device) for _ in range(2))
        self.finite = torch.zeros((), dtype=torch.int64, device=self.device)  # steps of this epoch until a loss was not

    def _feed(self, dataset: Dataset, resolution: int, memory_share: float) -> None:
        """Open all splits; training images that are changed in every epoch as uint8, others ready for the network."""
        moments = [torch.tensor(values, device=self.device) for values in (dataset.mean, dataset.std)]
        self.ready = lambda images: normalised(images, *moments, resolution)
        self.resolution = resolution
        evaluated = [split for split in (dataset.test, dataset.validation) if split is not None]
        floats = [
            4 * len(split.labels) * dataset.train.images.shape[-1] * resolution**2
            for split in (dataset.train, *evaluated)
        ]
        if self.recipe.augmentation:
            floats[0] = math.prod(dataset.train.images.shape)
        source = Resident if fits(floats, memory_share, self.device) else Streamed
        labels = lambda split: torch.from_numpy(np.array(split.labels)).to(self.device)
        self.images = source(dataset.train, self.device, as_they_are if self.recipe.augmentation else self.ready)
        self.labels = labels(dataset.train)
        self.drawn: tuple[int, dict[str, torch.Tensor]] = (-1, {})  # an epoch and its random numbers
        self.test, *rest = [(source(split, self.device, self.ready), labels(split)) for split in evaluated]
        self.validation = rest[0] if rest else None

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

    def draw(self) -> dict[str, torch.Tensor]:
        """The random numbers of this epoch: by purpose, a row per training image."""
        epoch = len(self.epochs)
        if self.drawn[0] != epoch:
            source = lambda place: generator(self.seed, AUGMENTATION, epoch, place)
            drawn = draw(self.recipe.augmentation, len(self.labels), source, self.device)
            if self.rotates:
                turns = torch.randint(4, (len(self.labels),), generator=generator(self.seed, TURNS, epoch))
                drawn["turns"] = turns.to(self.device)
            self.drawn = epoch, drawn
        return self.drawn[1]

    def examples(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The training images `rows` as the network gets them in this epoch, and what it is to say of them."""
        images, rows = self.images[rows], rows.to(self.device)
        drawn = {name: numbers[rows] for name, numbers in self.draw().items()}
        turns = drawn.pop("turns", None)
        if self.recipe.augmentation:
            images = self.ready(augment(images, drawn, self.resolution))
        return (images, self.labels[rows]) if turns is None else (turned(images, turns), turns)

    def outputs(self, network: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
        """What a network says of images, computed in the run's layout and in the precision of this step."""
        rounded = self.precision == "bf16" and len(self.epochs) + self.step / self.steps >= self.recipe.fp32_epochs
        with torch.autocast(self.device.type, torch.bfloat16, enabled=rounded):
            return network(images.contiguous(memory_format=self.layout))

    def gradients(self, rows: torch.Tensor) -> list[torch.Tensor]:
        """Gradients of the mean loss of the images `rows`; losses and mistakes add up on the device."""
        total: list[torch.Tensor] = []
        parts = (values.chunk(self.accumulation) for values in self.examples(rows))
        for images, labels in zip(*parts, strict=True):
            logits = self.outputs(self.network, images)
            loss = functional.cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
            if self.accumulation > 1:
                loss = loss * (len(labels) / len(rows))
            gradients = list(torch.autograd.grad(loss, self.parameters))
            with torch.no_grad():
                self.loss += loss.detach()
                self.wrong += (logits.argmax(1) != labels).sum()
                torch._foreach_add_(total, gradients) if total else total.extend(gradients)
        self.finite += self.loss.isfinite()  # a sum stays what it is once it is not finite
        return total

    def train_step(self, rows: torch.Tensor, rate: float) -> None:
        """One SGD step on the images `rows`."""
        gradients = self.gradients(rows)
        with torch.no_grad():
            sgd(
                self.parameters,
                gradients,
                self.momentum,
                fused=True,  # one pass over all: 2 to 4 % of a step on a CPU, a few hundred kernels fewer on a GPU
                grad_scale=None,
                found_inf=None,
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

    def posed(self, images: torch.Tensor, labels: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """What the network is asked in an evaluation: images and their classes; or the images in all four rotations."""
        if not self.rotates:
            yield images, labels
            return
        for turn in range(4):
            turns = torch.full_like(labels, turn)
            yield turned(images, turns), turns

    def error_on(self, images: Resident | Streamed, labels: torch.Tensor) -> float:
        """Top-1 error in percent, of the average if there is one; nan if outputs are not finite."""
        size, wrong = max(1, EVALUATION_BATCH // self.accumulation), 0
        self.evaluated.eval()
        with torch.no_grad():
            for rows in images.ahead(slice(start, start + size) for start in range(0, len(labels), size)):
                for part, expected in self.posed(images[rows], labels[rows]):
                    logits = self.outputs(self.evaluated, part)
                    wrong += int((logits.argmax(1) != expected).sum()) if logits.isfinite().all() else math.nan
        self.network.train()
        return 100 * wrong / (len(labels) * (4 if self.rotates else 1))

    def test_error(self) -> float:
        """Error on the test split."""
        return self.error_on(*self.test)

    def epoch_result(self) -> dict[str, float]:
        """What a record says of the epoch that has just ended."""
        result = {
            "train_loss": float(self.loss) / self.steps,
            "train_error": 100 * float(self.wrong) / (self.steps * self.batch),
        }
        if self.validation:
            result["validation_error"] = self.error_on(*self.validation)
        return result | {"test_error": self.test_error()}

    def train(self, stopping: Callable[[], bool], save: Callable[[], None], checkpoint_seconds: float) -> str:
        """Train to the end; returns the status. Saves now and then, and when `stopping()`, then raises Interrupted."""
        started, saved = time.perf_counter() - self.seconds, time.perf_counter()
        while len(self.epochs) < self.recipe.epochs:
            epoch = len(self.epochs)
            order = torch.randperm(len(self.labels), generator=generator(self.seed, ORDER, epoch))
            batches = order.to(self.images.index_device).split(self.batch)[self.step : self.steps]
            for rows in self.images.ahead(batches):
                self.train_step(rows, self.recipe.rate(epoch + self.step / self.steps))
                if stopping():
                    self.seconds = time.perf_counter() - started
                    save()
                    raise Interrupted(f"interrupted in epoch {epoch + 1}, step {self.step}; the checkpoint was written")
            result = self.epoch_result()
            self.seconds = time.perf_counter() - started
            if not all(map(math.isfinite, result.values())):
                return DIVERGED
            self.epochs.append(result)
            self.step = 0
            for counted in (self.loss, self.wrong, self.finite):
                counted.zero_()
            if time.perf_counter() - saved > checkpoint_seconds:
                save()
                saved = time.perf_counter()
        return FINISHED


def serialised(state: Mapping) -> memoryview:
    """The bytes of a checkpoint. In memory first: torch hides the reason when a file cannot be written."""
    content = io.BytesIO()
    torch.save(state, content)
    return content.getbuffer()


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


def train_in_memory(
    start: Callable[[int], Run], checkpoint: Path, stopping: Callable[[], bool], checkpoint_seconds: float
) -> tuple[Run, str]:
    """Train to the end; returns the ended run and its status. `start` makes a run with so much gradient accumulation.

    A run that the GPU's memory does not hold starts over in twice as many parts per step, until a part would have less
    than `SMALLEST_PART` images; then raises torch.OutOfMemoryError.
    """

    def attempt(run: Run) -> tuple[Run, str] | int:
        state = lambda: {"key": checkpoint.stem} | run.state()
        save = lambda: write_atomically(checkpoint, lambda file: file.write(serialised(state())))
        try:
            return run, run.train(stopping, save, checkpoint_seconds)
        except torch.OutOfMemoryError:
            if run.batch // (2 * run.accumulation) < SMALLEST_PART:
                raise
            return 2 * run.accumulation

    ended = attempt(start_or_resume(lambda: start(1), checkpoint))
    while isinstance(ended, int):
        checkpoint.unlink(missing_ok=True)  # a run has one accumulation, wherever it was interrupted
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        warnings.warn(f"{checkpoint.stem}: out of memory, starts over in {ended} parts per step", stacklevel=2)
        ended = attempt(start(ended))
    return ended


def train_network(
    architecture: Architecture,
    complexity: Mapping[str, int],
    recipe: Mapping,
    seed: int,
    dataset: Dataset,
    store: str | Path,
    device: str = "cpu",
    stopping: Callable[[], bool] = lambda: False,
    checkpoint_seconds: float = 60.0,
    memory_share: float = MEMORY_SHARE["auto"],
) -> dict:
    """Train one network, or find its record in the store; returns the record.

    Images that take more than `memory_share` of the device's free memory are streamed, which changes no result. The
    record is written when the run has ended and its checkpoint is then removed. Raises RecordError for a damaged
    record, Interrupted when `stopping()` said so.
    """
    settings = Recipe.from_dict(recipe)
    set_up_device(device, settings.precision)
    identity = run_identity(architecture, settings, seed, dataset.checksum)
    key = key_of(identity)
    path = Path(store) / f"{key}.json"
    checkpoint = path.with_suffix(".checkpoint")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "cannot be written", str(path.parent))
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        start = lambda accumulation: Run(architecture, settings, seed, dataset, device, accumulation, memory_share)
        run, status = train_in_memory(start, checkpoint, stopping, checkpoint_seconds)
        known = {"key": key, "architecture": identity["architecture"], "complexity": dict(complexity)} | identity
        write_json(path, known | outcome(run, status))
    checkpoint.unlink(missing_ok=True)
    return read_record(path)


def outcome(run: Run, status: str) -> dict:
    """What a record says of an ended run beside what identifies it. A diverged run has the error of guessing."""
    errors = [epoch["test_error"] for epoch in run.epochs] if status == FINISHED else [run.chance_error]
    epochs = len(run.epochs) + (status == DIVERGED)
    finite = int(run.finite)
    return {
        "status": status,
        "error": errors[-1],
        "error_min": min(errors),
        "error_selected": error_selected(run, status),
        "epochs": run.epochs,
        "diverged_in_epoch": epochs if status == DIVERGED else None,
        "diverged_in_step": finite + 1 if status == DIVERGED and finite < run.steps else None,
        "seconds": run.seconds,
        "images_per_second": run.steps * run.batch * epochs / run.seconds,
        "peak_memory_mb": peak_memory_mb(run.device),
        "device": device_name(run.device),
        "threads": torch.get_num_threads(),
        "precision": run.precision,
        "layout": run.recipe.layout,
        "accumulation": run.accumulation,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
    }


def error_selected(run: Run, status: str) -> float | None:
    """Test error after the epoch of the smallest validation error, the first of several; None without validation."""
    if run.validation is None:
        return None
    if status == DIVERGED:
        return run.chance_error
    return min(run.epochs, key=lambda epoch: epoch["validation_error"])["test_error"]
