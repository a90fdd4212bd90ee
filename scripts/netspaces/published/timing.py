"""Time of networks: what a batch takes, in inference and in a training step, on the device at hand (paper figure 12).

Time depends on device, precision and batch size: a measurement names them, and `measurements` takes several.

Times are the only results of the workflow that no second run repeats. So a measurement says what it rests on: warm-up
passes that do not count, a median with its quartiles, and the device by name.
"""

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from netspaces.networks.architecture import Architecture
from netspaces.networks.modules import build
from netspaces.training.device import device_name
from netspaces.training.graphs import WARM, Graphs
from netspaces.training.lanes import on_stream, own_stream

PRECISIONS = ("fp32", "bf16")
Arithmetic = Callable[[], AbstractContextManager]
"""Makes the context in which a forward pass is computed: under autocast or not."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds that a batch takes: median and quartiles of `repeats` passes, tensors channels last.

    Inference is a forward pass in evaluation mode. A training step is forward, backward and update by SGD with
    momentum; NaN where it was not measured. With the precision bf16 the forward pass runs under autocast, as in
    training.

    A GPU replays the graph of a pass, so that its own time is measured and not how fast its host launches kernels, of
    which a small network has hundreds; `device` says whether that was so.
    """

    inference_ms: float
    inference_low_ms: float
    inference_high_ms: float
    training_ms: float
    training_low_ms: float
    training_high_ms: float
    batch: int
    repeats: int
    warmup: int
    threads: int
    device: str
    precision: str = "fp32"

    def columns(self) -> dict[str, object]:
        """The measurement as a row of a table."""
        return asdict(self)


def measure(
    architecture: Architecture,
    channels: int = 3,
    classes: int = 1000,
    device: str = "cpu",
    batch: int = 64,
    repeats: int = 10,
    warmup: int = 3,
    training: bool = True,
    precision: str = "fp32",
) -> Timing:
    """Time a network on random images of its own resolution, with the threads that the process has.

    Parameters: `batch` images per pass; `repeats` passes are measured after `warmup` that are not; `training` to
    measure training steps too, for which the batch has two images or more; `precision` fp32 or bf16.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"timing: precision {precision!r}, expected {' or '.join(PRECISIONS)}")
    if batch < 1 or repeats < 1 or warmup < 0:
        raise ValueError(f"timing: batch {batch}, repeats {repeats}, warmup {warmup}: expected at least 1, 1 and 0")
    where = torch.device(device)
    network = build(architecture, channels, classes).to(where)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # which torch's types forget
    images, labels = _random_batch(batch, channels, architecture.resolution, classes, where)
    arithmetic = partial(torch.autocast, where.type, torch.bfloat16, enabled=precision == "bf16")
    graphs, step = Graphs(where), (np.nan, np.nan, np.nan)
    if graphs.usable:
        warmup = max(warmup, WARM + 1)  # the passes before a graph is recorded, and its first replay
    with on_stream(own_stream(where)):
        one_pass = partial(graphs.do, "inference", _inference(network, images, arithmetic))
        inference = _quartiles(one_pass, where, repeats, warmup)
        if training:
            one_pass = partial(graphs.do, "training", _training_step(network, images, labels, arithmetic))
            step = _quartiles(one_pass, where, repeats, warmup)
    return Timing(
        inference_ms=inference[1],
        inference_low_ms=inference[0],
        inference_high_ms=inference[2],
        training_ms=step[1],
        training_low_ms=step[0],
        training_high_ms=step[2],
        batch=batch,
        repeats=repeats,
        warmup=warmup,
        threads=torch.get_num_threads(),
        device=machine(where) + _launches(graphs),
        precision=precision,
    )


def _random_batch(
    batch: int, channels: int, resolution: int, classes: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (batch, channels, resolution, resolution), channels last, and labels (batch,); every time the same."""
    random = torch.Generator().manual_seed(0)
    images = torch.randn(batch, channels, resolution, resolution, generator=random)
    labels = torch.randint(classes, (batch,), generator=random)
    return images.to(device, memory_format=torch.channels_last), labels.to(device)


def measurements(
    architecture: Architecture, channels: int, classes: int, settings: Iterable[Mapping]
) -> Iterator[dict[str, object]]:
    """Rows of a table: a network timed in several settings, each with what `measure` is told and with `device`.

    Settings of a GPU are left out where there is none. A single image is timed in inference only: batch norm cannot
    train on one.
    """
    for setting in settings:
        if is_there(setting["device"]):
            timed = measure(architecture, channels, classes, **{"training": setting["batch"] > 1, **setting})
            yield {"processor": setting["device"]} | timed.columns()


def is_there(device: str) -> bool:
    """Whether this machine has a device, `cpu` or `cuda`."""
    return device == "cpu" or torch.cuda.is_available()


def machine(device: torch.device) -> str:
    """The GPU's name; for a CPU its model, as the system calls it, and the instructions that torch uses."""
    if device.type == "cuda":
        return device_name(device)
    return f"{_processor()} ({device_name(device)})"


def _processor() -> str:
    information = Path("/proc/cpuinfo")  # Linux only; platform.processor() is empty or just the architecture there
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or "CPU")


def _inference(network: torch.nn.Module, images: torch.Tensor, arithmetic: Arithmetic) -> Callable[[], None]:
    def one_pass() -> None:
        network.eval()
        with torch.inference_mode(), arithmetic():
            network(images)

    return one_pass


def _training_step(
    network: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor, arithmetic: Arithmetic
) -> Callable[[], None]:
    # rate 0: the arithmetic is that of a step, and weights that see one batch again and again do not overflow
    optimiser = torch.optim.SGD(network.parameters(), lr=0.0, momentum=0.9, nesterov=True, weight_decay=5e-5)

    def one_step() -> None:
        network.train()
        optimiser.zero_grad(set_to_none=True)
        with arithmetic():
            loss = functional.cross_entropy(network(images), labels)
        loss.backward()
        optimiser.step()

    return one_step


def _quartiles(
    one_pass: Callable[[], None], device: torch.device, repeats: int, warmup: int
) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile of the milliseconds of a pass."""
    milliseconds = []
    for _ in range(warmup + repeats):
        _wait(device)
        start = time.perf_counter()
        one_pass()
        _wait(device)
        milliseconds.append(1000 * (time.perf_counter() - start))
    low, median, high = np.quantile(milliseconds[warmup:], [0.25, 0.5, 0.75])
    return float(low), float(median), float(high)


def _launches(graphs: Graphs) -> str:
    """How a GPU was given its passes; nothing for a CPU."""
    if not graphs.usable and not graphs.refused:
        return ""
    return ", single kernels" if graphs.refused else ", graph replays"


def _wait(device: torch.device) -> None:
    """Until the device has computed all that it was given; a CPU always has."""
    if device.type == "cuda":
        torch.cuda.synchronize()
