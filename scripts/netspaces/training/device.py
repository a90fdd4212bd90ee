"""The process that trains: its allocator, threads and device, the signals that stop it, what it ran on."""

import ctypes
import gc
import os
import platform
import resource
import signal
import sys
from contextlib import suppress

import torch

from netspaces.training.recipe import AUTO


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


def set_up_device(device: str, precision: str = "fp32") -> None:
    """Make a GPU compute the same each time; with the precision tf32 it multiplies in that, else in full fp32.

    Raises ValueError if it is asked for and there is none.
    """
    if device == "cpu":
        return
    if not torch.cuda.is_available():
        raise ValueError(f"device is {device}, but torch finds no GPU here; expected one, or device: cpu")
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"


def precision_on(device: torch.device, asked: str) -> str:
    """The precision that a recipe's `precision` means on a device: itself, or for `auto` what pays there.

    That is bf16 on a CPU with instructions for it and fp32 on any other device (docs/performance.md, Precision). A CPU
    has no tf32 and computes in fp32.
    """
    if asked == "tf32" and device.type == "cpu":
        return "fp32"
    if asked != AUTO:
        return asked
    has = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return "bf16" if has.get("avx512_bf16") or has.get("amx_bf16") else "fp32"


class Interrupted(SystemExit):
    """Raised when a signal asked the run to stop, after its checkpoint was written."""


class StopRequest:
    """Remembers SIGTERM and SIGUSR1 (a cluster's warning), so that the loop can stop between two steps.

    The processes `told`, by number, are sent the same signal.
    """

    def __init__(self) -> None:
        self.signal, self.told = 0, []
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.signal = number
        for process in self.told:
            with suppress(ProcessLookupError):
                os.kill(process, number)


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
