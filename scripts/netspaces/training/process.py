"""The process that trains: its allocator and threads, and the signals that stop it."""

import ctypes
import gc
import os
import platform
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch


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


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch compute with one thread, and then with as many as before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


class Interrupted(SystemExit):
    """Raised when a signal asked the run to stop, after its checkpoint was written."""


class StopRequest:
    """Remembers SIGTERM, SIGINT (Ctrl-C) and SIGUSR1 (a cluster's warning): the loop stops between two steps.

    The processes `workers`, by number, are sent the same signal.
    """

    def __init__(self) -> None:
        self.signal = 0
        self.workers: list[int] = []
        for number in STOPPING:
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.signal = number
        for process in self.workers:
            with suppress(ProcessLookupError):
                os.kill(process, number)
