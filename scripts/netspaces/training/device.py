"""The device that trains: what it is set to, in which precision it computes, its memory and its name."""

import os
import platform
import resource
import sys
from collections.abc import Iterable
from pathlib import Path

import torch

from netspaces.training.recipe import AUTO

WITH_TF32 = (8, 0)  # compute capability of the first GPUs that multiply in it


def set_up_device(device: str, precision: str = "fp32") -> None:
    """Make a GPU compute the same each time; with the precision tf32 it multiplies in that, else in full fp32.

    `precision` is a recipe's, `auto` included. cuBLAS and the driver read their variables at the first call to the
    device: one workspace of a fixed size for each stream, which reproducible sums need, and as many queues as lanes
    may fill. Raises ValueError if a GPU is asked for and there is none.
    """
    if device == "cpu":
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("CUDA_DEVICE_MAX_CONNECTIONS", "32")
    if not torch.cuda.is_available():
        built_for_gpus = torch.version.cuda or torch.version.hip
        why = "finds no GPU here; expected one" if built_for_gpus else "is built for CPUs; expected another build"
        raise ValueError(f"device is {device}, but torch {torch.__version__} {why}, or device: cpu")
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    in_tf32 = precision_on(torch.device(device), precision) == "tf32"
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = in_tf32


def precision_on(device: torch.device, asked: str) -> str:
    """The precision that a recipe's `precision` means on a device: itself, or for `auto` what pays there.

    That is bf16 on a CPU with instructions for it, tf32 on a GPU that has it, as in a plain loop of torch, and fp32 on
    any other device (docs/explanation/performance.md, Precision). A CPU has no tf32 and computes in fp32.
    """
    if asked == "tf32" and device.type == "cpu":
        return "fp32"
    if asked != AUTO:
        return asked
    if device.type == "cuda":
        return "tf32" if torch.cuda.get_device_capability(device) >= WITH_TF32 else "fp32"
    has = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return "bf16" if has.get("avx512_bf16") or has.get("amx_bf16") else "fp32"


def device_name(device: torch.device) -> str:
    """The GPU's name; for a CPU its architecture and the instructions torch uses, which the last digits depend on."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


def peak_memory_mb(device: torch.device) -> float:
    """Peak memory of the process in MiB: of its tensors on a GPU, other lanes' too; since its start on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    units_per_mb = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units_per_mb


def fits(sizes: Iterable[int], share: float, device: torch.device) -> bool:
    """Whether images of so many bytes fit a share of the device's free memory."""
    return sum(sizes) <= share * free_memory(device)


def free_memory(device: torch.device) -> int:
    """Bytes that this process may still take: of a GPU, or of the host and the job's control groups on it."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + unused
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
        free = [int(lines["MemAvailable"].split()[0]) * 1024]
        group = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()[-1].split(":")[2].strip("/")
    except (OSError, KeyError, ValueError, IndexError):
        return 2**32  # a system that does not say
    for folder in (folder for folder in (Path("/sys/fs/cgroup") / group, *(Path("/sys/fs/cgroup") / group).parents)):
        try:
            free.append(
                int((folder / "memory.max").read_text(encoding="utf-8"))
                - int((folder / "memory.current").read_text(encoding="utf-8"))
            )
        except (OSError, ValueError):  # not there, or "max"
            continue
    return max(0, min(free))
