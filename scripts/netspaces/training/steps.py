"""The steps of a run's epochs and its evaluations: driven by the host, or by counters that lie on the device.

On a CPU, and where images are streamed, the host hands every batch to the run. On a GPU that holds the images, what
changes from step to step (rows of the batch, random numbers, learning rate) is read from tensors on the device by a
counter that lies there too. So a step is the same work each time, which `Graphs` records, and steps need no host
between them. Both ways give the same numbers.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Protocol

import torch

from netspaces.training.batches import Draws, Examples
from netspaces.training.graphs import Graphs
from netspaces.training.images import Resident

if TYPE_CHECKING:
    from netspaces.training.run import Run

PER_TURN = 32  # steps that the host gives to a GPU between two looks at other lanes and at a request to stop

Results = dict[str, float]


class Steps(Protocol):
    """How a run does its steps."""

    def rest_of_epoch(self) -> Iterator[None]:
        """Do the steps that are left of the present epoch; yields where the run may be stopped."""

    def evaluation(self) -> Callable[[], Results]:
        """Begin the evaluations at the end of an epoch; the function returned waits for their results."""


class HostSteps:
    """Steps to which the host hands their batches."""

    def __init__(self, run: "Run") -> None:
        self.run = run

    def rest_of_epoch(self) -> Iterator[None]:
        """One step after another."""
        run, epoch = self.run, len(self.run.epochs)
        remaining = run.batches.order(epoch)[run.step :]
        for images, expected in run.batches.examples(epoch, remaining):
            run.train_step(images, expected, run.rate_at(run.step))
            yield

    def evaluation(self) -> Callable[[], Results]:
        """Nothing is begun: the results are computed when they are asked for."""
        return self.run.epoch_result


class DeviceSteps:
    """Steps and evaluations that read all they need from the device; the images lie there.

    Of an epoch: `order` (steps * batch,) of the images, `draws` of their random numbers, `rates` (steps,) of learning,
    `shares` (steps,) of new weights in the moving average, `factors` (steps, batch, ...) of what is dropped. `position`
    (1,) counts the steps of the epoch, `place` (1,) the batches of an evaluation; `counted` holds the mistakes and the
    questions of each split.
    """

    def __init__(self, run: "Run") -> None:
        self.run, device, batches = run, run.device, run.batches
        self.graphs = Graphs(device)
        self.within = torch.arange(batches.batch, device=device)
        self.order = torch.zeros(batches.steps * batches.batch, dtype=torch.int64, device=device)
        self.rates, self.shares = (torch.zeros(batches.steps, device=device) for _ in range(2))
        self.position, self.place = (torch.zeros(1, dtype=torch.int64, device=device) for _ in range(2))
        self.inside = torch.arange(run.evaluation_batch, device=device)
        self.draws: Draws | None = None
        self.factors: torch.Tensor | None = None
        splits = {"validation_error": batches.validation, "test_error": batches.test}
        self.splits = {name: split for name, split in splits.items() if split is not None}
        self.counted = {name: torch.zeros(2, dtype=torch.float64, device=device) for name in self.splits}

    # ---- Steps -------------------------------------------------------------------------------------------------------

    def rest_of_epoch(self) -> Iterator[None]:
        """`PER_TURN` steps at a time."""
        run = self.run
        self._begin_epoch()
        while run.step < run.batches.steps:
            for _ in range(min(PER_TURN, run.batches.steps - run.step)):
                self.graphs.do(("step", run.rounds), self._step)
                run.step += 1
            yield

    def _begin_epoch(self) -> None:
        """Bring what the steps of the epoch read to the device."""
        run, epoch, steps = self.run, len(self.run.epochs), self.run.batches.steps
        self.order.copy_(torch.cat(list(run.batches.order(epoch))))
        self.rates.copy_(torch.tensor([run.rate_at(step) for step in range(steps)], dtype=torch.float64))
        if run.average:
            shares = [run.average.share(epoch * steps + step + 1) for step in range(steps)]
            self.shares.copy_(torch.tensor(shares, dtype=torch.float64))
        if run.dropping:
            factors = torch.stack([run.dropping.draw(epoch, step, run.batches.batch) for step in range(steps)])
            self.factors = factors if self.factors is None else self.factors.copy_(factors)
        draws = run.batches.draws(epoch)
        if self.draws is None:
            self.draws = draws.on(run.device)
        for kept, drawn in zip(self.draws.tensors(), draws.tensors(), strict=True):
            kept.copy_(drawn)
        self.position.fill_(run.step)

    def _step(self) -> None:
        """The step at `position`."""
        run, images = self.run, self.run.batches.train.images
        assert self.draws is not None and isinstance(images, Resident)
        rows = self.order.index_select(0, self.position * run.batches.batch + self.within)
        shown = run.batches.shown(images.images[rows], rows, self.draws.of(rows))
        factors = None if self.factors is None else self.factors.index_select(0, self.position)[0]
        run.update(run.gradients(*shown, factors), self.rates.index_select(0, self.position)[0])
        if run.average:
            run.average.update(self.shares.index_select(0, self.position)[0])
        self.position += 1

    # ---- Evaluations -------------------------------------------------------------------------------------------------

    def evaluation(self) -> Callable[[], Results]:
        """Give all evaluations to the device; no number is read before their end."""
        run = self.run
        with run.evaluating():
            for name, split in self.splits.items():
                self._evaluate(name, split)
        numbers = torch.cat([torch.stack([run.loss, run.wrong]), *self.counted.values()])
        host = torch.empty(len(numbers), dtype=numbers.dtype, pin_memory=run.device.type == "cuda")
        host.copy_(numbers, non_blocking=True)

        def results() -> Results:
            loss, wrong, *counted = host.tolist()
            errors = {name: 100 * counted[2 * i] / counted[2 * i + 1] for i, name in enumerate(self.splits)}
            return run.training_result(loss, wrong) | errors

        return results

    def _evaluate(self, name: str, split: Examples) -> None:
        """Count the mistakes on a split: whole batches, which are the same work, then the rest."""
        whole = len(split.labels) // len(self.inside)
        self.counted[name].zero_()
        self.place.zero_()
        for _ in range(whole):
            self.graphs.do((name, self.run.rounds), partial(self._next_questions, name, split))
        if len(split.labels) % len(self.inside):
            self._ask(name, split, slice(whole * len(self.inside), None))

    def _next_questions(self, name: str, split: Examples) -> None:
        """The questions at `place`."""
        self._ask(name, split, self.place * len(self.inside) + self.inside)
        self.place += 1

    def _ask(self, name: str, split: Examples, rows: torch.Tensor | slice) -> None:
        assert isinstance(split.images, Resident)
        for images, expected in self.run.batches.target.questions(split.images.images[rows], split.labels[rows]):
            self.run.count_mistakes(images, expected, self.counted[name])


def steps_of(run: "Run") -> Steps:
    """How a run does its steps: from counters on a GPU that holds its images, if its optimiser can."""
    images_are_there = isinstance(run.batches.train.images, Resident)
    if run.device.type == "cuda" and images_are_there and run.optimiser.rate_on_device:
        return DeviceSteps(run)
    return HostSteps(run)
