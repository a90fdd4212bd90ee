"""Ctrl-C: a line, and no traceback, whenever it comes and however often.

A terminal sends SIGINT to the engine and to its jobs at the same time. The engine waits for its jobs, which write their
checkpoints; a second Ctrl-C would end that with tracebacks of its own. A job that is still starting, and so has nothing
to keep, just ends.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from netspaces.workflow.versions import fits

SERIES = "9.27"
AGAIN = b"interrupted before: waiting for the jobs, which write their checkpoints\n"
SILENT_UNTIL_THE_JOB_BEGINS = (
    "import signal; signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    " and signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
)

_came = False


def interrupted() -> bool:
    """Whether this process has got SIGINT since `catch_interrupts`."""
    return _came


def catch_interrupts() -> None:
    """From now on the first SIGINT ends what this process does in one line, and further ones are a line each.

    A process that ignores SIGINT, as those that a shell started in the background, still does.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end_once)


def _end_once(number: int, frame: object) -> None:
    global _came
    if _came:
        with suppress(OSError):  # a terminal that has gone
            os.write(2, AGAIN)
        return
    _came = True
    raise SystemExit("interrupted")


def let_starting_jobs_end(say: Callable[[str], object]) -> None:
    """Have SIGINT end a job without a traceback while it imports what it needs (`netspaces.workflow.jobs` takes over).

    With another series of the engine nothing is changed, and `say` says so.
    """
    if not fits("snakemake", SERIES, "the silent end of jobs that are interrupted while they start", say):
        return
    from snakemake.script import PythonScript

    get_preamble = PythonScript.get_preamble

    def with_default_action(script: PythonScript) -> str:
        return SILENT_UNTIL_THE_JOB_BEGINS + get_preamble(script)

    PythonScript.get_preamble = with_default_action
