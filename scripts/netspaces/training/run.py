"""The training of one network: its state, its steps, its epochs. `recipe` says how it is trained.

A run is a pure function of (architecture, recipe, seed, dataset) on one kind of device.
"""

import copy
import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext

import torch

from netspaces.data.datasets import Dataset
from netspaces.networks.architecture import Architecture
from netspaces.networks.modules import build
from netspaces.training.batches import MEMORY_SHARE, Batches, Examples
from netspaces.training.device import precision_on
from netspaces.training.dropping import Dropping
from netspaces.training.losses import LOSSES
from netspaces.training.optimiser import make_optimiser
from netspaces.training.part import made
from netspaces.training.process import Interrupted
from netspaces.training.random_numbers import WEIGHTS, generator, run_seed
from netspaces.training.recipe import Recipe
from netspaces.training.records import DIVERGED, FINISHED

EVALUATION_BATCH = 512
RESUMED = ("precision", "epochs", "step", "seconds", "loss", "wrong", "finite", "accumulation")
"""What a resumed run needs beside the states of its networks and its optimiser."""


class MovingAverage:
    """A network whose weights and batch norm statistics are moving averages of those of another one.

    Averaged weights need averaged statistics: those of the last weights would not fit them.
    """

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self.network, self.decay = copy.deepcopy(network), decay
        self.averages, self.values = (
            [value for value in each.state_dict().values() if value.is_floating_point()]
            for each in (self.network, network)
        )

    def update(self, steps: int) -> None:
        """Take in the weights after so many steps of the run."""
        decay = min(self.decay, (1 + steps) / (10 + steps))  # as is usual: or the initial weights would dominate
        torch._foreach_lerp_(self.averages, self.values, 1 - decay)


def likeliest(expected: torch.Tensor) -> torch.Tensor:
    """The answer (n,) of the largest weight, if what is right is stated by weights (n, classes)."""
    return expected if expected.ndim == 1 else expected.argmax(1)


def clip(gradients: list[torch.Tensor], norm: float) -> None:
    """Scale gradients in place so that all together are at most so long."""
    length = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    torch._foreach_mul_(gradients, (norm / (length + 1e-6)).clamp(max=1.0))


