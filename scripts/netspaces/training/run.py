"""The training of one network: its state, its steps, its epochs. `recipe` says how it is trained.

A run is a pure function of (architecture, recipe, seed, dataset) on one kind of device.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

import numpy as np
import torch

from netspaces.data.datasets import Dataset
from netspaces.networks.architecture import Architecture
from netspaces.networks.modules import build
from netspaces.training.batches import MEMORY_SHARE, Batches, Examples
from netspaces.training.device import precision_on
from netspaces.training.dropping import Dropping
from netspaces.training.lanes import Turns, alone
from netspaces.training.losses import LOSSES
from netspaces.training.optimiser import make_optimiser
from netspaces.training.part import made
from netspaces.training.precise_norms import renew_statistics
from netspaces.training.process import Interrupted
from netspaces.training.random_numbers import WEIGHTS, generator, run_seed
from netspaces.training.recipe import Recipe
from netspaces.training.records import DIVERGED, FINISHED
from netspaces.training.steps import steps_of

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

    def share(self, steps: int) -> float:
        """The share of the weights after so many steps of the run in their average."""
        return 1 - min(self.decay, (1 + steps) / (10 + steps))  # as is usual: or the initial weights would dominate

    def update(self, share: float | torch.Tensor) -> None:
        """Take in a share of the present weights; a number on a GPU, rounded to fp32, or a tensor there: the same."""
        if self.averages[0].device.type == "cpu":
            torch._foreach_lerp_(self.averages, self.values, float(share))
        else:
            changes = torch._foreach_sub(self.values, self.averages)
            torch._foreach_mul_(changes, share)
            torch._foreach_add_(self.averages, changes)


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
        self.steps = steps_of(self)

    @property
    def evaluated(self) -> torch.nn.Module:
        """The network that is evaluated: the moving average, or the network itself if there is none."""
        return self.average.network if self.average else self.network

    @property
    def chance_error(self) -> float:
        """The error of guessing, in percent."""
        return 100 * (1 - 1 / self.batches.classes)

    @property
    def evaluation_batch(self) -> int:
        """Images of an evaluation's batch."""
        return max(1, EVALUATION_BATCH // self.accumulation)

    @property
    def rounds(self) -> bool:
        """Whether the present step is computed in bf16."""
        progress = len(self.epochs) + self.step / self.batches.steps
        return self.precision == "bf16" and progress >= self.recipe.fp32_epochs

    def rate_at(self, step: int) -> float:
        """The learning rate of a step of the present epoch."""
        return self._rounded(self.recipe.rate(len(self.epochs) + step / self.batches.steps))

    def _rounded(self, number: float) -> float:
        """A number that changes from step to step, as a GPU reads it from a table in fp32."""
        return number if self.device.type == "cpu" else float(np.float32(number))

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

    # ---- Steps -------------------------------------------------------------------------------------------------------

    def outputs(self, network: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
        """What a network says of images, computed in the run's layout and in the precision of this step."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.rounds):
            return network(images.contiguous(memory_format=self.layout))

    def gradients(
        self, images: torch.Tensor, expected: torch.Tensor, factors: torch.Tensor | None = None
    ) -> list[torch.Tensor]:
        """Gradients of the mean loss on a batch; losses and mistakes add up on the device.

        `factors` are those of what the step drops, a row per image.
        """
        total: list[torch.Tensor] = []
        values = [images, expected, *([] if factors is None else [factors])]
        for shown, right, *dropped in zip(*(each.chunk(self.accumulation) for each in values), strict=True):
            with self.dropping.applied(*dropped) if self.dropping else nullcontext():
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

    def update(self, gradients: list[torch.Tensor], rate: "float | torch.Tensor") -> None:
        """Change the weights by the gradients of a step, at a learning rate."""
        with torch.no_grad():
            if self.recipe.gradient_norm:
                clip(gradients, self.recipe.gradient_norm)
            self.optimiser.step(gradients, rate)

    def train_step(self, images: torch.Tensor, expected: torch.Tensor, rate: float) -> None:
        """One step of the optimiser on a batch, at a learning rate."""
        dropped = [self.dropping.draw(len(self.epochs), self.step, len(images))] if self.dropping else []
        self.update(self.gradients(images, expected, *dropped), rate)
        self.step += 1
        if self.average:
            share = self.average.share(len(self.epochs) * self.batches.steps + self.step)
            self.average.update(self._rounded(share))

    # ---- Evaluation --------------------------------------------------------------------------------------------------

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """The networks as they are evaluated, without gradients."""
        self.evaluated.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self.network.train()

    def count_mistakes(self, images: torch.Tensor, expected: torch.Tensor, counted: torch.Tensor) -> None:
        """Add the mistakes on images, nan if outputs are not finite, and their number to `counted` (2,)."""
        logits = self.outputs(self.evaluated, images)
        wrong = (logits.argmax(1) != expected).sum().double()
        counted[0] += torch.where(logits.isfinite().all(), wrong, math.nan)
        counted[1] += len(expected)

    def error_on(self, examples: Examples) -> float:
        """Top-1 error in percent, of the average if there is one; nan if outputs are not finite."""
        counted = torch.zeros(2, dtype=torch.float64, device=self.device)
        with self.evaluating():
            for images, expected in self.batches.questions(examples, self.evaluation_batch):
                self.count_mistakes(images, expected, counted)
        wrong, asked = counted.tolist()
        return 100 * wrong / asked

    def test_error(self) -> float:
        """Error on the test split."""
        return self.error_on(self.batches.test)

    def training_result(self, loss: float, wrong: float) -> dict[str, float]:
        """What a record says of the steps of an epoch, from their sums of losses and mistakes."""
        steps = self.batches.steps
        return {"train_loss": loss / steps, "train_error": 100 * wrong / (steps * self.batches.batch)}

    def epoch_result(self) -> dict[str, float]:
        """What a record says of the epoch that has just ended."""
        result = self.training_result(float(self.loss), float(self.wrong))
        if self.batches.validation:
            result["validation_error"] = self.error_on(self.batches.validation)
        return result | {"test_error": self.test_error()}

    # ---- Training ----------------------------------------------------------------------------------------------------

    def train(self, stopping: Callable[[], bool], save: Callable[[], None], checkpoint_seconds: float) -> str:
        """Train to the end, alone in the process; errors are those of `turns`."""
        return alone(self.turns(stopping, save, checkpoint_seconds), self.device)

    def turns(self, stopping: Callable[[], bool], save: Callable[[], None], checkpoint_seconds: float) -> Turns[str]:
        """Train to the end, in turns; ends with the status.

        Saves now and then, and when `stopping()`, then raises Interrupted.
        """
        started, saved = time.perf_counter() - self.seconds, time.perf_counter()
        while len(self.epochs) < self.recipe.epochs:
            for _ in self.steps.rest_of_epoch():
                if stopping():
                    self.seconds = time.perf_counter() - started
                    save()
                    where = f"epoch {len(self.epochs) + 1}, step {self.step}"
                    raise Interrupted(f"interrupted in {where}; the checkpoint was written")
                yield False
            if self.recipe.precise_batch_norm:
                renew_statistics(self)
            results = self.steps.evaluation()
            yield True
            result = results()
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
