"""Where the images of a training lie: on the network's device from the start, or on the host.

Those on the host are gathered, decoded and copied to the device batch by batch, some steps ahead, by a thread. Both
ways give the same bits. The networks of a process share what lies on a device.
"""

import math
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch.nn import functional

from netspaces.data.datasets import Split

if TYPE_CHECKING:
    from netspaces.data.jpeg import JpegImages

AHEAD = 3  # batches that are loaded before they are needed
KEPT = 3  # splits of images that stay on a device when no network uses them, those of the last one: a dataset has three
Rows = TypeVar("Rows", torch.Tensor, slice)

Form = tuple[tuple[float, ...], tuple[float, ...], int] | None
"""The form of images: normalised by a mean and a deviation per channel, of a resolution; None for images as stored."""


def normalised(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor, resolution: int) -> torch.Tensor:
    """Images (n, height, width, channels) as floats (n, channels, resolution, resolution), channels last."""
    images = images.float().div_(255).sub_(mean).div_(std).permute(0, 3, 1, 2)
    if images.shape[-1] != resolution:
        images = functional.interpolate(images, size=resolution, mode="bilinear", antialias=True)
    return images.contiguous(memory_format=torch.channels_last)


def as_they_are(images: torch.Tensor) -> torch.Tensor:
    """Images that need no preparation."""
    return images


class Resident:
    """Images on the device, prepared once. `index_device` is where rows of them lie best."""

    def __init__(self, split: Split, device: torch.device, prepare: Callable = as_they_are) -> None:
        self.split, self.index_device = split, device
        self.images = prepare(_pixels(_source(split), slice(None)).to(device))
        self.there = torch.cuda.current_stream(device).record_event() if device.type == "cuda" else None

    def batches(self, plan: Iterable[Rows]) -> Iterator[tuple[Rows, torch.Tensor]]:
        """The rows, slices or indices on the device, of each batch of a plan, and its images."""
        for rows in plan:
            yield rows, self.images[rows]

    def used_by_present_stream(self) -> None:
        """Its work waits until the images are there, and their memory is not given away before this work is done."""
        if self.there is not None:
            stream = torch.cuda.current_stream(self.index_device)
            stream.wait_event(self.there)
            self.images.record_stream(stream)


_all: "WeakValueDictionary[tuple, Resident]" = WeakValueDictionary()
_last: "deque[Resident]" = deque(maxlen=KEPT)


def _identity(split: Split, device: torch.device, form: Form) -> tuple:
    return id(split), device, form  # a split lives as long as its images on a device, so no other has its number


def is_resident(split: Split, device: torch.device, form: Form) -> bool:
    """Whether images of this form lie on the device already."""
    return _identity(split, device, form) in _all


def resident(split: Split, device: torch.device, form: Form, prepare: Callable = as_they_are) -> Resident:
    """The images of a split on a device, which all networks of the process share; `prepare` brings them into a form."""
    images = _all.get(_identity(split, device, form))
    if images is None:
        images = _all[_identity(split, device, form)] = Resident(split, device, prepare)
    images.used_by_present_stream()
    if images in _last:
        _last.remove(images)
    _last.append(images)
    return images


def size_of(split: Split, form: Form) -> int:
    """Bytes that the images of a split take on a device: floats, or uint8 as they are stored."""
    shape = split.images.shape
    return math.prod(shape) if form is None else 4 * shape[0] * shape[-1] * form[2] ** 2


class Streamed:
    """Images on the host, of which batches are copied to the device and prepared there."""

    index_device = torch.device("cpu")

    def __init__(self, split: Split, device: torch.device, prepare: Callable = as_they_are) -> None:
        self.images, self.device, self.prepare = _source(split), device, prepare
        self.thread = ThreadPoolExecutor(1)
        self.stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def batches(self, plan: Iterable[Rows]) -> Iterator[tuple[Rows, torch.Tensor]]:
        """As `Resident.batches`; the images of batches to come are loaded meanwhile."""
        remaining = iter(plan)
        coming: deque[Future[tuple[Rows, torch.Tensor, torch.cuda.Event | None]]] = deque()
        try:
            while True:
                for rows in islice(remaining, AHEAD + 1 - len(coming)):
                    coming.append(self.thread.submit(self._load, rows))
                if not coming:
                    return
                yield self._prepared(*coming.popleft().result())
        finally:
            for loading in coming:
                loading.cancel()

    def _load(self, rows: Rows) -> tuple[Rows, torch.Tensor, "torch.cuda.Event | None"]:
        """Rows and images of a batch on the device, and the event that says when the copies are complete."""
        pixels = _pixels(self.images, rows)
        if self.stream is None:
            return rows, pixels.to(self.device), None
        with torch.cuda.stream(self.stream):
            return self._copied(rows), self._copied(pixels), self.stream.record_event()

    def _copied(self, values: Rows) -> Rows:
        """A tensor on the device as soon as the copy is complete; a slice as it is."""
        return values if isinstance(values, slice) else values.pin_memory().to(self.device, non_blocking=True)

    def _prepared(
        self, rows: Rows, batch: torch.Tensor, copied: "torch.cuda.Event | None"
    ) -> tuple[Rows, torch.Tensor]:
        if copied is not None:
            current = torch.cuda.current_stream(self.device)
            current.wait_event(copied)
            for values in (rows, batch):
                if isinstance(values, torch.Tensor):
                    values.record_stream(current)
        return rows, self.prepare(batch)


def _source(split: Split) -> "torch.Tensor | JpegImages":
    """A split's images by row: an array as a tensor of the same memory, or what decodes them."""
    if not isinstance(split.images, np.ndarray):
        return split.images
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nor is it written to
        return torch.from_numpy(split.images)  # its indexing lets go of the interpreter's lock; numpy's does not


def _pixels(source: "torch.Tensor | JpegImages", rows: torch.Tensor | slice) -> torch.Tensor:
    """Images on the host as a uint8 tensor (n, height, width, channels); a slice of an array is not copied."""
    if isinstance(source, torch.Tensor):
        return source[rows]
    return torch.from_numpy(source[rows if isinstance(rows, slice) else rows.numpy()])