class Run:
    """The training of one network, resumable between any two steps.

    With `accumulation` above 1 each step computes its gradients in so many parts, which takes less memory. Batch norm
    then normalises by the statistics of a part instead of those of the batch.

    Attributes that change: `epochs`, the results of those that have ended; `step`, the number of steps done in the
    present one; `loss` and `wrong`, sums over these steps; `finite`, the number of steps until a loss was not finite;
    `seconds` of training so far.
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
    ) -> None:
        own_seed = run_seed(architecture, seed)
        self.recipe, self.device, self.accumulation = recipe, torch.device(device), accumulation
        self.precision, self.layout = precision_on(self.device, recipe.precision), getattr(torch, recipe.layout)
        self.batches = Batches(dataset, recipe, own_seed, architecture.resolution, self.device, memory_share)
        network = build(
            architecture,
            dataset.train.images.shape[-1],
            self.batches.classes,
            zero_init_residual=recipe.zero_init_residual,
            generator=generator(own_seed, WEIGHTS),
        )
        # torch's annotations do not know that a device and a layout may be given together
        self.network = network.to(self.device, memory_format=self.layout)  # type: ignore[call-overload]
        self.parameters = list(self.network.parameters())
        self.optimiser = make_optimiser(self.parameters, recipe)
        self.loss_of = made(LOSSES, recipe.loss)
        drops = recipe.drop_path or recipe.dropout
        self.dropping = Dropping(self.network, recipe, own_seed, self.device) if drops else None
        self.average = MovingAverage(self.network, recipe.ema_decay) if recipe.ema_decay else None
        self.epochs: list[dict] = []
        self.step, self.seconds = 0, 0.0
        self.loss, self.wrong = (torch.zeros((), dtype=torch.float64, device=self.device) for _ in range(2))
        self.finite = torch.zeros((), dtype=torch.int64, device=self.device)

    @property
    def evaluated(self) -> torch.nn.Module:
        """The network that is evaluated: the moving average, or the network itself if there is none."""
        return self.average.network if self.average else self.network

    @property
    def chance_error(self) -> float:
        """The error of guessing, in percent."""
        return 100 * (1 - 1 / self.batches.classes)

    def state(self) -> dict:
        """All that a resumed run needs."""
        states = {
            "network": self.network.state_dict(),
            "evaluated": self.evaluated.state_dict(),
            "optimiser": self.optimiser.state(),
        }
        return states | {name: getattr(self, name) for name in RESUMED}

    def restore(self, state: Mapping) -> None:
        """Continue from a `state`."""
        self.network.load_state_dict(state["network"])
        self.evaluated.load_state_dict(state["evaluated"])
        self.optimiser.restore(state["optimiser"])
        for name in RESUMED:
            setattr(self, name, state[name])

    def outputs(self, network: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
        """What a network says of images, computed in the run's layout and in the precision of this step."""
        progress = len(self.epochs) + self.step / self.batches.steps
        rounded = self.precision == "bf16" and progress >= self.recipe.fp32_epochs
        with torch.autocast(self.device.type, torch.bfloat16, enabled=rounded):
            return network(images.contiguous(memory_format=self.layout))

    def gradients(self, images: torch.Tensor, expected: torch.Tensor) -> list[torch.Tensor]:
        """Gradients of the mean loss on a batch; losses and mistakes add up on the device."""
        total: list[torch.Tensor] = []
        values = [images, expected]
        if self.dropping:
            values.append(self.dropping.draw(len(self.epochs), self.step, len(images)))
        for shown, right, *factors in zip(*(each.chunk(self.accumulation) for each in values), strict=True):
            with self.dropping.applied(*factors) if self.dropping else nullcontext():
                logits = self.outputs(self.network, shown)
            loss = self.loss_of(logits.float(), right, self.recipe)
            if self.accumulation > 1:
                loss = loss * (len(right) / len(expected))
            gradients = list(torch.autograd.grad(loss, self.parameters))
            with torch.no_grad():
                self.loss += loss.detach()
                self.wrong += (logits.argmax(1) != likeliest(right)).sum()
                if total:
                    torch._foreach_add_(total, gradients)
                else:
                    total = gradients
        self.finite += self.loss.isfinite()  # a sum stays what it is once it is not finite
        return total

    def train_step(self, images: torch.Tensor, expected: torch.Tensor, rate: float) -> None:
        """One step of the optimiser on a batch, at a learning rate."""
        gradients = self.gradients(images, expected)
        with torch.no_grad():
            if self.recipe.gradient_norm:
                clip(gradients, self.recipe.gradient_norm)
            self.optimiser.step(gradients, rate)
        self.step += 1
        if self.average:
            self.average.update(len(self.epochs) * self.batches.steps + self.step)

    def error_on(self, examples: Examples) -> float:
        """Top-1 error in percent, of the average if there is one; nan if outputs are not finite."""
        size = max(1, EVALUATION_BATCH // self.accumulation)
        wrong, asked = 0.0, 0
        self.evaluated.eval()
        with torch.no_grad():
            for images, expected in self.batches.questions(examples, size):
                logits = self.outputs(self.evaluated, images)
                wrong += int((logits.argmax(1) != expected).sum()) if logits.isfinite().all() else math.nan
                asked += len(expected)
        self.network.train()
        return 100 * wrong / asked

    def test_error(self) -> float:
        """Error on the test split."""
        return self.error_on(self.batches.test)

    def epoch_result(self) -> dict[str, float]:
        """What a record says of the epoch that has just ended."""
        steps = self.batches.steps
        result = {
            "train_loss": float(self.loss) / steps,
            "train_error": 100 * float(self.wrong) / (steps * self.batches.batch),
        }
        if self.batches.validation:
            result["validation_error"] = self.error_on(self.batches.validation)
        return result | {"test_error": self.test_error()}

    def train(self, stopping: Callable[[], bool], save: Callable[[], None], checkpoint_seconds: float) -> str:
        """Train to the end; returns the status. Saves now and then, and when `stopping()`, then raises Interrupted."""
        started, saved = time.perf_counter() - self.seconds, time.perf_counter()
        while len(self.epochs) < self.recipe.epochs:
            epoch = len(self.epochs)
            remaining = self.batches.order(epoch)[self.step :]
            for images, expected in self.batches.examples(epoch, remaining):
                self.train_step(images, expected, self.recipe.rate(epoch + self.step / self.batches.steps))
                if stopping():
                    self.seconds = time.perf_counter() - started
                    save()
                    raise Interrupted(f"interrupted in epoch {epoch + 1}, step {self.step}; the checkpoint was written")
            result = self.epoch_result()
            self.seconds = time.perf_counter() - started
            if not all(map(math.isfinite, result.values())):
                return DIVERGED
            self._begin_epoch(result)
            if time.perf_counter() - saved > checkpoint_seconds:
                save()
                saved = time.perf_counter()
        return FINISHED

    def _begin_epoch(self, last_result: dict[str, float]) -> None:
        self.epochs.append(last_result)
        self.step = 0
        for counted in (self.loss, self.wrong, self.finite):
            counted.zero_()
