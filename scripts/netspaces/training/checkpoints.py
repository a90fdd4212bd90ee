"""Checkpoints: the state of a run in a file beside its record to be, from which a run that was stopped goes on."""

import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from netspaces.files import write_atomically
from netspaces.training.run import Run


def save(run: Run, checkpoint: Path) -> None:
    """Write the state of a run, whole or not at all. The file is named after the run's key and notes it."""
    content = serialised({"key": checkpoint.stem} | run.state())
    write_atomically(checkpoint, lambda file: file.write(content))


def serialised(state: Mapping) -> memoryview:
    """The bytes of a checkpoint. In memory first: torch hides the reason when a file cannot be written."""
    content = io.BytesIO()
    torch.save(state, content)
    return content.getbuffer()


def start_or_resume(start: Callable[[], Run], checkpoint: Path) -> Run:
    """A run, continued from its checkpoint if it has one; a damaged or foreign one is set aside with a warning."""
    run = start()
    try:
        state = torch.load(checkpoint, map_location=run.device, weights_only=True)
        if state["key"] != checkpoint.stem:
            raise ValueError(f"it is of run {state['key']}")
        run.restore(state)
    except FileNotFoundError:
        pass
    except Exception as error:  # torch raises many types for a truncated or foreign file
        aside = checkpoint.with_suffix(".damaged")
        checkpoint.replace(aside)
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        warnings.warn(f"{checkpoint}: damaged ({reason}), now {aside.name}; training starts over", stacklevel=2)
        return start()
    return run
