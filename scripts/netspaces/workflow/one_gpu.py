"""One GPU for one job: the GPUs of a machine are dealt to the jobs that run on it, of whatever user and snakemake.

A job that has a GPU holds a lock of the GPU's name until its process and all processes forked from it have ended,
however they end. The lock is a name that a socket is bound to: Linux keeps such names itself (unix(7), abstract
sockets), so there is no folder that two users would have to share and no file that a killed job could leave behind.
"""

import errno
import os
import socket
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from netspaces.files.safe import OneLineWarning
from netspaces.workflow.gpus import VARIABLE, Gpu, NoGpu, visible_gpus

PREFIX = "\0netspaces-gpu/"  # a name that begins with the character 0 is in no folder
SECONDS = 1.0  # between two looks for a free GPU


@contextmanager
def one_gpu(*devices: str) -> Iterator[None]:
    """Have a GPU alone while a job computes, if it computes on `cuda`; the process then sees no other one.

    To be entered before the first call to a device. If all GPUs are held by other jobs it waits, and says so. It leaves
    things as they are where there is no GPU, which whoever needs one will say, and where SLURM has assigned one.

    Parameters
    ----------
    devices : that the job computes on, each "cpu" or "cuda".
    """
    gpus = [] if "cuda" not in devices or _assigned_by_slurm() else _gpus()
    if not gpus:
        yield
        return
    gpu, lock = _take(gpus)
    print(f"GPU {gpu.number} ({gpu.name}) {gpu.id}")
    if gpu.id:
        os.environ[VARIABLE] = gpu.id
    with lock:
        yield


def lock_of(gpu: Gpu) -> socket.socket | None:
    """The lock of a GPU, held until it is closed in all processes that have it; None if another one holds it."""
    lock = socket.socket(socket.AF_UNIX)
    try:
        lock.bind(PREFIX + (gpu.id or os.environ.get("HIP_VISIBLE_DEVICES", "0")))
    except OSError as error:
        lock.close()
        if error.errno != errno.EADDRINUSE:
            raise
        return None
    return lock


def _assigned_by_slurm() -> bool:
    """Whether this job is one of SLURM's that was given one GPU, perhaps to share it with jobs of SLURM's choice."""
    return "SLURM_JOB_ID" in os.environ and "," not in os.environ.get(VARIABLE, ",")


def _gpus() -> list[Gpu]:
    try:
        return visible_gpus()
    except NoGpu:
        return []


def _take(gpus: Sequence[Gpu]) -> tuple[Gpu, socket.socket]:
    """The first free one of some GPUs, as soon as there is one."""
    taken = _free(gpus)
    if not taken:
        busy = "the GPU is" if len(gpus) == 1 else f"all {len(gpus)} GPUs are"
        warnings.warn(OneLineWarning(f"{busy} held by other jobs of netspaces: waiting for one to end"), stacklevel=2)
    while not taken:
        time.sleep(SECONDS)
        taken = _free(gpus)
    return taken


def _free(gpus: Sequence[Gpu]) -> tuple[Gpu, socket.socket] | None:
    """The first of some GPUs that nobody holds, now held."""
    for gpu in gpus:
        if lock := lock_of(gpu):
            return gpu, lock
    return None
