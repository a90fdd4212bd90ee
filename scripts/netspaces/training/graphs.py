"""CUDA graphs: work of a GPU that is recorded once and then given to it by a single call of the host.

A training step of a small network is a thousand kernels, and launching them takes longer than computing them.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import suppress

import torch

from netspaces.files.safe import OneLineWarning

SINGLY = "a GPU's steps could not be recorded and are taken kernel by kernel, more slowly, with the same results"
WARM = 3
"""How often work is done as usual before it is recorded: cuDNN looks for its plans, and libraries are loaded."""


class Graphs:
    """The recorded work of one training. Its graphs share a stream and their memory, and end with it.

    Work is a function of no arguments that reads and changes tensors on the device in place, asks for none of their
    values, and leaves everything else as it is. Where it cannot be recorded, it is done as usual from then on, with the
    same results, and a warning says so. `recorded` counts the graphs, `refused` is why one could not be recorded.
    """

    def __init__(self, device: torch.device) -> None:
        self.graphs: dict[Hashable, torch.cuda.CUDAGraph] = {}
        self.done: Counter[Hashable] = Counter()
        self.usable, self.refused = device.type == "cuda", ""

    @property
    def recorded(self) -> int:
        """How many pieces of work have a graph."""
        return len(self.graphs)

    def do(self, what: Hashable, work: Callable[[], None]) -> None:
        """Do some work, by its graph if it has one; `what` tells it from other work of the same training."""
        if self.usable and what not in self.graphs and self.done[what] >= WARM:
            try:
                self.graphs[what] = self.record(work)
            except RuntimeError as error:  # it asked for a value, or does what a graph cannot hold
                self.usable, self.refused = False, str(error).splitlines()[0]
                warnings.warn(OneLineWarning(f"{SINGLY}: {self.refused}"), stacklevel=2)
        if what in self.graphs:
            self.graphs[what].replay()
        else:
            work()
            self.done[what] += 1

    def record(self, work: Callable[[], None]) -> "torch.cuda.CUDAGraph":
        """The graph of some work, which is not done meanwhile.

        `torch.cuda.graph` would wait for the whole device, so for all other lanes, and empty the allocator's cache.
        """
        graph = torch.cuda.CUDAGraph()
        first = next(iter(self.graphs.values()), None)
        graph.capture_begin(None if first is None else first.pool(), capture_error_mode="thread_local")
        try:
            work()
        except BaseException:
            with suppress(RuntimeError):  # which says again that the recording is void
                graph.capture_end()
            raise
        graph.capture_end()
        return graph
