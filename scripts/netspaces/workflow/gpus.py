"""The GPUs that jobs on this machine may use, found without torch, which takes seconds to load.

`nvidia-smi` lists them, with the slices (MIG) of those that are divided. Where it does not answer, the device files are
counted. `CUDA_VISIBLE_DEVICES` chooses among them, by their numbers in `nvidia-smi` or by their UUIDs.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob

from netspaces.files.safe import OneLineError

VARIABLE = "CUDA_VISIBLE_DEVICES"
HIDING = ("", "-1", "NoDevFiles")  # its values by which people, and SLURM, hide all GPUs
NUMBERED = "/dev/nvidia[0-9]*"
UNCOUNTED = ("/dev/kfd", "/dev/dxg")  # of AMD, and of Linux within Windows
PATIENCE = 30.0  # seconds: a driver that was not in use starts all its GPUs first
WHOLE = re.compile(r"GPU (?P<number>\d+): (?P<name>.+) \(UUID: (?P<id>\S+)\)")
SLICE = re.compile(r"\s+(?P<name>MIG \S+)\s+Device\s+\d+: \(UUID: (?P<id>\S+)\)")


class NoGpu(OneLineError):
    """There is no GPU that jobs may use; the message says why, without a subject."""


@dataclass(frozen=True)
class Gpu:
    """A GPU, or a slice of one, that one job can have for itself.

    Parameters
    ----------
    id : the value of `CUDA_VISIBLE_DEVICES` by which a process sees this one alone; empty if none does.
    number : of the GPU, as `nvidia-smi` counts.
    name : what it is.
    whole : UUID of the GPU that a slice is of; else empty.
    """

    id: str
    number: int
    name: str
    whole: str = ""


def visible_gpus() -> list[Gpu]:
    """The GPUs of this machine that `CUDA_VISIBLE_DEVICES` leaves to jobs, in its order; raises NoGpu if none."""
    chosen = os.environ.get(VARIABLE)
    if chosen is not None and chosen.strip() in HIDING:
        raise NoGpu(f"{VARIABLE}={chosen} hides all GPUs")
    gpus = parse_list(_ask_driver()) or [Gpu(str(i), i, "NVIDIA") for i in range(len(glob(NUMBERED)))]
    if not gpus and any(map(os.path.exists, UNCOUNTED)):
        return [Gpu("", 0, "of another maker, or within Windows")]
    if not gpus:
        raise NoGpu("this machine has no GPU")
    return gpus if chosen is None else choose(chosen, gpus)


def has_gpu() -> bool:
    """Whether this machine has a GPU that jobs may use."""
    try:
        return bool(visible_gpus())
    except NoGpu:
        return False


def parse_list(text: str) -> list[Gpu]:
    """The GPUs that `nvidia-smi --list-gpus` prints; one that is divided is replaced by its slices.

    >>> parse_list("GPU 0: NVIDIA A100 (UUID: GPU-5d5b)")
    [Gpu(id='GPU-5d5b', number=0, name='NVIDIA A100', whole='')]
    """
    gpus: list[Gpu] = []
    for line in text.splitlines():
        if found := WHOLE.match(line):
            whole = Gpu(found["id"], int(found["number"]), found["name"])
            gpus.append(whole)
        elif gpus and (found := SLICE.match(line)):
            gpus = [gpu for gpu in gpus if gpu is not whole]
            gpus.append(Gpu(found["id"], whole.number, f"{found['name']} of {whole.name}", whole.id))
    return gpus


def choose(chosen: str, gpus: Sequence[Gpu]) -> list[Gpu]:
    """Those of some GPUs that a value of `CUDA_VISIBLE_DEVICES` names, in its order.

    An entry is a number, or a UUID or its beginning; that of a divided GPU stands for all of its slices. Where only
    device files were counted, UUIDs are taken as they are. Raises NoGpu if an entry names none of the GPUs, or one
    twice, where CUDA would take what stands before or nothing.
    """
    found: list[Gpu] = []
    for entry in chosen.split(","):
        named = _named(entry.strip(), gpus)
        if not named:
            numbers = ", ".join(str(number) for number in dict.fromkeys(gpu.number for gpu in gpus))
            raise NoGpu(f"{VARIABLE}={chosen} names {entry.strip() or 'nothing'}, which is none of the GPUs {numbers}")
        if set(named) & set(found):
            raise NoGpu(f"{VARIABLE}={chosen} names a GPU twice")
        found += named
    return found


def describe(gpus: Sequence[Gpu]) -> str:
    """GPUs for people: how many, and the numbers of each kind.

    >>> describe([Gpu("GPU-a", 0, "NVIDIA A100"), Gpu("GPU-c", 2, "NVIDIA A100")])
    '2 GPUs (NVIDIA A100: 0, 2)'
    """
    numbers: dict[str, list[str]] = {}
    for gpu in gpus:
        numbers.setdefault(gpu.name, []).append(str(gpu.number))
    kinds = "; ".join(f"{name}: {', '.join(of_kind)}" for name, of_kind in numbers.items())
    return f"{len(gpus)} GPU{'s' if len(gpus) > 1 else ''} ({kinds})"


def _named(entry: str, gpus: Sequence[Gpu]) -> list[Gpu]:
    """The GPUs that an entry of `CUDA_VISIBLE_DEVICES` names; none if it may mean several."""
    if entry.isdecimal():
        return [gpu for gpu in gpus if gpu.number == int(entry)]
    if not entry.startswith(("GPU-", "MIG-")):
        return []
    if all(gpu.id.isdecimal() for gpu in gpus):
        return [Gpu(entry, 0, "NVIDIA")]
    named = [gpu for gpu in gpus if gpu.id.startswith(entry) or gpu.whole.startswith(entry)]
    return named if len({gpu.whole or gpu.id for gpu in named}) == 1 else []


def _ask_driver() -> str:
    """What `nvidia-smi --list-gpus` prints; nothing where it is missing or fails.

    One that does not end in time is killed and not waited for: where a driver hangs, it cannot end.
    """
    try:
        asked = subprocess.Popen(
            ["nvidia-smi", "--list-gpus"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError:
        return ""
    try:
        return asked.communicate(timeout=PATIENCE)[0]
    except subprocess.TimeoutExpired:
        asked.kill()
        return ""
