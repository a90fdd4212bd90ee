"""Images on their way to a network: on its device from the start where they fit, else copied there batch by batch.

Both ways give the same bits. Batches are gathered, decoded and copied some steps ahead by a thread.
"""

import math
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from netspaces.data.datasets import Split

MEMORY_SHARE = {"auto": 0.5, "always": math.inf, "never": 0.0}
"""By the configuration's `data_on_device`: the share of the device's free memory that images may take."""

AHEAD = 3  # batches that are loaded before they are needed
Rows = torch.Tensor | slice


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
    """Images on the device, prepared once; `images[rows]` gives those that rows, a slice or indices, name."""

    def __init__(self, split: Split, device: torch.device, prepare: Callable = as_they_are):
        self.images = prepare(_pixels(_source(split), slice(None)).to(device))
        self.index_device = device

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: Rows) -> torch.Tensor:
        return self.images[rows]

    def ahead(self, plan: Iterable[Rows]) -> Iterator[Rows]:
        """The rows of the plan, one batch after another."""
        return iter(plan)


class Streamed:
    """Images on the host; `images[rows]` copies a batch to the device and prepares it.

    A batch that comes from `ahead` has been copied meanwhile.
    """

    index_device = torch.device("cpu")

    def __init__(self, split: Split, device: torch.device, prepare: Callable = as_they_are):
        self.images, self.device, self.prepare = _source(split), device, prepare
        self.thread = ThreadPoolExecutor(1)
        self.stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        self.coming: deque[tuple[Rows, Future]] = deque()

    def __len__(self) -> int:
        return self.images.shape[0]

    def __getitem__(self, rows: Rows) -> torch.Tensor:
        expected = self.coming and self.coming[0][0] is rows
        batch, copied = self.coming[0][1].result() if expected else self._load(rows)
        if copied is not None:
            current = torch.cuda.current_stream(self.device)
            current.wait_event(copied)
            batch.record_stream(current)
        return self.prepare(batch)

    def ahead(self, plan: Iterable[Rows]) -> Iterator[Rows]:
        """The rows of the plan, one batch after another; the images of those to come are loaded meanwhile."""
        plan, self.coming = iter(plan), deque()
        try:
            while True:
                for rows in plan:
                    self.coming.append((rows, self.thread.submit(self._load, rows)))
                    if len(self.coming) > AHEAD:
                        break
                if not self.coming:
                    return
                yield self.coming[0][0]
                self.coming.popleft()
        finally:
            for _, future in self.coming:
                future.cancel()
            self.coming.clear()

    def _load(self, rows: Rows) -> tuple[torch.Tensor, "torch.cuda.Event | None"]:
        """A batch on the device, and the event that says when the copy is complete."""
        pixels = _pixels(self.images, rows)
        if self.stream is None:
            return pixels.to(self.device), None
        with torch.cuda.stream(self.stream):
            batch = pixels.pin_memory().to(self.device, non_blocking=True)
            return batch, self.stream.record_event()


def _source(split: Split) -> object:
    """A split's images by row: an array as a tensor of the same memory, or what decodes them."""
    if not isinstance(split.images, np.ndarray):
        return split.images
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nor is it written to
        return torch.from_numpy(split.images)  # its indexing lets go of the interpreter's lock; numpy's does not


def _pixels(source: object, rows: Rows) -> torch.Tensor:
    """Images on the host as a uint8 tensor (n, height, width, channels); a slice of an array is not copied."""
    if isinstance(source, torch.Tensor):
        return source[rows]
    return torch.from_numpy(source[rows if isinstance(rows, slice) else rows.numpy()])


def fits(sizes: Iterable[int], share: float, device: torch.device) -> bool:
    """Whether images of so many bytes fit a share of the device's free memory."""
    return sum(sizes) <= share * free_memory(device)


def free_memory(device: torch.device) -> int:
    """Bytes that this process may still take: of a GPU, or of the host and the job's control groups on it."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + unused
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        free = [int(lines["MemAvailable"].split()[0]) * 1024]
        group = Path("/proc/self/cgroup").read_text().splitlines()[-1].split(":")[2].strip("/")
    except (OSError, KeyError, ValueError, IndexError):
        return 2**32  # a system that does not say
    for folder in (folder for folder in (Path("/sys/fs/cgroup") / group, *(Path("/sys/fs/cgroup") / group).parents)):
        try:
            free.append(int((folder / "memory.max").read_text()) - int((folder / "memory.current").read_text()))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return max(0, min(free))
