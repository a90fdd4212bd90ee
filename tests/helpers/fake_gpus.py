"""A machine with GPUs, as far as it can be had without one: a program `nvidia-smi` that lists them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4


def uuids(count: int) -> list[str]:
    """UUIDs of GPUs that no other test has: locks are those of the whole machine."""
    return [f"GPU-{uuid4()}" for _ in range(count)]


def listing(gpus: Sequence[str], name: str = "NVIDIA H100 80GB HBM3") -> str:
    """What `nvidia-smi --list-gpus` prints of GPUs with some UUIDs."""
    return "".join(f"GPU {number}: {name} (UUID: {gpu})\n" for number, gpu in enumerate(gpus))


def fake_program(folder: Path, text: str = "", before: str = "", code: int = 0) -> Path:
    """Write a program `nvidia-smi` that prints a text, after some shell commands `before`; returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "listing").write_text(text)
    program = folder / "nvidia-smi"
    program.write_text(f'#!/bin/sh\n[ "$1" = --list-gpus ] || exit 2\n{before}\ncat "{folder}/listing"\nexit {code}\n')
    program.chmod(0o755)
    return folder
