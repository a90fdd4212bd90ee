"""What every script of the workflow does first: keep a log, load plug-ins, and end an expected error with one line."""

import io
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Protocol

from netspaces.plugins.loading import load_plugins


class Snakemake(Protocol):
    """What a job needs of the engine's object."""

    log: Sequence[str]
    config: Mapping


@contextmanager
def job(snakemake: Snakemake) -> Iterator[None]:
    """Send what the job prints to its log; an expected error (ValueError, OSError) ends in one line on stderr.

    Parameters
    ----------
    snakemake : the object of this name that the engine gives a script. The job's log is its first one, and the
        plug-ins are those of its configuration.
    """
    terminal = sys.stderr
    print_whatever_comes()
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        open(log, "w", buffering=1, encoding="utf-8", errors="backslashreplace") as file,
        redirect_stdout(file),
        redirect_stderr(file),
    ):
        try:
            load_plugins(snakemake.config.get("plugins", []))
            yield
        except (ValueError, OSError) as error:
            traceback.print_exc()
            print(f"error: {str(error) or type(error).__name__}".splitlines()[0], file=terminal, flush=True)
            sys.exit(1)
        except BaseException:
            traceback.print_exc()
            raise


def print_whatever_comes() -> None:
    """Let a character that the terminal's encoding, or any encoding, lacks be printed as its number, not fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
