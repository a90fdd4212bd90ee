"""What every script of the workflow does at its start: keep a log, and end an expected error with one line."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path


@contextmanager
def job(log: str | Path) -> Iterator[None]:
    """Send what the job prints to its log; an expected error (ValueError, OSError) ends in one line on stderr."""
    terminal = sys.stderr
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", buffering=1) as file, redirect_stdout(file), redirect_stderr(file):
        try:
            yield
        except (ValueError, OSError) as error:
            traceback.print_exc()
            print(f"error: {str(error) or type(error).__name__}".splitlines()[0], file=terminal, flush=True)
            sys.exit(1)
        except BaseException:
            traceback.print_exc()
            raise
