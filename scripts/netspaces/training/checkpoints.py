"""Checkpoints: the state of a run in a file beside its record to be, from which a run that was stopped goes on.

The file begins with a digest of the rest, which is checked before torch sees a byte: a damaged state would train on
into other numbers, and decoding it can end the process.
"""

import hashlib
import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import torch

from netspaces.files.safe import DamagedFile, OneLineError, check_regular, set_aside, write_atomically
from netspaces.training.run import Run

MARK = b"netspaces checkpoint 1, sha256 "
"""What a checkpoint begins with; its number is raised when the state of a run gets other parts."""


class CheckpointNotUsable(OneLineError):
    """A whole checkpoint that cannot be used now, as when memory is short; it is kept."""

    def __init__(self, checkpoint: Path, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        super().__init__(
            f"{checkpoint} cannot be used now ({reason}) and is kept: run again where it can, or remove it"
        )


def save(run: Run, checkpoint: Path) -> None:
    """Write the state of a run, whole or not at all. The file is named after the run's key and notes it."""
    content = serialised({"key": checkpoint.stem} | run.state())

    def write(file: BinaryIO) -> None:
        file.write(heading(content))
        file.write(content)

    write_atomically(checkpoint, write)


def serialised(state: Mapping) -> memoryview:
    """The bytes of a state. In memory first: torch hides the reason when a file cannot be written."""
    content = io.BytesIO()
    torch.save(state, content)
    return content.getbuffer()


def heading(content: bytes | memoryview) -> bytes:
    """The line before a state: what the file is, and the digest of the state."""
    return MARK + hashlib.sha256(content).hexdigest().encode() + b"\n"


def read(checkpoint: Path, device: torch.device | str = "cpu") -> dict:
    """The state in a checkpoint, its tensors on a device.

    Raises DamagedFile if the file is not as `save` wrote it, or is of another run; FileNotFoundError and other
    OSErrors as they come; what torch raises when a whole state cannot be loaded now, as when memory is short.
    """
    check_regular(checkpoint, "a checkpoint")
    with open(checkpoint, "rb") as file:
        given, content = file.read(len(MARK) + 65), file.read()
    if not given.startswith(MARK):
        raise DamagedFile(checkpoint, "it does not begin as a checkpoint of this version does")
    if given != heading(content):
        raise DamagedFile(checkpoint, "its digest is not that of its contents")
    try:
        state = torch.load(io.BytesIO(content), map_location=device, weights_only=True)
    except pickle.UnpicklingError:
        raise DamagedFile(checkpoint, "it holds more than the state of a run") from None
    if state["key"] != checkpoint.stem:
        raise DamagedFile(checkpoint, f"it is of run {state['key']}")
    return state


def start_or_resume(start: Callable[[], Run], checkpoint: Path) -> tuple[Run, bool]:
    """A run, and whether it goes on from a checkpoint; a damaged or foreign one is set aside with a warning.

    Raises CheckpointNotUsable for a whole one that cannot be used now; OSError for one that cannot be read.
    """
    run = start()
    try:
        run.restore(read(checkpoint, run.device))
    except FileNotFoundError:
        return run, False
    except DamagedFile as error:
        set_aside(error, "training starts over")
        return run, False
    except OSError:
        raise
    except Exception as error:  # of memory or the device: the file is whole
        raise CheckpointNotUsable(checkpoint, error) from error
    return run, True
